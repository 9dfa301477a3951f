"""The crossover of the methods: what is made of timings, and a small run."""

import json
import xml.etree.ElementTree as ET

import pytest
from PIL import Image

from benchmarks import crossover
from benchmarks.crossover import PLACES, Place, points
from benchmarks.measure import Results, Timing
from parity_tests.harness.comparison import Verdict

AT = Place("float32", 256, 9)  # where "auto" takes "separable" if it may, and else "fft"


def timings(place, **seconds):
    return [
        Timing("crossover", str(place), "forward", f"scratch:{method}", "default", str(place), 1, its,
               Verdict.ACCURATE, 0.2)
        for method, its in seconds.items()
    ]  # fmt: skip


def results(found, **more):
    about = {"CPU": "a processor", "threads": "torch 2", "versions": "numpy 2"}
    return Results(found, more.get("wrong", []), about, {}, False, None, {}, {})


def steps(scale):
    """Timings that follow a rule: "direct" slower with the kernel's size, "separable" with its side, "fft" never."""
    found = []
    for place in PLACES:
        each = scale * place.size**2
        found += timings(
            place, direct=[each * place.k**2] * 3, separable=[each * (3 * place.k + 1)] * 3, fft=[each * 90] * 3
        )
    return found


@pytest.fixture
def chosen(monkeypatch):
    monkeypatch.setattr(crossover, "choose_method", lambda image, kernel: {"float32": "fft"}[image.dtype.name])


def test_the_regret_is_the_median_over_the_rounds(chosen):
    [found] = points(timings(AT, direct=[4.0, 2.0, 6.0], separable=[1.0, 2.0, 2.0], fft=[3.0, 3.0, 9.0]))
    assert found.place == AT
    assert found.seconds == {"direct": 4.0, "separable": 2.0, "fft": 3.0}
    assert found.auto == {"separable": "fft", "other": "fft"}
    assert found.regret == {"separable": 3.0, "other": 1.0}  # 3/1, 3/2, 9/2; fft is the fastest without separable


def test_auto_is_asked_with_kernels_of_both_kinds():
    [found] = points(timings(AT, direct=[4.0], separable=[1.0], fft=[2.0]))
    assert found.auto == {"separable": "separable", "other": "fft"}


def test_the_fastest_is_marked_and_the_worst_choice_comes_first(chosen):
    found = timings(AT, direct=[4e-3], separable=[1e-3], fft=[3e-3])
    found += timings(Place("float32", 64, 3), direct=[2e-3], separable=[4e-3], fft=[5e-3])
    written = crossover.text(results(found))
    assert " ".join(written.partition("\n\n")[0].split()) == (
        'method="auto" takes 2.08 x the fastest method\'s time (geometric mean), at worst 3.00 x: '
        "fft rather than separable, for a separable kernel of 9x9 on 256x256, float32"
    )
    lines = {line.split()[0]: line.split()[1:] for line in written.splitlines() if line.startswith(("3x3", "9x9"))}
    assert lines["9x9"] == ["4.00", "*1.00", "3.00", "fft", "3.00", "fft", "1.00"]
    assert lines["3x3"] == ["*2.00", "4.00", "5.00", "fft", "2.50", "fft", "2.50"]


@pytest.mark.parametrize("scale", [1e-10, 1e-7, 1e-5])
def test_80_columns_and_ascii(scale):
    written = crossover.text(results(steps(scale)))
    assert max(map(len, written.splitlines())) <= 80
    assert written.isascii()
    assert written.count("1024x1024") >= 2  # one table for each dtype
    assert written.count("*") == len(PLACES) + 1


def test_json_is_strict_small_and_complete():
    written = crossover.as_json(results(steps(1.23456e-9)))
    assert len(written) < 50_000
    content = json.loads(written, parse_constant=pytest.fail)
    assert (content["document"], content["schema"]) == ("crossover", 2)
    assert content["environment"]["CPU"] == "a processor"
    assert len(content["points"]) == len(PLACES)
    first = content["points"][0]
    assert (first["dtype"], first["size"], first["k"], first["rounds"]) == ("float32", 64, 3, 3)
    assert first["seconds"] == {"direct": 4.551e-05, "separable": 5.057e-05, "fft": 0.0004551}
    assert first["auto"].keys() == first["regret"].keys() == {"separable", "other"}


def test_a_small_run(bench, tmp_path):
    file = tmp_path / "crossover.json"
    done = bench("--crossover", "--filter", "3x3 on 64x64", "-o", str(file))
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith('method="auto" takes ')
    found = json.loads(file.read_text("utf-8"))
    assert [(each["dtype"], each["size"], each["k"]) for each in found["points"]] == [
        ("float32", 64, 3),
        ("float64", 64, 3),
    ]


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_plot_can_be_opened(bench, tmp_path, kind):
    pytest.importorskip("matplotlib", reason="the extra plots is not installed")
    file = tmp_path / f"crossover.{kind}"
    done = bench("--crossover", "--filter", " on 64x64, float64", "--json", "--plot", str(file))
    assert (done.code, done.err) == (0, "")
    assert len(json.loads(done.out)["points"]) == len(crossover.KERNELS)
    if kind == "png":
        with Image.open(file) as picture:
            picture.load()
            assert min(picture.size) > 300
    else:
        assert {"direct", "separable", "fft", "64 x 64 pixels"} <= set(words(file.read_text("utf-8")))


def words(svg):
    return [text.strip() for text in ET.fromstring(svg).itertext() if text.strip()]


def test_what_the_plot_says():
    pytest.importorskip("matplotlib", reason="the extra plots is not installed")
    from benchmarks.plot import draw

    found = points(steps(1e-9))
    picture = draw(found, results([]).environment, "svg")
    said = words(picture.decode())
    assert said.count("direct") == said.count("separable") == said.count("fft") == 8  # panels
    assert (
        said.count("fft beats direct from 11, separable from 31") == 8
    )  # 9 * 9 < 90 < 11 * 11, 3 * 25 + 1 < 90 < 3 * 31 + 1
    assert "a processor, torch 2, numpy 2" in said
    assert draw(found, results([]).environment, "svg") == picture


@pytest.mark.parametrize(
    ("fft", "said"),
    [
        ([1, 1, 1], "fft beats direct from 3, separable from 3"),
        ([9, 9, 9], "fft beats direct nowhere, separable nowhere"),
        ([1, 6, 1], "fft beats direct from 7, separable from 7"),  # not yet at 3: it is slower at 5
        ([6, 4, 4], "fft beats direct from 5, separable nowhere"),
    ],
)
def test_where_the_fft_overtakes(fft, said):
    from benchmarks.plot import overtaking

    found = []
    for k, seconds in zip((3, 5, 7), fft, strict=True):
        found += timings(Place("float32", 64, k), direct=[5.0], separable=[3.0], fft=[float(seconds)])
    assert overtaking(points(found)) == said
