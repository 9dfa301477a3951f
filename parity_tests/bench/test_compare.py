"""Two runs compared: what counts as slower, and which runs cannot be compared."""

import json
from dataclasses import replace

import pytest

from benchmarks import compare
from benchmarks.compare import changes, text, verdict, why_not, why_not_judged
from benchmarks.contenders import LOOPS
from benchmarks.machine import Neighbours
from benchmarks.rows import ROWS
from parity_tests.bench.made_up import results, timing

CONV, *_ = ROWS
STEADY = [1.0] * 5


def run(*rounds, name="scratch", allocator="default"):
    """Torch in one second in each round, and one of ours."""
    pair = (("torch", [1.0] * len(rounds)), (name, list(rounds)))
    return [timing(CONV, "forward", who, allocator=allocator, rounds=its) for who, its in pair]


@pytest.mark.parametrize(
    ("then", "now", "word"),
    [
        ([1.0, 1.0, 1.01, 1.02, 1.03], [1.2, 1.21, 1.22, 1.23, 1.24], "SLOWER"),
        ([1.2, 1.21, 1.22, 1.23, 1.24], [1.0, 1.0, 1.01, 1.02, 1.03], "faster"),
        ([1.0, 1.0, 1.01, 1.02, 1.03], [1.05, 1.06, 1.07, 1.07, 1.08], ""),  # apart, but not by a tenth
        ([1.0, 1.1, 1.2, 1.3, 1.9], [1.5, 1.5, 1.6, 1.6, 1.6], ""),  # a third, but the ranges meet
        ([1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 2.0, 2.0, 2.0], "few rounds"),
        ([1.0, 1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 2.0], "few rounds"),
    ],
)
def test_slower_is_beyond_both_spreads_and_by_more_than_the_threshold(then, now, word):
    [change] = changes(run(*now), run(*then))
    assert change.word == word
    assert change.slower == (word == "SLOWER")


def test_it_is_the_ratio_to_torch_that_counts():
    then = [timing(CONV, "forward", name, rounds=[1.0] * 5) for name in ("torch", "scratch")]
    now = [timing(CONV, "forward", name, rounds=[3.0] * 5) for name in ("torch", "scratch")]  # the machine is slower
    [change] = changes(now, then)
    assert (change.factor, change.word) == (1.0, "")


def test_only_the_same_lines_are_compared():
    other = [replace(each, problem="another") for each in run(*STEADY)]
    assert changes(run(*STEADY), other) == []
    assert changes(run(*STEADY), run(*STEADY, allocator="tuned")) == []
    assert changes(run(*STEADY), run(*STEADY, name="scratch:im2col")) == []
    assert changes([replace(each, same_as="scratch") for each in run(*STEADY)], run(*STEADY)) == []
    assert len(changes(run(*STEADY), run(*STEADY))) == 1  # torch itself is nobody's regression


def test_what_is_said():
    slow = changes(run(*[2.0] * 5), run(*STEADY))
    assert verdict(slow) == (
        "significantly slower than in the earlier run in 1 of 1 lines: scratch in conv 3x3 64 fwd 2.00 x"
    )
    same = changes(run(*STEADY), run(*STEADY))
    assert verdict(same).startswith("no significant slow-down in 1 lines (geometric mean 1.00 x")


@pytest.mark.parametrize("seconds", [0.0123456, 1.23456, 12345.6])
def test_80_columns_and_ascii(seconds):
    names = ("scratch", "scratch:winograd_fast+fast", LOOPS)
    everything = results(*names, seconds=seconds, allocators=["default", "tuned"])
    written = text(everything, everything, "a/file.json")
    assert written.isascii()
    assert max(map(len, written.splitlines())) <= 80
    assert "scratch:winograd_fast+fast, malloc tuned" in written


def test_nothing_is_judged_on_a_busy_machine_or_in_few_rounds():
    slow, steady = (replace(results(), timings=run(*[second] * 5)) for second in (2.0, 1.0))
    assert why_not_judged(slow, steady) is None
    assert "SLOWER" in text(slow, steady, "file").partition("then, now")[0]
    for pair in ((replace(slow, others=0.3), steady), (slow, replace(steady, others=0.3))):
        said = text(*pair, "file")
        assert said.startswith("not judged: other programs took 30% of the CPUs")
        assert "SLOWER" not in said.partition("then, now")[0]
    few = replace(results(), timings=run(*[2.0] * 3))
    assert text(few, steady, "file").startswith("not judged: nothing that both runs have was timed in 5 rounds in each")


@pytest.mark.parametrize("what", ["CPU", "GPU", "threads"])
def test_another_machine_says_nothing(what):
    here = {"CPU": "a", "GPU": "none", "threads": "torch 2"}
    then = replace(results("scratch"), environment=here)
    assert why_not(here, then) is None
    assert why_not(here | {what: "b"}, then) == f"was measured with {what} {here[what]}, and here it is b"
    assert why_not(here, replace(then, timings=[])) == "has no times in it"


def test_the_door(bench, tmp_path, monkeypatch):
    monkeypatch.setattr(compare, "LEAST_ROUNDS", 3)
    monkeypatch.setattr(Neighbours, "share", lambda self: busy[0])
    busy = [0.0]
    file = tmp_path / "then.json"
    ask = ("--filter", "conv", "--impl", "scratch:textbook")
    assert bench(*ask, "-o", str(file)).code == 0
    content = json.loads(file.read_text("utf-8"))
    for each in content["timings"]:
        if each["implementation"] == "scratch:textbook":
            each["seconds"] = [second / 1e6 for second in each["seconds"]]
    file.write_text(json.dumps(content), "utf-8")
    done = bench(*ask, "--compare", str(file))
    assert done.code == 1
    assert "significantly slower than in the earlier run in 2 of 2 lines" in " ".join(done.out.split())

    done = bench(*ask, "--json", "--compare", str(file))
    assert done.code == 1
    json.loads(done.out)  # nothing but JSON there
    assert "SLOWER" in done.err

    for each in content["timings"]:
        each["seconds"] = [1e6 if each["implementation"] == "scratch:textbook" else 1.0] * 5
    file.write_text(json.dumps(content), "utf-8")
    assert bench(*ask, "--compare", str(file)).code == 0

    busy[0] = 0.5
    assert bench(*ask, "--compare", str(file)).code == 3

    file.write_text(json.dumps(content | {"schema": 2}), "utf-8")
    done = bench(*ask, "--compare", str(file))
    assert (done.code, done.out) == (2, "")
    assert (
        done.err
        == f"benchmarks: --compare {file}: it is benchmark of schema 2, not benchmark of schema 3: measure it again.\n"
    )
