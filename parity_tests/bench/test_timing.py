"""The loop: who is called when."""

import gc
import os
from itertools import pairwise

import pytest
import torch
from scipy import fft, signal

from benchmarks import machine, measure, timing
from benchmarks.contenders import SCIPY, Ours, Torch, field
from benchmarks.measure import Entry, time_all
from benchmarks.timing import Arm, Budget, interleave
from parity_tests.bench.conftest import SMALL_CONV, SMALL_FILTER
from parity_tests.harness.implementations import Implementation
from scratch.images import by_fft


@pytest.fixture
def events(monkeypatch):
    """What happens in the loop, in order: rests, calls, waits; and a clock that goes on by 1 with every call."""
    happened = []
    clock = iter(range(10**6))
    monkeypatch.setattr(timing.time, "sleep", lambda seconds: happened.append("rest"))
    monkeypatch.setattr(timing.time, "perf_counter", lambda: float(next(clock)))
    return happened


def arm(name, events):
    return Arm({"forward": lambda: events.append(name)}, 1, dict, lambda: events.append("wait"))


def test_rounds_alternate_and_the_slow_ones_do_a_few(events):
    arms = {name: arm(name, events) for name in "ABC"}
    seconds = interleave(arms, "forward", Budget(seconds=0, least=4, most=9, few=2), ["C"])
    assert {name: len(values) for name, values in seconds.items()} == {"A": 4, "B": 4, "C": 2}
    blocks = [name for before, name in pairwise(events) if before == "rest"]
    assert "".join(blocks) == "ABC" + "ABC" + "CBA" + "AB" + "BA"  # the first three find out how many calls to make


def test_a_block_rests_warms_up_and_waits_for_the_device(events):
    seconds = timing.block(arm("A", events), "forward", 3)
    assert events == ["rest", "A", "wait", "A", "A", "A", "wait"]
    assert seconds == pytest.approx(1 / 3)


def test_short_calls_are_repeated_to_fill_a_block(events):
    assert timing.repeats_that_fill(20.0, arm("A", events), "forward") == 20


def test_the_garbage_collector_rests_and_comes_back(events):
    collecting = []
    spy = Arm({"forward": lambda: collecting.append(gc.isenabled())}, 1, dict, lambda: None)
    interleave({"A": spy}, "forward", Budget(seconds=0, least=1, most=1), ())
    assert collecting[-2:] == [False, False]
    assert gc.isenabled()


def test_a_budget_ends_the_rounds(events):
    seconds = interleave({"A": arm("A", events)}, "forward", Budget(seconds=30, least=2, most=99), ())
    assert 2 < len(seconds["A"]) < 99


@pytest.mark.parametrize("cuda", [None, "torch finds no CUDA device"])
def test_a_gpu_is_compared_with_torch_on_it(monkeypatch, cuda):
    monkeypatch.setattr(Torch, "why_not", lambda self: None if self.device == "cpu" else cuda)
    everybody, rivals = field({"scratch": Ours(Implementation("scratch")), "gpu": Ours(Implementation("gpu"))})
    assert list(everybody) == (["torch", "scratch", "gpu"] if cuda else ["torch", "torch.cuda", "scratch", "gpu"])
    assert rivals["scratch"] == "torch"
    assert rivals["gpu"] == ("torch" if cuda else "torch.cuda")


def test_what_other_programs_take(monkeypatch, tmp_path):
    # in hundredths of a second: user, nice, system, idle, iowait, irq, softirq, steal, and what user holds already
    stat, took = tmp_path / "stat", iter([5.0, 5.1])
    monkeypatch.setattr(machine, "Path", lambda name: {"/proc/stat": stat}[name])
    monkeypatch.setattr(os, "sysconf", lambda name: 100, raising=False)
    monkeypatch.setattr(machine.time, "process_time", lambda: next(took))
    stat.write_text("cpu 700 10 20 300 5 1 2 3 77 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n")
    neighbours = machine.Neighbours()
    stat.write_text("cpu 740 20 30 430 15 1 2 3 99 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n")
    assert neighbours.share() == pytest.approx((0.4 + 0.1 + 0.1 - 0.1) / 2.0)


def test_nobody_tells_what_others_take(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "Path", lambda name: tmp_path / "nowhere")
    assert machine.Neighbours().share() is None


def test_the_time_of_a_part_is_scaled_up(monkeypatch):
    works = {"torch": 300, "scratch": 300, "scratch.naive": 30}
    entries = {name: Entry(Arm({}, work, dict, list), SMALL_CONV.problem, []) for name, work in works.items()}
    measured = {"torch": [2.0, 2.0, 4.0, 2.0], "scratch": [1.0, 1.0, 1.0, 1.0], "scratch.naive": [3.0, 4.0, 4.0]}
    monkeypatch.setattr(measure, "interleave", lambda *_: measured)
    rivals = dict.fromkeys(works, "torch")
    timings = time_all([SMALL_CONV], rivals, {"conv": entries}, Budget(), lambda things, _: things)
    found = {(each.direction, each.implementation): each for each in timings}
    for direction in ("forward", "forward+backward"):
        assert found[direction, "scratch"].seconds == [1.0, 1.0, 1.0, 1.0]
        assert found[direction, "scratch"].ratios == [0.5, 0.5, 0.25, 0.5]
        assert found[direction, "scratch.naive"].seconds == [30.0, 40.0, 40.0]
        assert found[direction, "scratch.naive"].ratios == [15.0, 20.0, 10.0]


def test_who_cannot_do_a_row_is_not_timed_in_it(monkeypatch):
    entries = {"torch": Entry(Arm({}, 1, dict, list), SMALL_CONV.problem, [])}
    monkeypatch.setattr(measure, "interleave", lambda arms, *_: {name: [1.0] for name in arms})
    rivals = {"torch": "torch", "scipy.signal.convolve2d": "torch"}
    timings = time_all([SMALL_CONV], rivals, {"conv": entries}, Budget(), lambda things, _: things)
    assert {each.implementation for each in timings} == {"torch"}


def test_torch_and_our_fft_get_the_threads_too(monkeypatch):
    monkeypatch.setattr(by_fft, "THREADS", 4)
    before = torch.get_num_threads()
    try:
        told = machine.describe(1)["threads"]
        assert told.startswith("torch 1, ")
        assert told.endswith(", our FFT 1")
        assert (torch.get_num_threads(), by_fft.THREADS) == (1, 1)
    finally:
        torch.set_num_threads(before)


def test_scipys_workers_are_as_many_as_torchs_threads(monkeypatch):
    told = []
    fftconvolve = signal.fftconvolve
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    monkeypatch.setattr(
        signal, "fftconvolve", lambda *a, **k: [told.append(fft.get_workers()), fftconvolve(*a, **k)][1]
    )
    trial = SMALL_FILTER.problem.draw()
    for name in ("scipy.signal.fftconvolve", "scipy.signal.fftconvolve+workers"):
        trial.arm(SCIPY[name]).calls["forward"]()
    assert told == [1, 3]
