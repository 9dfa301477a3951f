"""The loop: who is called when."""

import gc
import os
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from scipy import fft, signal

from benchmarks import machine, measure, timing
from benchmarks.allocator import ChildError, Task, clock_in_child, why_not
from benchmarks.contenders import CPU, CUDA, SCIPY, Ours, Torch, field, find, rivals
from benchmarks.measure import Entry, check, timings
from benchmarks.timing import Arm, Budget, interleave
from parity_tests.bench.conftest import SMALL_CONV, SMALL_FILTER
from parity_tests.harness.implementations import Implementation
from scratch.images import by_fft
from scratch.precision import current


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


def test_a_setting_holds_while_the_clock_runs(events):
    @contextmanager
    def setting():
        events.append("enter")
        yield
        events.append("leave")

    timing.block(replace(arm("A", events), setting=setting), "forward", 1)
    assert events == ["rest", "enter", "A", "wait", "A", "wait", "leave"]


def test_the_precision_that_was_asked_for_is_that_of_the_calls():
    seen = []
    [fast] = [find("scratch+fast")]
    its = Arm({"forward": lambda: seen.append(current())}, 1, dict, list, fast.setting)
    timing.block(its, "forward", 1)
    assert seen == ["fast", "fast"]
    assert current() == "strict"


@pytest.mark.parametrize("cuda", [None, "torch finds no CUDA device"])
def test_a_gpu_is_compared_with_torch_on_it(monkeypatch, cuda):
    monkeypatch.setattr(Torch, "why_not", lambda self: None if self.device == "cpu" else cuda)
    everybody = list(field({"scratch": Ours(Implementation("scratch")), "gpu": Ours(Implementation("gpu"))}))
    assert everybody == [*CPU, *([] if cuda else CUDA), "scratch", "gpu"]
    assert rivals("scratch", everybody) == [*CPU]
    assert rivals("gpu", everybody) == [*(CPU if cuda else CUDA)]


def test_what_other_programs_take(monkeypatch, tmp_path):
    # in hundredths of a second: user, nice, system, idle, iowait, irq, softirq, steal, and what user holds already
    # in seconds, of ours: user, system, the same of children that have ended, and the time of day
    stat, took = tmp_path / "stat", iter([(4.0, 1.0, 2.0, 1.0, 9.0), (4.06, 1.01, 2.02, 1.01, 11.0)])
    monkeypatch.setattr(machine, "Path", lambda name: {"/proc/stat": stat}[name])
    monkeypatch.setattr(os, "sysconf", lambda name: 100, raising=False)
    monkeypatch.setattr(machine.os, "times", lambda: next(took))
    stat.write_text("cpu 700 10 20 300 5 1 2 3 77 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n")
    neighbours = machine.Neighbours()
    stat.write_text("cpu 740 20 30 430 15 1 2 3 99 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n")
    assert neighbours.share() == pytest.approx((0.4 + 0.1 + 0.1 - 0.1) / 2.0)


def test_nobody_tells_what_others_take(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "Path", lambda name: tmp_path / "nowhere")
    assert machine.Neighbours().share() is None


def test_the_time_of_a_part_is_scaled_up():
    entries = {name: Entry(SMALL_CONV.problem, its, []) for name, its in (("torch", 1.0), ("scratch.naive", 10.0))}
    measured = {"torch": [2.0, 2.0, 4.0, 2.0], "scratch.naive": [3.0, 4.0, 4.0]}
    seconds = {("conv", way, name): its for way in SMALL_CONV.problem.directions for name, its in measured.items()}
    found = {
        (each.direction, each.implementation): each for each in timings([SMALL_CONV], {"conv": entries}, seconds, "")
    }
    for direction in ("forward", "forward+backward"):
        torch_, loops = found[direction, "torch"], found[direction, "scratch.naive"]
        assert loops.seconds == [30.0, 40.0, 40.0]
        assert loops.ratios(torch_) == [15.0, 20.0, 10.0]
        assert loops.ratio(torch_) == 15.0


def test_who_cannot_do_a_row_is_not_timed_in_it():
    everybody = field({"scipy.signal.convolve2d": SCIPY["scipy.signal.convolve2d"]})
    checked = check([SMALL_CONV], everybody, lambda things, _: things)
    assert list(checked.entries["conv"]) == [*CPU]


def test_what_computes_the_same_bits_is_timed_once(monkeypatch):
    everybody = field({name: find(name) for name in ("scratch:im2col", "scratch:im2col+fast", "scratch:textbook")})
    checked = check([SMALL_CONV], everybody, lambda things, _: things)
    same = {name: entry.same_as for name, entry in checked.entries["conv"].items()}
    assert same == {"scratch:im2col+fast": "scratch:im2col"} | dict.fromkeys(
        [*CPU, "scratch:im2col", "scratch:textbook"], ""
    )
    seconds = {("conv", way, name): [1.0] for way in SMALL_CONV.problem.directions for name in same if not same[name]}
    found = timings([SMALL_CONV], checked.entries, seconds, "default")
    assert {each.implementation for each in found if each.same_as} == {"scratch:im2col+fast"}


def test_other_bits_are_timed(monkeypatch):
    mine = Entry(SMALL_CONV.problem, 1, [], "im2col", "abc")
    assert measure.shared(mine, "scratch+fast", {"scratch": mine}).same_as == "scratch"
    for other in (replace(mine, ran="winograd"), replace(mine, digest="abd")):
        assert measure.shared(mine, "scratch+fast", {"scratch": other}).same_as == ""


@pytest.mark.skipif(why_not() is not None, reason="malloc is not glibc's")
def test_the_child_has_malloc_tuned_and_answers_in_full(monkeypatch):
    monkeypatch.setattr(measure, "clock", None)  # it is the child that times
    names = ["torch", "scratch+fast"]
    found = clock_in_child(Task([SMALL_CONV], {"conv": names}, timing.QUICK, 1))
    assert found.keys() == {("conv", way, name) for way in SMALL_CONV.problem.directions for name in names}
    assert all(len(seconds) == timing.QUICK.most and min(seconds) > 0 for seconds in found.values())


def test_a_child_that_fails_is_told(capfd):
    with pytest.raises(ChildError, match="it ended with code 1"):
        clock_in_child(Task([SMALL_CONV], {}, timing.QUICK, 1))
    assert "KeyError: 'conv'" in capfd.readouterr().err


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
