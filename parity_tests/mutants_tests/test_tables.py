"""The tables of mutants and controls are complete."""

import inspect
import pkgutil
from importlib import import_module

import pytest

from parity_tests import mutants
from parity_tests.diagnosis.repeated import REPEATED
from parity_tests.diagnosis.suspects import suspects_of
from parity_tests.harness.cases import CASES
from parity_tests.mutants.table import Control, Mutant
from parity_tests.mutants.tables import BASE, CONTROLS, MUTANTS

MODULES = [import_module(f"parity_tests.mutants.{each.name}") for each in pkgutil.iter_modules(mutants.__path__)]
KNOWN = {each.id for op in BASE for each in suspects_of(op)} | {REPEATED.id, "inputs-modified"}
"""The errors that the diagnosis knows."""

WITHOUT_MUTANT: dict[str, str] = {}
"""An error that the diagnosis knows -> why there is no mutant that has it."""


def test_there_are_enough():
    assert len(MUTANTS) >= 60
    assert len(CONTROLS) >= 10
    assert {each.op for each in MUTANTS} == {each.op for each in CONTROLS} == set(BASE)


def test_every_layer_is_in_a_table_once():
    """A class made from one of the base that nobody has listed would be tried by nobody."""
    bases = tuple(BASE.values())
    made = [
        value
        for module in MODULES
        for value in vars(module).values()
        if inspect.isclass(value) and value.__module__ == module.__name__ and issubclass(value, bases)
    ]
    listed = [*(each.layer for each in [*MUTANTS, *CONTROLS]), *bases]
    assert sorted(listed, key=str) == sorted(made, key=str)


@pytest.mark.parametrize("row", [*MUTANTS, *CONTROLS], ids=lambda row: row.name)
def test_a_row_says_what_it_is(row: Mutant | Control):
    assert issubclass(row.layer, BASE[row.op])
    assert row.layer.__doc__ is not None
    assert row.layer.__doc__.endswith(".")
    assert "\n" not in row.layer.__doc__
    assert row.layer.__doc__ != BASE[row.op].__doc__
    assert any(case.op == row.op for case in CASES)


def test_the_names_are_those_that_the_diagnosis_has():
    assert {suspect for each in MUTANTS for suspect in each.suspects} <= KNOWN


def test_every_error_that_the_diagnosis_knows_has_a_mutant():
    shown = {suspect for each in MUTANTS for suspect in each.suspects}
    assert KNOWN - shown == set(WITHOUT_MUTANT)
