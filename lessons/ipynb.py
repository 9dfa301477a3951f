"""A lesson for Jupyter and Colab: its .ipynb, made from the marimo notebook without running it.

In place of marimo it imports `lessons.in_jupyter`; text becomes Markdown cells; what marimo hides is folded.
"""

import json
from pathlib import Path
from typing import Any

from lessons.catalogue import Lesson
from lessons.cells import Cell, cells

FOLDER = Path(__file__).parent / "jupyter"
COMMAND = "python3 run.py lessons --jupyter"

FIRST_CELL = """\
# Run this first. It finds the checkout of the project, and installs what is missing into this Python.
import importlib.util
import subprocess
import sys
from pathlib import Path

REPOSITORY = ""  # where no checkout is, as on Colab: the address that `git clone` takes

here = Path.cwd()
if REPOSITORY and not (here / "nn-parity").exists():
    subprocess.run(["git", "clone", "--depth", "1", REPOSITORY, "nn-parity"], check=True)
places = [here, *here.parents, here / "nn-parity"]
sys.path[:0] = [str(place) for place in places if (place / "lessons" / "in_jupyter.py").exists()][:1]
if importlib.util.find_spec("lessons") is None:
    raise FileNotFoundError(
        f"no checkout in {here} or above it: fill in REPOSITORY, or bring one here "
        "(`!git clone REPOSITORY nn-parity`, or upload it), and run this cell again."
    )

from lessons.install import install

install()"""

ABOUT = """\
*This is `lessons/notebooks/{name}.py` for Jupyter and Colab. Here nothing moves by itself: what you choose, you write
into the cell that offers it; then run that cell and those below. Run all cells once before you begin. In a terminal,
`python3 run.py lessons {name}` opens the lesson itself, with sliders that move.*

<!-- Written by `{command}`: change the lesson, not this file. -->"""

TITLE = "# @title Run this cell"  # Colab shows it in place of the code


def notebook(lesson: Lesson) -> str:
    """The file: notebook format 4.5, as Jupyter itself writes it."""
    made = [code(FIRST_CELL), markdown(ABOUT.format(name=lesson.name, command=COMMAND))]
    made += [converted(cell) for cell in cells(lesson.notebook.read_text(encoding="utf-8"))]
    whole = {
        "cells": [{**cell, "id": f"cell-{n}"} for n, cell in enumerate(made)],
        "metadata": {
            **({"accelerator": "GPU"} if lesson.gpu else {}),
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def converted(cell: Cell) -> dict[str, Any]:
    """A cell of marimo as one of Jupyter."""
    if cell.words:
        return markdown(cell.words)
    words = cell.code.replace("import marimo as mo", "from lessons import in_jupyter as mo")
    # The reader must see the code in which a choice is written.
    return folded(words) if cell.hidden and not cell.chooses else code(words)


def code(words: str) -> dict[str, Any]:
    """A code cell."""
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": lines(words)}


def folded(words: str) -> dict[str, Any]:
    """A code cell whose code is seen only after a click: Jupyter reads the first of its marks, Colab the second."""
    return {**code(f"{TITLE}\n{words}"), "metadata": {"jupyter": {"source_hidden": True}, "cellView": "form"}}


def markdown(words: str) -> dict[str, Any]:
    """A cell of text."""
    return {"cell_type": "markdown", "metadata": {}, "source": lines(words)}


def lines(words: str) -> list[str]:
    """A text as the format wants it."""
    return words.splitlines(keepends=True)
