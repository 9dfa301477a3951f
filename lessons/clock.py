"""How long something takes, on the reader's machine, while the lesson runs."""

from collections.abc import Callable, Mapping

import numpy as np

from benchmarks.timing import Arm, Budget, interleave

BUDGET = Budget(seconds=0.05, least=3, most=3, block=0.002)
"""A few rounds: enough to see which of two is the faster, not to quote."""


def seconds(calls: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """The median time of one call of each; they take turns, so that all of them meet the same machine.

    Parameters
    ----------
    calls : by name, functions that do the same in different ways
    """
    arms = {name: Arm({"": call}, work=1, results=dict, finish=lambda: None) for name, call in calls.items()}
    return {name: float(np.median(rounds)) for name, rounds in interleave(arms, "", BUDGET, ()).items()}
