"""Every lesson runs as a script, passes marimo's own check, and hears what the reader answers and chooses."""

import importlib
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from lessons.catalogue import LESSONS, NOTEBOOKS
from lessons.exercises import backward, sliding
from lessons.pieces import Verdict
from scratch.images.kernels import RECORDS

ANSWERS = {
    "sliding": {
        "answer_1": (10, 11),
        "my_correlate": (sliding.my_correlate, lambda picture, kernel: picture),
        "my_convolve": (sliding.my_convolve, lambda picture, kernel: picture),
        "my_kernel": (sliding.MY_KERNEL, [[0, 0, 0], [0, 0, 1], [0, 0, 0]]),
    },
    "backward": {
        "answer_1": (4, 8),
        "my_dx": (backward.my_dx, lambda dy, weight: dy),
        "my_slopes": (backward.my_slopes, lambda f, x: x),
        "my_max_pool_backward": (backward.my_max_pool_backward, backward.to_all),
    },
}


def app_of(name):
    """The notebook of a lesson."""
    return importlib.import_module(f"lessons.notebooks.{name}").app


def verdicts(name, **defs):
    """What the check cells say, in their order."""
    outputs, _ = app_of(name).run(defs=defs)
    return [output.state for output in outputs if isinstance(output, Verdict)]


def test_the_catalogue_has_them_all():
    assert {f"{name}.py" for name in LESSONS} | {"__init__.py"} == {path.name for path in NOTEBOOKS.glob("*.py")}
    assert set(ANSWERS) == set(LESSONS)


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
    answers = ANSWERS[name]
    assert verdicts(name) == ["open"] * len(answers)
    assert verdicts(name, **{cell: right for cell, (right, _) in answers.items()}) == ["right"] * len(answers)
    assert verdicts(name, **{cell: wrong for cell, (_, wrong) in answers.items()}) == ["wrong"] * len(answers)


@pytest.mark.parametrize("kernel", RECORDS)
def test_every_kernel_at_the_first_and_at_the_last_place(kernel):
    """The lesson asserts that the sum below the boards is what the library computes."""
    rows = [list(row) for row in RECORDS[kernel].rows]
    for place in (0, 11):
        chosen = {"kernel_name": kernel, "kernel_rows": rows, "place": place}
        app_of("sliding").run(defs={name: SimpleNamespace(value=value) for name, value in chosen.items()})


@pytest.mark.parametrize("which", range(9))
def test_every_pixel_and_every_weight(which):
    chosen = {"which_pixel": which, "which_weight": which % 4}
    app_of("backward").run(defs={name: SimpleNamespace(value=value) for name, value in chosen.items()})


@pytest.mark.parametrize(
    ("name", "question"),
    [
        *(("sliding", each) for each in ("guess_size", "guess_point", "guess_flat")),
        *(("backward", each) for each in ("guess_windows", "guess_step", "guess_ones", "guess_tie")),
    ],
)
def test_one_prediction_is_right_and_the_others_are_not(name, question):
    options = app_of(name).run()[1][question].options
    said = []
    for option in options:
        outputs, _ = app_of(name).run(defs={question: SimpleNamespace(value=option, options=options)})
        shown = "".join(getattr(output, "html", "") for output in outputs)
        said.append((shown.count("As you predicted"), shown.count("You predicted: ")))
    assert sorted(said) == [(0, 1)] * (len(options) - 1) + [(1, 0)]
