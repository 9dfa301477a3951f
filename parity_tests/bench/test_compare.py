"""Two runs compared: what counts as slower, and which runs cannot be compared."""

import json
from dataclasses import replace

import pytest

from benchmarks import compare
from benchmarks.compare import changes, text, verdict, why_not
from benchmarks.contenders import LOOPS
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
    assert verdict([]).startswith("nothing that both runs have")
    everything = results("scratch", "scratch:winograd_fast+fast", LOOPS, allocators=["default", "tuned"])
    written = text(changes(everything.timings, everything.timings), everything, "a/file.json")
    assert written.isascii()
    assert max(map(len, text(slow, everything, "a/file.json").splitlines())) <= 80


@pytest.mark.parametrize("what", ["CPU", "GPU", "threads"])
def test_another_machine_says_nothing(what):
    here = {"CPU": "a", "GPU": "none", "threads": "torch 2"}
    then = replace(results("scratch"), environment=here)
    assert why_not(here, then) is None
    assert why_not(here | {what: "b"}, then) == f"was measured with {what} {here[what]}, and here it is b"
    assert why_not(here, replace(then, timings=[])) == "has no times in it"


def test_the_door(bench, tmp_path, monkeypatch):
    monkeypatch.setattr(compare, "LEAST_ROUNDS", 3)
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

    file.write_text(json.dumps(content | {"schema": 2}), "utf-8")
    done = bench(*ask, "--compare", str(file))
    assert (done.code, done.out) == (2, "")
    assert (
        done.err
        == f"benchmarks: --compare {file}: it is benchmark of schema 2, not benchmark of schema 3: measure it again.\n"
    )
