"""What the tests of the mutants share: all of them are tried once."""

import os

import pytest

from parity_tests.mutants.run import gather, weaker
from parity_tests.mutants.run.gather import Result
from parity_tests.mutants.run.weaker import Found
from parity_tests.mutants.tables import CONTROLS, MUTANTS


@pytest.fixture(scope="session")
def result() -> Result:
    """What the suite makes of them."""
    return gather.gather([*MUTANTS, *CONTROLS], os.cpu_count() or 1)


@pytest.fixture(scope="session")
def found() -> list[Found]:
    """What weaker ways of testing make of them."""
    return weaker.gather([*MUTANTS, *CONTROLS], os.cpu_count() or 1)
