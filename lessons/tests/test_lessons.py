"""Every lesson runs as a script, passes marimo's own check, and hears what the reader answers and chooses."""

import os
import re
import subprocess
import sys

import pytest
from marimo import ui

from lessons.catalogue import LESSONS, NOTEBOOKS
from lessons.pieces import Verdict
from lessons.tests.cases import as_it_is, cases_of, chosen, rows, run


def verdicts(outputs):
    """What the check cells say, in their order."""
    return [output.state for output in outputs if isinstance(output, Verdict)]


def test_the_catalogue_has_them_all():
    assert {f"{name}.py" for name in LESSONS} | {"__init__.py"} == {path.name for path in NOTEBOOKS.glob("*.py")}


def test_the_readme_has_them_all():
    readme = NOTEBOOKS.parents[1].joinpath("README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\d+\. \[(.+)\]\(lessons/notebooks/(\w+)\.py\): (.+)$", readme, re.MULTILINE) == [
        (lesson.title, name, lesson.about) for name, lesson in LESSONS.items()
    ]


@pytest.mark.parametrize("name", LESSONS)
def test_it_runs_as_a_script(name):
    command = [sys.executable, "-W", "error", str(LESSONS[name].notebook)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=NOTEBOOKS.parents[1], env=path_to_the_checkout()
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def path_to_the_checkout():
    """The environment in which `run.py` runs everything."""
    return {**os.environ, "PYTHONPATH": str(NOTEBOOKS.parents[1])}


def test_marimo_finds_nothing_to_complain_about():
    notebooks = [str(lesson.notebook) for lesson in LESSONS.values()]
    command = [sys.executable, "-m", "marimo", "check", "--strict", *notebooks]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("name", LESSONS)
def test_the_check_cells_hear_the_answers(name):
    answers = cases_of(name).ANSWERS
    assert verdicts(as_it_is(name)[0]) == ["open"] * len(answers)
    for state, which in (("right", 0), ("wrong", 1)):
        outputs, _ = run(name, **{cell: pair[which] for cell, pair in answers.items()})
        assert verdicts(outputs) == [state] * len(answers)


@pytest.mark.parametrize(("name", "choice"), rows("LIVE"))
def test_what_a_reader_chooses_is_shown(name, choice):
    """The lessons assert what they show."""
    assert choice.keys() <= as_it_is(name)[1].keys()
    run(name, **{element: chosen(value) for element, value in choice.items()})


@pytest.mark.parametrize("name", LESSONS)
def test_one_prediction_is_right_and_the_others_are_not(name):
    radios = {key: value.options for key, value in as_it_is(name)[1].items() if isinstance(value, ui.radio)}
    assert len(radios) >= 2
    right = wrong = 0
    for n in range(max(map(len, radios.values()))):
        # In each run every question that has so many gets its nth answer, and the others none.
        given = {
            key: chosen(list(options)[n] if n < len(options) else None, options) for key, options in radios.items()
        }
        shown = "".join(getattr(output, "html", "") for output in run(name, **given)[0])
        right += shown.count("As you predicted")
        wrong += shown.count("You predicted: ")
    assert (right, wrong) == (len(radios), sum(map(len, radios.values())) - len(radios))
