"""What other programs print, read from samples; and what a child writes."""

import json

import pytest

from benchmarks.gpu_check import document, environment, outcomes, sanitizer, suite, text
from benchmarks.gpu_check.deadline import Deadline
from benchmarks.gpu_check.parts import AGAIN
from benchmarks.gpu_check.row import ROWS
from benchmarks.gpu_check.run_parts import Outcome, read_lines

MEMCHECK = """\
========= COMPUTE-SANITIZER
relu<float>
========= Invalid __global__ read of size 4 bytes
=========     at void relu<float>(const T1 *, T1 *, long long)+0x3b0
=========     by thread (15,0,0) in block (0,0,0)
=========     Access at 0x147267fff80 is out of bounds
=========     and is 1 bytes after the nearest allocation at 0x14725400000 of size 60 bytes
=========     Saved host backtrace up to driver entry point at kernel launch time
=========         Host Frame: cuLaunchKernel [0x2d0] in libcuda.so.1
=========
kernels launched: 2 of 2
========= ERROR SUMMARY: 1 error
"""

RACECHECK = """\
========= COMPUTE-SANITIZER
========= ERROR: Race reported between Read access at 0x6360 in conv.cu:123:conv(float const*)
=========     and Write access at 0x1fe0 in conv.cu:63:conv(float const*) [1088 hazards]
=========
========= RACECHECK SUMMARY: 1088 hazards displayed (1 error, 0 warnings)
"""

CLEAN = """\
========= COMPUTE-SANITIZER
relu<float>
kernels launched: 2 of 2
========= RACECHECK SUMMARY: 0 hazards displayed (0 errors, 0 warnings)
"""


def test_an_access_outside():
    said = sanitizer.read(MEMCHECK, 0)
    assert (said["state"], said["launched"], said["agrees"]) == ("1 errors", "2 of 2", False)
    [error] = said["errors"]
    assert error.startswith("Invalid __global__ read of size 4 bytes\nat void relu<float>")


def test_a_race():
    said = sanitizer.read(RACECHECK, 0)
    assert (said["state"], said["agrees"]) == ("1088 errors", False)
    assert said["errors"][0].endswith("[1088 hazards]")


def test_nothing_found():
    assert sanitizer.read(CLEAN, 0) == {"state": "no error", "launched": "2 of 2", "agrees": True}


def test_kernels_that_were_not_launched_do_not_agree():
    assert not sanitizer.read(CLEAN.replace("2 of 2", "1 of 2 (not adam)"), 1)["agrees"]


def test_what_was_found_before_it_was_stopped():
    assert sanitizer.read(MEMCHECK.partition("kernels")[0], None)["agrees"] is False
    assert "agrees" not in sanitizer.read("relu<float>\n", None)


@pytest.mark.parametrize(
    "line",
    [
        '========= Error: Device not supported. Please refer to the "Supported Devices" section',
        "========= Error: No attachable process found. compute-sanitizer timed-out.",
        "========= Error: Target application terminated before first instrumented API call",
    ],
)
def test_a_refusal(line):
    assert sanitizer.read(f"========= COMPUTE-SANITIZER\n{line}\n", 1)["state"].startswith("it refuses: Error: ")


def test_clocks_without_nvidia_smi(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert environment.clocks()["unknown"].startswith("nvidia-smi does not tell: ")


def test_clocks():
    line = "NVIDIA H200, 580.159.04, P0, 1980, 3201, 1980, 3201, 41, 120.55, 700.00, 3, 1021, 143771\n"
    found = environment.read_clocks(line)
    assert (found["name"], found["clocks.sm"], found["power.draw"]) == ("NVIDIA H200", "1980", "120.55")
    assert len(found) == len(environment.ASKED)


def test_clocks_that_it_does_not_know():
    found = environment.read_clocks("", 'Field "clocks.sm" is not a valid field to query.')
    assert found == {"unknown": 'nvidia-smi says: Field "clocks.sm" is not a valid field to query.'}


def line(test, outcome, why=""):
    return json.dumps({"test": test, "outcome": outcome, "why": why})


def test_counts_of_tests():
    lines = [line("a", "passed"), line("b", "failed", "wrong"), line("b", "passed"), line("c", "skipped"), '{"te']
    found = suite.count(lines, 1, "")
    assert found == {
        "counts": {"passed": 1, "failed": 1, "skipped": 1}, "failed": {"b": "wrong"}, "ended": True, "agrees": False,
    }  # fmt: skip


def test_tests_that_were_stopped_agree_as_far_as_they_ran():
    assert suite.count([line("a", "passed")], None, "")["agrees"]
    assert not suite.count([line("a", "failed")], None, "")["agrees"]
    assert not suite.count([], 5, "no tests ran")["agrees"]


TESTS = """
import time, pytest
def test_right(): pass
def test_wrong(): assert 1 == 2
def test_left_out(): pytest.skip("no")
@pytest.fixture
def broken(): raise ValueError("broken set-up")
def test_set_up(broken): pass
"""


def test_pytest_in_a_process_of_its_own(tmp_path):
    (tmp_path / "test_sample.py").write_text(TESTS)
    (tmp_path / "test_not_importable.py").write_text("import no_such_module_anywhere\n")
    found = suite.run_tests([str(tmp_path), "--rootdir", str(tmp_path), "-c", "/dev/null"], Deadline(60))
    assert found["counts"] == {"passed": 1, "failed": 3, "skipped": 1}
    assert {name.rpartition("::")[2].rpartition("/")[2] for name in found["failed"]} == {
        "test_wrong", "test_set_up", "test_not_importable.py",
    }  # fmt: skip
    assert (found["ended"], found["agrees"]) == (True, False)
    assert "assert 1 == 2" in next(why for name, why in found["failed"].items() if name.endswith("test_wrong"))


def test_pytest_that_takes_too_long(tmp_path, monkeypatch):
    monkeypatch.setattr(suite, "RESERVE", 2.0)
    (tmp_path / "test_sample.py").write_text("import time\ndef test_a(): pass\ndef test_b(): time.sleep(60)\n")
    found = suite.run_tests([str(tmp_path), "--rootdir", str(tmp_path), "-c", "/dev/null"], Deadline(8))
    assert (found["counts"], found["ended"], found["agrees"]) == ({"passed": 1}, False, True)


def written(path, *events):
    path.write_text("".join(json.dumps(event) + "\n" for event in events) + '{"event": "rec', encoding="utf-8")
    return path


def begin(item):
    return {"event": "begin", "item": item}


def end(item):
    return {"event": "end", "item": item}


def note(item, **record):
    return {"event": "record", "item": item, "record": record}


def failure(item, sentence):
    return {"event": "failure", "item": item, "sentence": sentence, "traceback": "Traceback ..."}


@pytest.mark.parametrize(
    ("events", "code", "state", "done", "failures"),
    [
        ([begin("a"), note("a", x=1), end("a"), {"event": "done"}], 0, "complete", ["a"], []),
        ([begin("a"), note("a", x=1), end("a"), {"event": "cut"}], 0, "cut", ["a"], []),
        ([begin("a"), note("a", x=1), end("a"), begin("b")], None, "cut", ["a"], ["its time was over"]),
        ([begin("a"), note("a", x=1)], -11, "again", ["a"], ["its process died of SIGSEGV"]),
        ([begin("a"), note("a", x=1), failure("a", "lost")], AGAIN, "again", ["a"], ["lost"]),
        (
            [begin("a"), note("a", x=1), failure("a", "said"), end("a"), {"event": "done"}],
            0,
            "complete",
            ["a"],
            ["said"],
        ),
    ],
)
def test_lines_of_a_child(tmp_path, events, code, state, done, failures):
    outcome, finished = Outcome("contest", "cut"), []
    assert read_lines(written(tmp_path / "lines", *events), outcome, finished, code) == state
    assert (finished, outcome.records) == (done, [{"x": 1}])
    assert [each["sentence"] for each in outcome.failures] == failures
    assert document.failures([outcome]) == [f"contest, a: {each}" for each in failures if "time" not in each]


def test_a_child_that_never_began(tmp_path):
    outcome = Outcome("contest", "cut")
    assert read_lines(tmp_path / "nowhere", outcome, [], 1, "ImportError: no") == "failed"
    assert outcome.failures == [
        {"item": "", "sentence": "its process ended with exit code 1", "traceback": "ImportError: no", "cut": False}
    ]
    assert document.failures([Outcome("suite", "failed")]) == ["suite: it ended without a word"]


def bad():
    return [
        Outcome("suite", "complete", 9.0, [{
            "what": "parity suite", "counts": {"passed": 3, "failed": 1}, "failed": {"t.py::test_a[gpu]": "E  1 == 2"},
            "ended": True, "agrees": False,
        }]),
        Outcome("agreement", "complete", 9.0, [{
            "what": "Conv2d", "algorithm": "direct", "cases": 3, "worst of law": float("inf"), "apart": float("inf"),
            "wrong": ["Conv2d(1, 2, 3) float32: y is wrong"] * 2, "agrees": False, "emulator": "compared",
        }]),
        Outcome("contest", "failed", 9.0, [{
            "row": "relu", "who": "gpu:kernel", "refused": "MemoryError: no", "agrees": False,
        }], [{"item": "conv", "sentence": "its process died of SIGSEGV", "traceback": "", "cut": False}]),
        Outcome("sanitizer", "cut", 9.0, [{"what": "memcheck", **sanitizer.read(MEMCHECK, 0)}]),
    ]  # fmt: skip


def test_a_verdict_that_is_no_agreement():
    content = document.document(bad(), {})
    assert content["verdict"] == (
        "DISAGREE: 4 of 4 checks fail; 0 times measured; 1 did not run to the end; not complete: sanitizer"
    )
    assert (content["agree"], content["complete"], content["schema"]) == (False, False, document.SCHEMA)
    assert document.disagreements(bad()) == [
        "suite: parity suite: t.py::test_a[gpu]",
        "agreement: Conv2d direct: Conv2d(1, 2, 3) float32: y is wrong and 1 more",
        "contest: relu, gpu:kernel: MemoryError: no",
        f"sanitizer: memcheck: {sanitizer.read(MEMCHECK, 0)['errors'][0]}",
    ]
    assert document.failures(bad()) == ["contest, conv: its process died of SIGSEGV"]
    said = text.render(content, document.disagreements(bad()), document.failures(bad()))
    assert all(len(each) <= 80 for each in said.splitlines())
    assert said.startswith("DISAGREE: 4 of 4")


def test_the_json_is_strict_and_reads_back():
    content = document.document(bad(), {"began": "now"})
    again = json.loads(document.as_json(content), parse_constant=pytest.fail)
    assert again["parts"][1]["records"][0]["worst of law"] == "inf"
    assert [part["part"] for part in again["parts"]] == ["suite", "agreement", "contest", "sanitizer"]
    assert again["began"] == "now"


def test_a_file_is_replaced_at_once(tmp_path):
    file = tmp_path / "gpu-check.json"
    file.write_text("old")
    document.write(file, "new")
    assert file.read_text() == "new"
    assert list(tmp_path.iterdir()) == [file]


def test_outcomes_are_written_as_they_come(tmp_path, monkeypatch):
    class Report:
        nodeid, when, outcome, longrepr = "a", "setup", "failed", "x" * 1000

    monkeypatch.setenv(outcomes.FILE, str(tmp_path / "file"))
    outcomes.pytest_runtest_logreport(Report())
    Report.when, Report.outcome = "teardown", "passed"
    outcomes.pytest_runtest_logreport(Report())
    [only] = (tmp_path / "file").read_text().splitlines()
    assert len(json.loads(only)["why"]) == outcomes.LONGEST


@pytest.mark.parametrize("size", [1.234e-3, 12345.6])
def test_times_of_all_rows_fit_into_80_columns(size):
    numbers = dict.fromkeys(["ms", "device ms", "torch / this", "torch / this, device", "index", "law"], size)
    records = [
        {"row": row.name, "direction": direction, "who": who, "of roofline": 0.0001234, **numbers}
        for row in ROWS
        for direction in ("forward", "forward+backward")
        for who in ("gpu:im2col_kernel", "torch.tf32.best")
    ]
    written = "\n\n".join(text.contest(records))
    assert [each for each in written.splitlines() if len(each) > 80] == []
    assert all(written.count(f"\n{row.name} ") >= 2 for row in ROWS)
