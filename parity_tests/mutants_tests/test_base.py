"""The layers that the mutants are made from are right: else a mutant could be caught for another reason."""

import sys

import numpy as np
import pytest

from parity_tests.check.adapters import Hints
from parity_tests.check.examine import examine
from parity_tests.check.reading import read
from parity_tests.harness.case import DTYPES
from parity_tests.harness.cases import CASES
from parity_tests.mutants.in_process import InProcess
from parity_tests.mutants.namespace import alone
from parity_tests.mutants.run.gather import against
from parity_tests.mutants.tables import BASE


@pytest.mark.parametrize("op", BASE)
def test_agrees_with_torch_and_keeps_every_promise(op: str):
    cases = [case for case in CASES if case.op == op]
    assert len(cases) > 4
    with np.errstate(all="ignore"):
        assert [one for case in cases for one in against(case, alone(BASE[op], op))] == []


@pytest.mark.parametrize("op", BASE)
def test_check_reads_it_and_agrees(op: str, tmp_path):
    process = InProcess(sys.modules[BASE[op].__module__], tmp_path)
    adapter = read(process, op, op, Hints())
    found = examine(process, adapter, DTYPES, seed=0)
    assert found.agrees
    assert not found.changed | found.conversions.keys()
    assert set(found.lacks) <= NOT_CLAIMED.get(op, set())


NOT_CLAIMED: dict[str, set[str]] = {}
"""What check says is not offered, though it is: nothing."""
