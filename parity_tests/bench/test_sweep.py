"""The sweeps: what is made of timings, what memory is, and a small run."""

import json
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import growth, measure, memory, sweep
from benchmarks.contenders import LOOPS, find
from benchmarks.layer import Layer
from benchmarks.memory import PROMISE, Peak, peaks, predicted
from benchmarks.problem import Judged
from benchmarks.ratios import Grid
from benchmarks.rows import Row
from benchmarks.sweep import AXES, Axis, regret, slope, winners
from parity_tests.bench.made_up import results, timing
from parity_tests.harness.case import Spec
from parity_tests.harness.comparison import Comparison, Verdict
from parity_tests.harness.layer_case import LayerCase

SMALL = Axis("batch", (1, 2, 4), C=3, size=5)
SECONDS = {"torch": 1.0, "scratch": 2.0, "scratch:im2col": 3.0, "scratch:winograd": 2.0}


def grown(**powers):
    """Timings of a small sweep: everybody's time grows with a power of the batch."""
    found = []
    for row in SMALL.rows():
        for direction in row.problem.directions:
            for name, power in powers.items():
                seconds = SECONDS[name] * sweep.value_of(row.name) ** power
                found.append(timing(row, direction, name, seconds, rounds=[1.0] * 3, ran="im2col"))
    return found


def made_up(timings):
    return replace(results(), timings=timings)


POWERS = {"torch": 1.0, "scratch": 1.5, "scratch:im2col": 0.5, "scratch:winograd": 1.0}


def test_slopes_winners_and_regret():
    grid = Grid(grown(**POWERS), "sweep batch", "default")
    fitted = sweep.slopes(grid, ["forward"])
    assert {name: pytest.approx(its[0]) for name, its in fitted.items()} == POWERS
    # 3 and 2 at 1; 4.2 and 4 at 2; 6 and 8 at 4
    assert winners(grid, "forward") == [("winograd", [1, 2]), ("im2col", [4])]
    assert regret(grid, ("batch 4", "forward")) == pytest.approx(16 / 6)
    assert regret(Grid(grown(torch=1.0), "sweep batch", "default"), ("batch 4", "forward")) is None


def test_a_slope_is_that_of_the_upper_half():
    row, *_ = SMALL.rows()
    seconds = {1: 1.0, 2: 1.0, 4: 1.0, 8: 8.0, 16: 64.0, 32: 512.0}
    found = [
        timing(Row("s", f"batch {n}", row.problem), "forward", "torch", s, rounds=[1.0]) for n, s in seconds.items()
    ]
    assert slope(found) == pytest.approx(3)
    assert slope(found[:1]) is None


@pytest.mark.parametrize("axis", AXES)
def test_the_axes(axis):
    rows = AXES[axis].rows()
    assert len({str(row.problem) for row in rows}) == len(rows) >= 6
    for row in rows:
        _, C, H, W = row.problem.case.shape
        _, part_C, part_H, part_W = row.part.case.shape
        assert (part_C, part_W) == (C, W)
        assert 1 <= part_H <= H
        assert row.problem.case.spec == row.part.case.spec


def test_everybody_takes_part_in_the_precision_in_which_it_serves():
    found = sweep.everybody(AXES["kernel"].rows())
    assert {
        "scratch",
        "scratch+fast",
        "scratch:im2col",
        "scratch:winograd",
        "scratch:winograd_fast+fast",
    } <= found.keys()
    assert not {"scratch:winograd_fast", "scratch:depthwise", "scratch:im2col+fast"} & found.keys()
    assert list(found)[-1] == LOOPS


def test_what_a_convolution_may_keep():
    case = LayerCase(Spec.of("Conv2d", 2, 3, (3, 2), padding=(1, 0)), (4, 2, 5, 6))
    y, padded, gradients = 4 * 3 * 5 * 5, 4 * 2 * 7 * 6, 3 * 2 * 3 * 2 + 3
    assert predicted(case) == {"forward": y + padded, "forward+backward": y + 2 * padded + gradients}
    bare = LayerCase(Spec.of("Conv2d", 2, 3, 3), (4, 2, 5, 6))
    assert predicted(bare)["forward"] == 4 * 3 * 3 * 4  # nothing is padded


def test_the_peak_has_the_results_in_it():
    case = LayerCase(Spec.of("Conv2d", 4, 4, 3, padding=1), (8, 4, 40, 40))
    contenders = [find(name) for name in ("scratch", "scratch:textbook", LOOPS, "torch", "scratch+fast")]
    found = peaks([Row("s", "batch 8", Layer(case))], contenders)
    assert [(each.implementation, each.direction) for each in found] == [
        (name, way) for name in ("scratch", "scratch:textbook") for way in ("forward", "forward+backward")
    ]
    y = 4 * 8 * 4 * 40 * 40
    assert all(each.measured > y for each in found)
    assert all(each.beyond < PROMISE for each in found)


def test_memory_that_is_held_on_to_is_seen(monkeypatch):
    kept = []

    case = LayerCase(Spec.of("Conv2d", 1, 1, 3), (1, 1, 5, 5))
    contender, call = find("scratch"), type(case).build

    def build(self, nn, inputs):
        layer = call(self, nn, inputs)
        forward = layer.forward
        layer.forward = lambda x: (kept.append(np.ones(2**20)), forward(x))[1]
        return layer

    monkeypatch.setattr(LayerCase, "build", build)
    first, *_ = peaks([Row("s", "batch 1", Layer(case))], [contender])
    assert 8 * 2**20 < first.beyond < 9 * 2**20


def test_what_is_said_of_a_sweep():
    found, of_memory = made_up(grown(**POWERS)), [Peak("batch 4", "forward", "scratch", 80 * 2**20, 10 * 2**20)]
    said = " ".join(growth.text(found, of_memory).split())
    assert said.startswith("scratch's choice takes ")
    assert "at worst 2.67 x, at batch 4 " in said
    assert "fastest algorithm, fwd: winograd at 1 to 2, im2col at 4" in said
    assert "memory beyond the results: at most 70.0 MiB, at batch 4 fwd, BEYOND the 64 MiB allowed" in said
    assert "within the 64 MiB" not in said
    assert max(map(len, growth.text(found, of_memory).splitlines())) <= 80
    content = json.loads(growth.as_json(found, of_memory), parse_constant=pytest.fail)
    assert (content["document"], content["schema"]) == ("sweep", 1)
    assert content["memory"][0]["measured"] == 80 * 2**20
    assert content["fastest"]["forward"] == [["winograd", [1, 2]], ["im2col", [4]]]


def test_the_plot_of_a_sweep():
    pytest.importorskip("matplotlib", reason="the extra plots is not installed")
    from benchmarks.sweep_plot import draw

    said = [words.strip() for words in ET.fromstring(draw(made_up(grown(**POWERS)), "svg").decode()).itertext()]
    assert said.count("scratch:winograd, slope 1.00") == 2  # panels
    assert "fastest algorithm: winograd at 1 to 2, im2col at 4" in said


def test_a_small_run(bench, tmp_path, monkeypatch):
    pytest.importorskip("matplotlib", reason="the extra plots is not installed")
    monkeypatch.setitem(AXES, "batch", SMALL)
    file, page = tmp_path / "sweep.json", tmp_path / "sweep.html"
    done = bench("--sweep", "batch", "-o", str(file), "--html", str(page))
    assert (done.code, done.err) == (0, "")
    content = json.loads(file.read_text("utf-8"))
    assert {each["row"] for each in content["timings"]} == {"batch 1", "batch 2", "batch 4"}
    assert {"torch", "scratch", "scratch:im2col", LOOPS} <= set(content["implementations"])
    assert content["slopes"]["scratch"].keys() == {"forward", "forward+backward"}
    assert done.out.startswith("scratch's choice takes ")
    assert "A convolution as its batch grows" in page.read_text("utf-8")


def test_a_wrong_algorithm_is_not_swept(bench, monkeypatch):
    monkeypatch.setitem(AXES, "batch", SMALL)
    monkeypatch.setattr(growth, "grid_of", None)

    def wrong(self, contender, arm):
        return [Judged("all", "y", Comparison(Verdict.WRONG, 2.0, 2.0, None, None, None))]

    monkeypatch.setattr("benchmarks.layer.LayerTrial.judge", wrong)
    monkeypatch.setattr(measure, "interleave", None)
    done = bench("--sweep", "batch", "--impl", "scratch")
    assert done.code == 1
    assert "scratch computed something wrong, so nothing was timed" in " ".join(done.out.split())


def test_what_does_not_serve_is_told(bench, monkeypatch):
    large = Axis("batch", (1, 64), C=32, size=28)
    monkeypatch.setitem(AXES, "batch", large)
    monkeypatch.setattr(memory, "peaks", lambda *_: [])
    done = bench("--sweep", "batch", "--impl", "scratch:one_product", "--impl", "scratch")
    assert done.code == 0
    assert "not timed, scratch:one_product in batch 64: x of shape (64, 32, 28, 28)" in " ".join(done.out.split())
