"""`python -m parity_tests mutants`: every mutant is caught, no control accused, and most bugs are named."""

import argparse
import json
import re
from pathlib import Path

import pytest

from parity_tests.documentation.pages import PAGES
from parity_tests.mutants import conv
from parity_tests.mutants.run import command, show
from parity_tests.mutants.run.gather import NAMED_AT_LEAST, Accusation, Outcome, Result
from parity_tests.mutants.tables import CONTROLS, MUTANTS
from parity_tests.terminal import AGREE, DISAGREE, USAGE

BEYOND_CHECK = {
    "Linear.DbiasOfEachSample": "this is right for one sample at a time, and it is read so",
    "Linear.SumsIntoDy": "only a second backward shows it",
    "BatchNorm2d.ModeOfBackward": "check does not change the mode between forward and backward",
    "CrossEntropyLoss.ProbabilitiesSumToOne": "targets that do not sum to 1 are nothing that a loss has to offer",
    "SGD.LearningRateInVelocity": "while lr stays the same only the state is another, and that is the layer's own",
    "SGD.NoneForZero": "check gives every step a gradient",
}
"""A mutant that `check` agrees with -> why it does not know better."""


def test_every_mutant_is_caught(result: Result):
    assert [each.name for each in result.mutants] == [each.name for each in MUTANTS]
    assert [each.name for each in result.missed] == []


def test_no_control_is_accused(result: Result):
    assert [each.name for each in result.controls] == [each.name for each in CONTROLS]
    assert [each.name for each in result.accused] == []


def test_most_mutants_are_named(result: Result):
    assert result.required == NAMED_AT_LEAST == 0.8
    assert len(result.named) >= NAMED_AT_LEAST * len(MUTANTS)
    assert result.meets


def test_no_mutant_has_a_wrong_name(result: Result):
    """A false accusation is worse than silence."""
    assert [(each.name, each.named) for each in result.mutants if each.named and not each.right] == []


def test_check_agrees_with_no_mutant_without_a_reason(result: Result):
    assert {each.name for each in result.passed_by_check} == set(BEYOND_CHECK)


def test_the_readme_has_the_number(result: Result):
    """Wherever the README states it."""
    text = " ".join(PAGES["README.md"].read_text(encoding="utf-8").split())
    assert set(re.findall(r"all \d+ mutants caught, [^.`]*accused", text)) <= {show.verdict(result)}


def test_the_text_fits_in_80_columns_and_cuts_nothing_off(result: Result):
    text = show.render(result)
    first, *_, last = text.strip().split("\n\n")
    assert first == last == show.verdict(result)
    assert max(map(len, text.splitlines())) <= 80
    shown = [cell for paragraph in text.split("\n\n") for cell in cells(paragraph)]
    for each in result.mutants:
        assert {squeezed(each.name.partition(".")[2]), squeezed(show.caught(each)), squeezed(show.named(each))} <= {
            *shown
        }
    for each in result.controls:
        assert {squeezed(each.name), squeezed(each.what)} <= {*shown}


def cells(paragraph: str) -> list[str]:
    """The cells of a table, without their spaces; nothing of any other paragraph."""
    lines = paragraph.splitlines()[1:]
    if not lines or set(lines[0]) != {"-", " "}:
        return []
    columns = [slice(*match.span()) for match in re.finditer("-+", lines[0])]
    found: list[list[str]] = []
    for line in lines[1:]:
        if line[columns[0]].strip():
            found.append([""] * len(columns))
        for cell, column in enumerate(columns):
            found[-1][cell] += squeezed(line[column])
    return [cell for row in found for cell in row]


def squeezed(text: str) -> str:
    """Without spaces: a line may break at any."""
    return "".join(text.split())


@pytest.fixture
def mutants(capsys):
    """Run the command."""

    def run(*words):
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        code = command.run(parser.parse_args(words))
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_one_mutant_alone_is_read_as_by_check(mutants, tmp_path: Path, monkeypatch, capsys):
    """The stand-in for check's child says what the child says."""
    from parity_tests.check import command as check

    code, out, _ = mutants("--only", "Conv2d.KernelFlipped", "--format", "json")
    content = json.loads(out)
    assert code == AGREE
    assert content["verdict"] == "all 1 mutants caught, 1 (100 %) named"
    assert [each["named"] for each in content["mutants"]] == [["kernel-flipped"]]

    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    parser = argparse.ArgumentParser()
    check.add_arguments(parser)
    assert check.run(parser.parse_args([f"{conv.__file__}:KernelFlipped", "--like", "Conv2d"])) == DISAGREE
    assert "turned by 180 degrees" in " ".join(capsys.readouterr().out.split())


def test_a_mutant_without_a_name_is_no_failure_of_its_own(mutants):
    code, out, _ = mutants("--only", "ReLU.OneBuffer")
    assert code == AGREE
    assert show.verdict(Result([outcome("ReLU.OneBuffer", caught=True)])) in out


def test_an_unknown_name_is_a_usage_error(mutants):
    code, out, err = mutants("--only", "Conv2d.KernelFliped")
    assert (code, out) == (USAGE, "")
    assert err == "mutants: there is no Conv2d.KernelFliped (did you mean Conv2d.KernelFlipped?)\n"


def outcome(name: str, *, caught: bool, right: bool = False, check: str = "disagrees") -> Outcome:
    accusations = [Accusation("Conv2d(1, 1, 3) on 1x1x3x3", "float32", "y: wrong")] if caught else []
    return Outcome(name, "Conv2d", "Is.", accusations, check, ["kernel-flipped"] if right else [], right)


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (
            Result([outcome("Conv2d.A", caught=False, right=True)], []),
            "0 of 1 mutants caught, 1 (100 %) named",
        ),
        (
            Result([outcome("Conv2d.A", caught=True, right=True)], [outcome("Conv2d.B", caught=True)]),
            "all 1 mutants caught, 1 (100 %) named; 1 of 1 controls accused",
        ),
        (
            Result([outcome("Conv2d.A", caught=True, right=True)], [outcome("Conv2d.B", caught=False)]),
            "all 1 mutants caught, 1 (100 %) named; 1 of 1 controls accused",
        ),
        (Result([outcome("Conv2d.A", caught=True)], []), "all 1 mutants caught, 0 (0 %) named"),
    ],
    ids=["one missed", "a control accused by the harness", "a control accused by check", "too few named"],
)
def test_what_falls_short_is_said(result: Result, words: str):
    assert not result.meets
    assert show.verdict(result) == words
