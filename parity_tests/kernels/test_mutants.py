"""Bugs planted into the kernels, one at a time: each must be caught, by the emulator's checks or by the numbers.

A test that nothing fails proves nothing; here the kernels fail, and the tests have to say so.
"""

from collections.abc import Iterator

import pytest

from gpu.declaration import KERNELS, Source
from gpu.emulator import EmulatorError
from gpu.kernels import modules
from gpu.runtime import checked_launches, launch
from parity_tests.harness.case import Case
from parity_tests.harness.referee import judge
from parity_tests.kernels.bug import NUMBERS, Bug
from parity_tests.kernels.test_kernels import US
from parity_tests.kernels.topics import BUGS, CASES, CASES_OF

pytestmark = pytest.mark.gxx


@pytest.fixture(scope="module")
def launched() -> dict[str, list[tuple[Case, str | None]]]:
    """For each .cu file the cases, with the algorithm, that launch a kernel of it."""
    found: dict[str, list[tuple[Case, str | None]]] = {module.SOURCE.file: [] for module in modules()}
    with pytest.MonkeyPatch.context() as patch:
        for case, algorithm in runs():
            files = set()
            for module in modules():

                def note(kernel, /, *rest, _files=files, **arguments):
                    _files.add(kernel.source.file)
                    launch(kernel, *rest, **arguments)

                patch.setattr(module, "launch", note)
            judge(case, US, "float32", algorithm=algorithm)
            for file in files:
                found[file].append((case, algorithm))
    return found


def runs() -> Iterator[tuple[Case, str | None]]:
    """The cases that run in float32 with each of their algorithms."""
    for case in CASES:
        if "float32" in case.dtypes and not getattr(case, "integer", None):
            for algorithm in case.algorithms(US):
                yield case, algorithm


def complaint(cases: list[tuple[Case, str | None]]) -> str:
    """What the cases bring to light first."""
    for case, algorithm in cases:
        try:
            with checked_launches():
                findings = judge(case, US, "float32", algorithm=algorithm)
        except EmulatorError as error:
            return error.finding.kind
        if any(not finding.ours.verdict.agrees for finding in findings):
            return NUMBERS
    return "nothing"


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: f"{bug.module.SOURCE.file} {bug.name}")
def test_caught(bug: Bug, launched, monkeypatch, tmp_path):
    source: Source = bug.module.SOURCE
    for file in {source.file, bug.file or source.file}:
        (tmp_path / file).write_text((KERNELS / file).read_text(encoding="utf-8"), encoding="utf-8")
    path = tmp_path / (bug.file or source.file)
    text = path.read_text(encoding="utf-8")
    assert bug.old in text
    path.write_text(text.replace(bug.old, bug.new, 1), encoding="utf-8")
    monkeypatch.setattr(source, "folder", tmp_path)
    monkeypatch.setattr(source, "_compiled", {})
    # To compile one dtype takes a quarter of the time of all.
    monkeypatch.setattr(Source, "expressions", [kernel.expression("float32") for kernel in source.kernels])
    own_topic_first = sorted(launched[source.file], key=lambda run: run[0] not in CASES_OF[bug])
    assert complaint(own_topic_first) == bug.caught_by


def test_bugs_are_planted_into_every_file():
    assert {bug.module.SOURCE.file for bug in BUGS} == {module.SOURCE.file for module in modules()}
