"""What is printed, and what is written as JSON."""

import json
from dataclasses import replace

import pytest

from benchmarks.contenders import LOOPS, OTHERS, SCIPY
from benchmarks.document import UnusableError, as_json, from_json
from benchmarks.report import text
from benchmarks.rows import ROWS, in_dtype
from benchmarks.timing import QUICK
from parity_tests.bench.made_up import results, timing
from parity_tests.harness.comparison import Verdict

CONV, *_ = ROWS
LAYERS = [row for row in ROWS if row.suite == "layers"]


@pytest.mark.parametrize("allocators", [["default"], ["default", "tuned"]])
@pytest.mark.parametrize(
    ("names", "seconds"),
    [
        (["scratch", "scratch+fast", LOOPS], 0.0123456),
        (["scratch", "scratch+fast", LOOPS], 12.3456),
        (["scratch"], 12345.6),
        ([LOOPS], 12345.6),
        (["gpu", "torch.cuda"], 0.00123456),
        (["scratch", "scratch:winograd_fast+fast", "scratch:textbook", LOOPS, *OTHERS], 123.456),
        ([*SCIPY], 0.0123456),
    ],
)
def test_80_columns_and_ascii(names, seconds, allocators):
    work = {row.name: dict.fromkeys(row.problem.directions, (10**9, 10**10)) for row in LAYERS}
    ceilings = {"copy": 2e10, "product float32": 1e11}
    found = results(
        *names, seconds=seconds, allocators=allocators, quick=True, others=0.5, work=work, ceilings=ceilings
    )
    written = text(found)
    assert max(map(len, written.splitlines())) <= 80
    assert written.isascii()
    for row in ROWS:
        assert row.name in written


def first_words(found):
    """The verdict, its lines put together again."""
    return " ".join(text(found).partition("\n\n")[0].split())


def test_the_verdict_comes_first():
    said = first_words(results("scratch", "scratch+fast", LOOPS, seconds=2.0, allocators=["default", "tuned"]))
    assert said.startswith(
        "layers: at equal accuracy scratch takes 4.00 x (4.00 x with malloc tuned) the time of torch's best column "
        "(geometric mean of 28 lines), 2.00 x (2.00 x with malloc tuned) that of torch NCHW "
        "scratch loses to torch's best column in 28 of 28 lines with malloc tuned: conv 3x3 64 fwd 4.00 x, "
    )
    assert (
        "layers: with less accuracy scratch+fast takes 2.00 x (2.00 x with malloc tuned) the time of torch NCHW" in said
    )
    assert f"layers: the loops of {LOOPS} take ~1.00 x scratch's time, in convolutions ~1.00 x" in said
    assert "images: at equal accuracy scratch takes 2.00 x" in said  # no channels last there


def test_where_it_loses_and_where_it_does_not():
    rows = [timing(CONV, "forward", name, seconds) for name, seconds in (("torch", 1), ("scratch", 0.5))]
    rows += [timing(CONV, "forward+backward", name, seconds) for name, seconds in (("torch", 1), ("scratch", 3))]
    found = replace(results(), timings=rows)
    assert "scratch loses to torch's best column in 1 of 2 lines: conv 3x3 64 f+b 3.00 x" in first_words(found)
    found = replace(results(), timings=rows[:2])
    assert "scratch loses to torch's best column in none of 1 line" in first_words(found)


def test_a_ratio_that_may_be_below_one_is_no_loss():
    torch = timing(CONV, "forward", "torch", rounds=[1.0, 1.0, 1.0, 1.0, 1.0])
    ours = timing(CONV, "forward", "scratch", rounds=[0.8, 0.9, 1.05, 1.1, 1.2])
    assert "loses to torch's best column in none" in first_words(replace(results(), timings=[torch, ours]))


def test_the_ratio_is_of_the_same_round():
    torch = timing(CONV, "forward", "torch", rounds=[1.0, 2.0, 8.0])
    ours = timing(CONV, "forward", "scratch", rounds=[3.0, 6.0, 24.0])
    written = text(replace(results(), timings=[torch, ours]))
    [line] = [line.split() for line in written.splitlines() if line.startswith("conv 3x3 64") and "%" in line]
    assert line[4:] == ["3.00", "3.00", "0%", "0.20"]  # 6 / 2 would be 3, too, but not without any spread


def test_the_mean_is_geometric():
    pairs = [("forward", 2.0), ("forward+backward", 0.5)]
    timings = [timing(CONV, direction, "scratch", seconds) for direction, seconds in pairs]
    timings += [timing(CONV, direction, "torch") for direction, _ in pairs]
    assert first_words(replace(results(), timings=timings)).startswith("layers: at equal accuracy scratch takes 1.00 x")


def test_precision_that_changes_nothing_is_said_and_has_no_table():
    same = [
        timing(CONV, way, name, same_as="scratch" * (name == "scratch+fast"), ran="" if name == "torch" else "im2col")
        for way in CONV.problem.directions
        for name in ("torch", "scratch", "scratch+fast")
    ]
    written = text(replace(results(), timings=same))
    said = 'scratch+fast computes what scratch does, bit for bit: precision("fast") changes nothing here'
    assert said in first_words(replace(results(), timings=same))
    assert "scratch+fast / torch" not in written
    assert "; ran im2col" in " ".join(written.split())
    half = [replace(each, same_as="") if each.direction == "forward" else each for each in same]
    written = text(replace(results(), timings=half))
    assert "in 1 of 2 lines it changes nothing" in first_words(replace(results(), timings=half))
    assert "scratch+fast / torch" in written
    assert "=1.00" in written


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"quick": True}, "Short rounds are noisy"),
        ({"others": 0.31}, "Other programs took 31% of the CPUs"),
        ({"verdict": Verdict.IMPRECISE}, "scratch is imprecise, so its time does not compare, in conv 3x3 64, "),
    ],
)
def test_what_takes_from_the_verdict_is_said_beneath_it(more, words):
    assert words in first_words(results("scratch", **more))
    assert words not in first_words(results("scratch"))


def test_noisy_ratios_are_counted_and_marked():
    torch = timing(CONV, "forward", "torch", rounds=[1.0] * 5)
    noisy = timing(CONV, "forward", "scratch", rounds=[1.0, 1.2, 1.5, 1.8, 2.0])
    found = replace(results(), timings=[torch, noisy])
    assert "1 of 1 ratios to torch are noisy" in first_words(found)
    assert "?" in next(line for line in text(found).splitlines() if line.startswith("conv 3x3 64") and "%" in line)


def test_the_roofline_counts_whichever_takes_longer():
    ways = {"forward": (10**9, 10**9), "forward+backward": (10**9, 4 * 10**9)}
    found = results(
        "scratch", rows=[CONV], seconds=2.0, work={CONV.name: ways}, ceilings={"copy": 1e9, "product float32": 2e9}
    )
    lines = [line.split() for line in text(found).splitlines() if line.endswith(("  0.50", "  1.00"))]
    assert [line[-1] for line in lines] == ["0.50", "1.00"]  # 1 s of copies; 2 s of products; each in 2 s


def test_json_is_strict_and_complete(tmp_path):
    found = results("scratch", LOOPS, allocators=["default", "tuned"])
    written = as_json(found)
    content = json.loads(written, parse_constant=pytest.fail)
    assert (content["document"], content["schema"], content["agree"]) == ("benchmark", 3, True)
    assert content["implementations"] == ["torch", "torch.channels_last", "scratch", LOOPS]
    assert len(content["timings"]) == len(found.timings)
    assert content["timings"][3] == {
        "suite": "layers",
        "row": "conv 3x3 64",
        "direction": "forward",
        "implementation": LOOPS,
        "allocator": "default",
        "problem": "Conv2d(64, 64, 3, padding=1) on 16x64x56x56, float32",
        "scaled_by": 512.0,
        "seconds": [0.9, 1.0, 1.1],
        "verdict": "accurate",
        "index": 0.2,
        "ran": "",
        "same_as": "",
    }
    file = tmp_path / "bench.json"
    file.write_text(written, "utf-8")
    assert from_json(file) == found


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is not JSON"),
        ("[1]", "has no field 'schema'"),
        ('{"schema": 2, "timings": []}', "is another document of schema 2, not benchmark of schema 3"),
        ('{"schema": 2, "document": "crossover"}', "is crossover of schema 2, not benchmark of schema 3"),
        ('{"schema": 3, "document": "benchmark", "timings": [{}]}', "is damaged"),
    ],
)
def test_what_is_no_such_document(tmp_path, content, words):
    file = tmp_path / "bench.json"
    file.write_text(content, "utf-8")
    with pytest.raises(UnusableError, match=words):
        from_json(file)


def test_a_run_with_the_loops_scaled_up(bench, tmp_path):
    file = tmp_path / "bench.json"
    done = bench("--suite", "layers", "--suite", "models", "-o", str(file))
    assert (done.code, done.err) == (0, "")
    written = json.loads(file.read_text("utf-8"))
    assert done.out.startswith(written["verdict"])
    found = {(each["row"], each["direction"], each["implementation"]): each for each in written["timings"]}
    assert {name for _, _, name in found} >= {"torch", "torch.channels_last", "scratch", "scratch+fast", LOOPS}

    loops = found["conv", "forward", LOOPS]
    assert (loops["problem"], loops["scaled_by"]) == ("Conv2d(2, 3, (3, 2)) on 1x2x4x6, float32", 10)
    assert found["step", "step", LOOPS]["scaled_by"] == found["conv", "forward", "scratch"]["scaled_by"] == 1
    assert found["step", "step", "torch"]["verdict"] is None  # it is the reference there
    assert found["conv", "forward", "scratch"]["ran"] in ("im2col", "one_product", "winograd")
    assert found["step", "step", "scratch"]["ran"]
    assert written["work"]["conv"]["forward"][1] == 2 * 4 * 3 * 5 * 5 * 2 * 3 * 2  # 2 N O outH outW C kH kW
    assert written["ceilings"].keys() == {"copy", "product float32"}

    assert "~ scratch.naive: Conv2d(2, 3, (3, 2)) on 1x2x4x6, float32, times 10" in done.out
    times = {tuple(line.split()[:2]): line.split() for line in done.out.splitlines() if "~" in line}
    assert times["conv", "fwd"][-1].startswith("~")
    assert ("step", "fwd") not in times


def test_a_training(bench, tmp_path):
    file = tmp_path / "bench.json"
    assert bench("--suite", "training", "-o", str(file)).code == 0
    found = {each["implementation"]: each for each in json.loads(file.read_text("utf-8"))["timings"]}
    assert {each["direction"] for each in found.values()} == {"epoch"}
    assert found["scratch"]["problem"] == "lines_cnn, 10 images in batches of 3, float64"
    assert found[LOOPS]["scaled_by"] == pytest.approx(10 / 6)
    assert found["torch"]["verdict"] is None
    assert found["scratch"]["verdict"] in ("exact", "accurate")


def test_the_loops_alone_have_a_table(bench):
    done = bench("--impl", LOOPS, "--filter", "conv")
    assert f"layers: the loops of {LOOPS} take ~" in " ".join(done.out.split())
    assert f"layers: {LOOPS} / torch" in done.out


def test_an_algorithm_by_its_name(bench, tmp_path):
    file = tmp_path / "bench.json"
    done = bench("--impl", "scratch:textbook", "--impl", "scratch:im2col+fast", "--filter", "conv", "-o", str(file))
    assert (done.code, done.err) == (0, "")
    found = {each["implementation"]: each["ran"] for each in json.loads(file.read_text("utf-8"))["timings"]}
    assert (found["scratch:textbook"], found["scratch:im2col+fast"]) == ("textbook", "im2col")
    assert "scratch:textbook / torch" in done.out


def test_json_on_the_screen(bench):
    assert json.loads(bench("--json", "--filter", "conv", "--impl", "scratch").out)["document"] == "benchmark"


def test_a_run_of_images(bench, tmp_path):
    file = tmp_path / "bench.json"
    done = bench("--suite", "images", "-o", str(file))
    assert (done.code, done.err) == (0, "")
    found = {(each["row"], each["implementation"]): each for each in json.loads(file.read_text("utf-8"))["timings"]}
    assert {each["suite"] for each in found.values()} == {"images"}

    everybody = {"torch", "scratch", LOOPS, *OTHERS}
    only_for_products = {"torch.two_passes", "scipy.ndimage.correlate1d"}
    assert {name for row, name in found if row == "product"} == everybody
    assert {name for row, name in found if row == "blur"} == everybody - only_for_products
    assert {each["verdict"] for each in found.values()} <= {"exact", "accurate"}

    blur, product = found["blur", "scratch"], found["product", "scratch"]
    assert (blur["problem"], blur["scaled_by"]) == ("5x5 kernel on 24x25 pixels, float32", 1)
    assert product["problem"] == "separable 7x7 kernel on 24x25 pixels, float64"
    assert 0 < blur["index"] < 1
    assert product["index"] is None  # the oracle is no finer
    assert found["blur", LOOPS]["scaled_by"] == 4
    assert len(found["blur", "scipy.signal.convolve2d"]["seconds"]) == QUICK.few


def test_everybody_in_one_row_the_fastest_first():
    row = next(row for row in ROWS if row.name == "filter 51x51")
    fft, sums = "scipy.signal.fftconvolve", "scipy.signal.convolve2d"
    seconds = {"torch": 8.0, "scratch": 0.5, fft: 1.0, sums: 127.5, LOOPS: 400.0}
    timings = [
        timing(row, "forward", name, its, scaled_by=64.0 if name == LOOPS else 1.0) for name, its in seconds.items()
    ]
    *_, table = (
        part for part in text(replace(results(), timings=timings)).split("\n\n") if "times" in part and "10-90" in part
    )
    above, below, *lines = [line.split() for line in table.splitlines() if "---" not in line]
    assert (above, below) == (["times"], [*row.name.split(), "ms", "scratch", "10-90", "%", "index"])
    assert [line[:3] for line in lines] == [
        ["scratch", "500", "1.00"],
        [fft, "1000", "2.00"],
        ["torch", "8000", "16.0"],
        [sums, "127500", "255"],
        [LOOPS, "~400000", "~800"],
    ]


def test_the_names_of_rows_and_suites_are_different():
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert list(dict.fromkeys(row.suite for row in ROWS)) == ["layers", "more layers", "models", "images", "training"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_all_rows_in_one_dtype_each_once(dtype):
    rows = in_dtype(ROWS, dtype)
    assert {each.dtype for row in rows for each in (row.problem, row.part) if each is not None} == {dtype}
    assert len({row.problem for row in rows}) == len(rows) == len(ROWS) - 2
    assert in_dtype(ROWS, None) == ROWS
