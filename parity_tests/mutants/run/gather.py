"""Try the suite on every mutant and every control, and see what it says."""

import sys
import tempfile
import warnings
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch

from parity_tests.check.adapters import Hints
from parity_tests.check.examine import examine
from parity_tests.check.process import Failure, Refused
from parity_tests.check.reading import read
from parity_tests.diagnosis import Diagnosis, diagnose
from parity_tests.harness.case import DTYPES, Case
from parity_tests.harness.cases import CASES
from parity_tests.harness.contract import broken_promises, broken_promises_of_optimiser
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.optimiser_case import OptimiserCase
from parity_tests.harness.referee import judge, reference
from parity_tests.mutants.in_process import InProcess
from parity_tests.mutants.namespace import Alone, alone
from parity_tests.mutants.table import Control, Mutant
from parity_tests.report.gather import progress
from scratch.array import HostArray

SEED = 0
NAMED_AT_LEAST = 0.8
"""The share of all mutants that the diagnosis has to name."""

NORMWISE = 8.0
"""The largest error of a control that is right norm-wise, in epsilons of the largest number."""


@dataclass(frozen=True)
class Accusation:
    """Something that the harness has to say against a layer.

    Attributes
    ----------
    case : where
    dtype : in which format
    what : the tensor, and what is wrong with it; or the promise that is broken
    """

    case: str
    dtype: str
    what: str


@dataclass(frozen=True)
class Outcome:
    """What was said about one layer.

    Attributes
    ----------
    name, op : the layer's, as in the tables
    what : what is wrong with it, or what is different
    accusations : what the harness says against it
    check : what `check` says, which has to find out how the layer is called: "agrees", "disagrees", "remarks" if it
        agrees but does something else than torch, or why it cannot be read
    named : the errors that the diagnosis names
    right : whether that is what is wrong
    normwise : whether it is judged norm-wise, which `check` does not do
    """

    name: str
    op: str
    what: str
    accusations: Sequence[Accusation]
    check: str
    named: Sequence[str] = ()
    right: bool = False
    normwise: bool = False


@dataclass
class Result:
    """The outcomes of all.

    Attributes
    ----------
    mutants, controls : in the order of the tables
    required : the share of the mutants that the diagnosis has to name
    """

    mutants: list[Outcome] = field(default_factory=list)
    controls: list[Outcome] = field(default_factory=list)
    required: float = NAMED_AT_LEAST

    @property
    def missed(self) -> list[Outcome]:
        """The mutants against which nothing is said."""
        return [each for each in self.mutants if not each.accusations]

    @property
    def accused(self) -> list[Outcome]:
        """The controls against which something is said."""
        return [each for each in self.controls if each.accusations or (each.check != "agrees" and not each.normwise)]

    @property
    def named(self) -> list[Outcome]:
        """The mutants whose bug the diagnosis names."""
        return [each for each in self.mutants if each.right]

    @property
    def passed_by_check(self) -> list[Outcome]:
        """The mutants that only the harness catches: `check` says that they agree."""
        return [each for each in self.mutants if each.accusations and each.check == "agrees"]

    @property
    def meets(self) -> bool:
        """Whether the suite does what is required of it."""
        return not self.missed and not self.accused and self.names_enough

    @property
    def names_enough(self) -> bool:
        """Whether the diagnosis names as many as required."""
        return len(self.named) >= self.required * len(self.mutants)


def gather(rows: Sequence[Mutant | Control], jobs: int, required: float = NAMED_AT_LEAST) -> Result:
    """Try them all, some at a time; progress goes to stderr, on a terminal."""
    result = Result(required=required)
    with ProcessPoolExecutor(jobs, get_context("spawn"), initializer=prepare) as pool:
        for row, outcome in zip(rows, progress(pool.map(try_one, rows), "mutants", len(rows)), strict=True):
            (result.mutants if isinstance(row, Mutant) else result.controls).append(outcome)
    return result


def prepare() -> None:
    """Set up a process: small arrays are slower in several threads, and what is wrong may overflow on its way."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")


def try_one(row: Mutant | Control) -> Outcome:
    """Try the suite on one layer."""
    normwise = isinstance(row, Control) and row.normwise
    implementation = alone(row.layer, row.op)
    cases = [case for case in CASES if case.op == row.op]
    accusations = [one for case in cases for one in against(case, implementation, normwise)]
    check, diagnosis = checked(row)
    what = " ".join((row.layer.__doc__ or "").split())
    named = [] if diagnosis is None else diagnosis.named
    meant = set(row.suspects) if isinstance(row, Mutant) else set()
    right = bool(named) and all({each.suspect, *each.twins} & meant for each in named)
    return Outcome(row.name, row.op, what, accusations, check, [each.suspect for each in named], right, normwise)


def against(case: Case, implementation: Alone, normwise: bool = False) -> list[Accusation]:
    """Everything that the harness has to say against a layer in one case; an exception is said against it, too."""
    found = []
    for dtype in case.dtypes:
        should = reference(case, dtype, SEED)  # outside of the try: an exception here is the suite's
        try:
            for finding in judge(case, implementation, dtype, SEED):
                good = finding.ours.verdict.agrees
                if not good and normwise:
                    tensors = case.run(implementation.nn, should.inputs)
                    good = is_right_normwise(tensors[finding.tensor], should.oracle[finding.tensor], dtype)
                if not good:
                    what = f"{finding.tensor}: {finding.ours.reason or finding.ours.verdict}"
                    found.append(Accusation(str(case), dtype, what))
        except Exception as error:  # noqa: BLE001  (a mutant may raise anything)
            found.append(Accusation(str(case), dtype, f"raises {type(error).__name__}"))
    return found + [Accusation(str(case), DTYPES[0], what) for what in promises(case, implementation)]


def promises(case: Case, implementation: Alone) -> list[str]:
    """The promises that a layer or an optimiser breaks; an exception breaks them."""
    try:
        if isinstance(case, LayerCase):
            return broken_promises(case, implementation, DTYPES[0], SEED)
        if isinstance(case, OptimiserCase):
            return broken_promises_of_optimiser(case, implementation, DTYPES[0], SEED)
    except Exception as error:  # noqa: BLE001  (likewise)
        return [f"raises {type(error).__name__} in a second call"]
    return []


def is_right_normwise(got: HostArray, want: HostArray, dtype: str) -> bool:
    """Whether all errors are small beside the largest number."""
    same = got.shape == want.shape and np.isfinite(got).all() and np.isfinite(want).all()
    return bool(same and np.abs(got - want).max() <= NORMWISE * np.finfo(dtype).eps * np.abs(want).max())


def checked(row: Mutant | Control) -> tuple[str, Diagnosis | None]:
    """What `check` says about a layer, and the diagnosis if there is one."""
    with tempfile.TemporaryDirectory() as folder:
        process = InProcess(sys.modules[row.layer.__module__], Path(folder))
        try:
            adapter = read(process, row.op, row.layer.__name__, Hints())
            found = examine(process, adapter, DTYPES, SEED)
        except (Failure, Refused) as reason:
            return f"cannot read it: {reason}", None
    remarks = found.changed or found.conversions
    word = ("remarks" if remarks else "agrees") if found.agrees else "disagrees"
    return word, diagnose(found.evidence) if found.evidence else None
