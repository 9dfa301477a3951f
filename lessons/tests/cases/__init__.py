"""What each lesson is tried with: a module of its name, with these tables.

ANSWERS : name of an exercise's cell: a right answer, a wrong one; in the order of the check cells
VALUES : the checks of exercises that ask for a number or numbers
FUNCTIONS : the checks of exercises that ask for a function
RIGHT : check, an answer that is right
WRONG : check, an answer that is wrong, words of the hint it gets
SOLUTIONS : check, the function that is shown as a solution
LIVE : what a reader may choose with the elements of the lesson, name: value, one run each
"""

import importlib
from functools import cache
from types import ModuleType, SimpleNamespace

from lessons.catalogue import LESSONS


def cases_of(lesson: str) -> ModuleType:
    """The tables of a lesson."""
    return importlib.import_module(f"lessons.tests.cases.{lesson}")


def rows(table: str) -> list:
    """The lesson and each row of a table, of all lessons; a row that is no tuple stands alone."""
    return [
        (lesson, *(row if isinstance(row, tuple) else (row,)))
        for lesson in LESSONS
        for row in getattr(cases_of(lesson), table)
    ]


def run(lesson: str, **given) -> tuple:
    """Run a notebook in which these names have these values: what its cells show, and all names."""
    return importlib.import_module(f"lessons.notebooks.{lesson}").app.run(defs=given)


@cache
def as_it_is(lesson: str) -> tuple:
    """Run a notebook in which nobody has answered or chosen anything."""
    return run(lesson)


def chosen(value, options=()) -> SimpleNamespace:
    """An element with which a reader has chosen something."""
    return SimpleNamespace(value=value, options=options)
