"""The report: its verdict, exit code and width, and that it accuses who is wrong."""

import json
import math
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratch
from parity_tests.compare.steps import PARTED
from parity_tests.harness.implementations import IMPLEMENTATIONS, Implementation
from parity_tests.harness.lockstep import CLOSE, FIGURES, Training, train_together
from parity_tests.harness_tests.planted import altered, planted
from parity_tests.harness_tests.wrong_filters import kernel_of
from parity_tests.report import as_json, command, gather, text
from scratch.fast import conv, linear

SOME_OPS = ("Conv2d", "MaxPool2d", "CrossEntropyLoss", "correlate2d")


def flipped(x: Any, weight: Any, *rest: Any) -> Any:
    """A true convolution, which is not what frameworks call one."""
    return conv.conv2d(x, weight[:, :, ::-1, ::-1], *rest)


FLIPPED = planted("flipped", conv2d=altered(conv, conv2d=flipped))
TURNED = planted("turned", images=kernel_of(lambda kernel: kernel[::-1, ::-1]))


@pytest.fixture(autouse=True, scope="module")
def _short_tables() -> Iterator[None]:
    """A few cases of four operations, and one epoch: what is tested here is the report."""
    with pytest.MonkeyPatch.context() as patch:
        some = [case for op in SOME_OPS for case in [case for case in gather.CASES if case.op == op][::7]]
        patch.setattr(gather, "CASES", some)
        patch.setattr(gather.real, "CASES", [case for case in gather.real.CASES if case.op in SOME_OPS][2::2])
        patch.setattr(gather.fourier, "CASES", gather.fourier.CASES[2::9])
        patch.setattr(gather, "QUICK_EPOCHS", 1)
        patch.setattr(gather, "ALL_EPOCHS", 1)
        patch.setitem(IMPLEMENTATIONS, "gpu", Implementation("gpu", lambda: "no device answers."))
        patch.setitem(IMPLEMENTATIONS, "flipped", FLIPPED)
        patch.setitem(IMPLEMENTATIONS, "turned", TURNED)
        yield


@pytest.fixture(scope="module")
def everybody(_short_tables: None) -> gather.Report:
    return gather.gather(gather.choose(["scratch.naive", "scratch", "gpu.on_numpy"], None, seed=0, quick=False))


@pytest.fixture(scope="module")
def wrong(_short_tables: None) -> gather.Report:
    return gather.gather(gather.choose(["flipped"], None, seed=0, quick=True))


@pytest.fixture(scope="module")
def wrong_filter(_short_tables: None) -> gather.Report:
    return gather.gather(gather.choose(["turned"], None, seed=0, quick=False))


def arguments(*words: str) -> Namespace:
    parser = ArgumentParser()
    command.add_arguments(parser)
    return parser.parse_args(words)


def starting(word: str, written: str) -> str:
    return next(line for line in written.splitlines() if line.startswith(word))


def test_agreement_is_the_first_and_the_last_line(everybody: gather.Report):
    written = text.render(everybody, detail=False).rstrip()
    assert written.startswith("AGREE: all ")
    assert written.endswith(text.fold(everybody.verdict))


def test_who_is_wrong_is_accused_and_nobody_else(wrong: gather.Report):
    written = text.render(wrong, detail=False)
    assert written.startswith("DISAGREE: ")
    assert "WRONG" in starting("Conv2d", written)
    assert "WRONG" not in starting("MaxPool2d", written)
    assert "WRONG" in starting("0 Conv2d", written)
    assert "WRONG" not in starting("7 Linear", written)
    assert "y is wrong" in written


def test_image_filters_have_a_row_for_each_referee(everybody: gather.Report, wrong_filter: gather.Report):
    rows = [f"correlate2d, {referee} " for referee in ("scipy.ndimage", "scipy.signal", "torch")]
    right, wrong = (text.render(report, detail=False) for report in (everybody, wrong_filter))
    assert all("WRONG" not in starting(row, right) and "WRONG" in starting(row, wrong) for row in rows)
    assert "WRONG" not in starting("Conv2d", wrong)
    assert " match torch and scipy" in everybody.verdict
    assert " with torch and scipy in " in wrong_filter.verdict
    assert f"on {len({f.case for f in everybody.on_filters})} cases" in starting("Image filters", right)


def test_who_has_no_fourier_transforms_has_a_dash(everybody: gather.Report):
    written = text.render(everybody, detail=False)
    naive, fast, on_numpy, torch = starting("fft2, torch.fft ", written).removeprefix("fft2, torch.fft").split()
    assert (naive, on_numpy) == ("-", "-")
    assert "-" not in (fast, torch)
    report = replace(everybody, on_transforms=[])
    assert "Fourier" not in text.render(report, detail=False)


def test_every_method_of_a_filter_is_shown_beside_its_referee(everybody: gather.Report):
    written = text.render(everybody, detail=True)
    for finding in everybody.on_filters:
        assert f"{finding.implementation}:{finding.algorithm} {finding.dtype} y: " in written
        assert f"({finding.referee}: " in written
    assert {finding.algorithm for finding in everybody.on_filters} == {"loops", "direct", "separable", "fft"}


@pytest.mark.parametrize("detail", [False, True])
@pytest.mark.parametrize("which", ["everybody", "wrong", "wrong_filter"])
def test_no_line_is_wider_than_80_columns(which: str, detail: bool, request: pytest.FixtureRequest):
    written = text.render(request.getfixturevalue(which), detail)
    assert [line for line in written.splitlines() if len(line) > 80] == []


def test_detail_shows_where_a_tensor_is_wrong_and_both_values(wrong: gather.Report):
    tensor = next(f for f in wrong.findings if f.ours.verdict == "wrong" and f.ours.at is not None)
    written = text.render(wrong, detail=True)
    assert f"at {list(tensor.ours.at or ())} got {tensor.ours.got:.9g}, want {tensor.ours.want:.9g}" in written


@pytest.mark.parametrize("which", ["everybody", "wrong"])
def test_json_is_strict_and_says_the_same(which: str, request: pytest.FixtureRequest):
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    report = request.getfixturevalue(which)
    content = json.loads(as_json.render(report), parse_constant=refuse)
    assert content["schema"] == as_json.SCHEMA
    assert content["verdict"] == report.verdict
    assert {name: each["at most"] for name, each in content["thresholds"].items()} == {
        "law": 1.0,
        "index": 1.0,
        "norm": 8,
        "training": CLOSE,
        "lockstep": PARTED,
    }
    assert [*content["models"]] == [*content["lockstep"]] == ["overview_cnn", "small_resnet", "small_vgg"]
    counts = [f["ours"]["counts"] for f in content["on cases"] if f["ours"]["at"] is not None]
    assert {len(each) for each in counts} == {len(content["edges of counts"]) + 2}
    assert content["agree"] is (which == "everybody")
    assert len(content["on cases"]) == len(report.on_cases)
    assert [each["referee"] for each in content["on filters"]] == [finding.referee for finding in report.on_filters]
    assert len(content["on transforms"]) == len(report.on_transforms)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_json_has_words_for_what_is_not_finite(value: float):
    assert as_json.strict({"a": [value, 1.5]}) == {"a": [str(value), 1.5]}


def test_an_exception_of_an_implementation_is_a_finding():
    def raises(*_: Any) -> Any:
        raise ZeroDivisionError("in somebody's layer")

    broken = planted("broken", conv2d=altered(conv, conv2d=raises))
    case = next(case for case in gather.CASES if case.op == "Conv2d")
    findings = gather.findings_of(case, broken, "float32", seed=0)
    assert {finding.ours.reason for finding in findings} == {"raised ZeroDivisionError: in somebody's layer"}
    assert gather.promises_of(case, broken) == ["raised ZeroDivisionError: in somebody's layer"]


@pytest.mark.parametrize(("name", "code"), [("scratch", 0), ("flipped", 1)])
@pytest.mark.parametrize("form", command.FORMATS)
def test_exit_code_and_file(name: str, code: int, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "report"
    assert command.run(arguments("--quick", "--impl", name, "--format", form, "-o", str(file))) == code
    shown = capsys.readouterr()
    start = {"text": shown.out.split()[0], "json": "{", "html": "<!DOCTYPE html>"}[form]
    assert file.read_text(encoding="utf-8").startswith(start)
    assert len(shown.out.splitlines()) == 1
    assert shown.err == ""


@pytest.mark.parametrize(("name", "sentence"), [("none/report.txt", "there is no folder"), (".", "this is a folder")])
def test_what_cannot_be_written_is_said_before_anything_runs(
    name: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert command.run(arguments("-o", str(tmp_path / name))) == 2
    assert sentence in capsys.readouterr().err


def test_a_page_needs_jinja2_which_is_said_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(command, "gather", None)
    monkeypatch.setattr("parity_tests.terminal.find_spec", lambda name: None)
    assert command.run(arguments("--format", "html")) == 3
    assert capsys.readouterr().err == 'jinja2 is missing: pip install -c constraints.txt -e ".[report]" brings it\n'


def test_who_cannot_run_here_is_exit_3_when_named(capsys: pytest.CaptureFixture[str]):
    assert command.run(arguments("--impl", "gpu")) == 3
    assert capsys.readouterr().err == "gpu cannot run here: no device answers.\n"


def test_who_cannot_run_here_is_named_in_the_report(wrong: gather.Report):
    skipped = gather.choose(None, None, seed=0, quick=True).skipped
    assert skipped == {"gpu": "no device answers."}
    report = replace(wrong, choice=replace(wrong.choice, skipped=skipped))
    assert "Not run: gpu. no device answers." in text.render(report, detail=False)


def test_comparing_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(command, "gather", lambda choice: gather.Report(choice, {}))
    assert command.run(arguments("--impl", "scratch")) == 2
    assert "Nothing was compared" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["--impl", "caffe"],
        ["--dtype", "int8"],
        ["--seed", "-1"],
        ["--seed", str(2**64)],
        ["--format", "yaml"],
        ["--unknown"],
    ],
)
def test_usage_errors_are_exit_2(words: list[str]):
    with pytest.raises(SystemExit) as stopped:
        arguments(*words)
    assert stopped.value.code == 2


@pytest.mark.parametrize("words", [[], ["compose"], ["report", "--impl", "caffe"]])
def test_the_door_refuses_in_words(words: list[str]):
    done = subprocess.run([sys.executable, "-m", "parity_tests", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "usage:" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no such pipes on Windows")
def test_a_reader_that_stops_early_is_no_error():
    program = "import sys; from parity_tests.terminal import show; show('line\\n' * 100_000); sys.exit(7)"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as done:
        assert done.stdout is not None
        assert done.stderr is not None
        assert done.stdout.readline() == "line\n"
        done.stdout.close()
        assert done.stderr.read() == ""
        assert done.wait() == 7


FIRST = FIGURES[1]


@pytest.mark.parametrize(
    ("change", "agrees"),
    [
        ({}, True),
        ({"distance": 1e-14}, True),
        ({"distance": 1e-12}, False),
        ({"history": [FIRST._replace(loss=0.7046)]}, False),
        ({"history": [FIRST._replace(accuracy=0.57)]}, False),
        ({"history": [FIGURES.get(epoch, FIRST) for epoch in range(1, 16)]}, False),
        ({"history": [FIGURES.get(epoch, FIRST) for epoch in range(1, 16)], "test_accuracy": 1.0}, True),
    ],
)
def test_the_tutorials_figures_are_demanded(change: dict[str, Any], agrees: bool):
    assert replace(Training("ours", [FIRST], 0.6, 0.0), **change).agrees is agrees


def in_single(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *arrays: function(*(each.astype(np.float32).astype(each.dtype) for each in arrays))


def test_float32_inside_a_float64_training_is_seen():
    single = planted("single", linear=altered(linear, linear=in_single(linear.linear)))
    together = train_together({"single": single.nn, "double": scratch}, epochs=1)
    _, single_training, double_training = list(together)[-1]
    assert not single_training.agrees
    assert double_training.agrees
