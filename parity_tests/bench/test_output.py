"""What is printed, and what is written as JSON."""

import json

import pytest

from benchmarks.contenders import LOOPS, OTHERS, SCIPY
from benchmarks.measure import Results, Timing
from benchmarks.report import as_json, text
from benchmarks.rows import ROWS
from benchmarks.timing import QUICK
from parity_tests.harness.comparison import Verdict


def timing(row, direction, implementation, seconds=1.0, rival="torch", scaled_by=1.0, verdict=Verdict.ACCURATE):
    return Timing(
        row.suite, row.name, direction, implementation, rival, str(row.problem), scaled_by,
        [0.9 * seconds, seconds, 1.1 * seconds], [0.9 * seconds, seconds, 1.1 * seconds], verdict, 0.2,
    )  # fmt: skip


def results(*names, seconds=1.0, verdict=Verdict.ACCURATE, **more):
    timings = [
        timing(row, direction, name, seconds, "torch", 512.0 if name == LOOPS else 1.0, verdict)
        for row in ROWS
        for direction in row.problem.directions
        for name in ("torch", *names)
        if row.suite == "images" or name not in OTHERS
    ]
    environment = {"CPU": "a processor with a name that goes on and on, and then still does not come to its end @ 3"}
    return Results(timings, [], environment, {"gpu": "no GPU"}, more.get("quick", False), more.get("others"))


@pytest.mark.parametrize(
    ("names", "seconds"),
    [
        (["scratch", LOOPS], 0.0123456),
        (["scratch", LOOPS], 12.3456),
        (["scratch"], 12345.6),
        ([LOOPS], 12345.6),
        (["gpu", "torch.cuda"], 0.00123456),
        (["scratch", LOOPS, *OTHERS], 123.456),
        ([*SCIPY], 0.0123456),
    ],
)
def test_80_columns_and_ascii(names, seconds):
    written = text(results(*names, seconds=seconds, quick=True, others=0.5))
    assert max(map(len, written.splitlines())) <= 80
    assert written.isascii()
    for row in ROWS:
        assert row.name in written


def test_the_verdict_comes_first():
    written = text(results("scratch", LOOPS, *OTHERS, seconds=2.0)).partition("\n\n")[0]
    assert written.splitlines() == [
        "layers: scratch takes 2.00 x torch's time (geometric mean of 12 rows)",
        "layers: scratch.naive takes ~2.00 x torch's time (geometric mean of 12 rows)",
        "images: scratch takes 2.00 x torch's time (geometric mean of 6 rows)",
        "images: scratch.naive takes ~2.00 x torch's time (geometric mean of 6 rows)",
    ]


def test_without_any_of_ours_the_others_have_the_verdict():
    written = text(results("scipy.signal.fftconvolve"))
    first = "images: scipy.signal.fftconvolve takes 1.00 x torch's time (geometric mean of 6 rows)"
    assert " ".join(written.split()).startswith(first)
    assert len([line for line in written.splitlines() if line.startswith("filter 51x51 ") and "torch" in line]) == 1


def test_the_mean_is_geometric():
    twice = [timing(ROWS[0], "forward", "scratch", 2.0), timing(ROWS[0], "step", "scratch", 0.5)]
    torch = [timing(ROWS[0], direction, "torch") for direction in ("forward", "step")]
    assert text(Results([*torch, *twice], [], {}, {}, False, None)).startswith("layers: scratch takes 1.00 x")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"quick": True}, "Short rounds are noisy"),
        ({"others": 0.31}, "Other programs took 31% of the CPUs"),
        ({"verdict": Verdict.IMPRECISE}, "scratch is imprecise, so its time does not compare, in conv 3x3 56x56"),
    ],
)
def test_what_takes_from_the_verdict_is_said_beneath_it(more, words):
    assert words in text(results("scratch", **more)).partition("\n\n")[0]
    assert words not in text(results("scratch"))


def test_json_is_strict_and_complete():
    found = results("scratch", LOOPS)
    written = json.loads(as_json(found), parse_constant=pytest.fail)
    assert written["schema"] == 2
    assert len(written["timings"]) == len(found.timings)
    assert written["timings"][2] == {
        "suite": "layers",
        "row": "tutorial step",
        "direction": "forward",
        "implementation": LOOPS,
        "rival": "torch",
        "problem": "lines_cnn, batch 1, float32",
        "scaled_by": 512.0,
        "seconds": [0.9, 1.0, 1.1],
        "ratios": [0.9, 1.0, 1.1],
        "verdict": "accurate",
        "index": 0.2,
    }


def test_a_run_with_the_loops_scaled_up(bench, tmp_path):
    file = tmp_path / "bench.json"
    done = bench("--suite", "layers", "-o", str(file))
    assert (done.code, done.err) == (0, "")
    written = json.loads(file.read_text("utf-8"))
    assert done.out.startswith(written["verdict"])
    found = {(each["row"], each["direction"], each["implementation"]): each for each in written["timings"]}
    assert {name for _, _, name in found} >= {"torch", "scratch", LOOPS}

    loops = found["conv", "forward", LOOPS]
    assert (loops["problem"], loops["scaled_by"]) == ("Conv2d(2, 3, (3, 2)) on 1x2x4x6, float32", 10)
    assert found["step", "step", LOOPS]["scaled_by"] == found["conv", "forward", "scratch"]["scaled_by"] == 1
    assert found["step", "step", "torch"]["verdict"] is None  # it is the reference there

    lines = {tuple(line.split()[:2]): line.split() for line in done.out.splitlines() if line}
    assert lines["conv", "forward"][-1].startswith("~")
    assert not lines["step", "forward"][-1].startswith("~")
    assert "~ scratch.naive: Conv2d(2, 3, (3, 2)) on 1x2x4x6, float32, times 10" in done.out


def test_the_loops_alone_have_a_table(bench):
    done = bench("--impl", LOOPS, "--filter", "conv")
    assert done.out.startswith(f"layers: {LOOPS} takes ~")
    assert "scratch.naive" in done.out.partition("row ")[0].splitlines()[-1]


def test_json_on_the_screen(bench):
    assert json.loads(bench("--json", "--filter", "conv", "--impl", "scratch").out)["schema"] == 2


def test_a_run_of_images(bench, tmp_path):
    file = tmp_path / "bench.json"
    done = bench("--suite", "images", "-o", str(file))
    assert (done.code, done.err) == (0, "")
    found = {(each["row"], each["implementation"]): each for each in json.loads(file.read_text("utf-8"))["timings"]}
    assert {each["suite"] for each in found.values()} == {"images"}

    everybody = {"torch", "scratch", LOOPS, *OTHERS}
    only_for_products = {"torch.two_passes", "scipy.ndimage.correlate1d"}
    assert {name for row, name in found if row == "product"} >= everybody
    assert {name for row, name in found if row == "blur"} >= everybody - only_for_products
    assert not {name for row, name in found if row == "blur"} & only_for_products
    assert {each["verdict"] for each in found.values()} <= {"exact", "accurate"}

    blur, product = found["blur", "scratch"], found["product", "scratch"]
    assert (blur["problem"], blur["scaled_by"]) == ("5x5 kernel on 24x25 pixels, float32", 1)
    assert product["problem"] == "separable 7x7 kernel on 24x25 pixels, float64"
    assert 0 < blur["index"] < 1
    assert product["index"] is None  # the oracle is no finer
    assert found["blur", LOOPS]["scaled_by"] == 4
    assert len(found["blur", "scipy.signal.convolve2d"]["seconds"]) == QUICK.few


def test_everybody_in_one_row_the_fastest_first():
    row = ROWS[-1]
    fft, sums = "scipy.signal.fftconvolve", "scipy.signal.convolve2d"
    seconds = {"torch": 8.0, "scratch": 0.5, fft: 1.0, sums: 127.5, LOOPS: 400.0}
    scaled_by = dict.fromkeys(seconds, 1.0) | {LOOPS: 64.0}
    timings = [timing(row, "forward", name, its, scaled_by=scaled_by[name]) for name, its in seconds.items()]
    _, _, table, *_ = text(Results(timings, [], {}, {}, False, None)).split("\n\n")
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
    assert list(dict.fromkeys(row.suite for row in ROWS)) == ["layers", "images"]
