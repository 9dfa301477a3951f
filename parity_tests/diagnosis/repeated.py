"""The error that only a second call shows: what the layer gives depends on the calls before."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from parity_tests.diagnosis.scene import Scene
from parity_tests.diagnosis.suspect import Outcome


@dataclass(frozen=True)
class Repeated:
    """A suspect that is not asked case by case."""

    id: str
    sentence: str

    def outcomes(self, scene: Scene) -> dict[str, Outcome]:
        """One case alone tells nothing."""
        return {}


REPEATED = Repeated(
    "depends-on-earlier-call",
    "The result depends on the calls before: the same case gives other numbers in another call. Keep no arrays, sums "
    "or flags from one call to the next.",
)


def repeated(scenes: Sequence[Scene]) -> set[tuple[str, int]]:
    """The disagreements that are not there in another call of the same case: (tensor, number of the scene)."""
    calls: dict[object, list[int]] = {}
    for n, scene in enumerate(scenes):
        calls.setdefault((scene.case, scene.dtype, scene.evidence.seed), []).append(n)
    found = set()
    for numbers in calls.values():
        for n in numbers:
            for tensor in scenes[n].disagrees & scenes[n].got.keys():
                others = [scenes[m].got[tensor] for m in numbers if m != n and tensor in scenes[m].got]
                if any(not np.array_equal(scenes[n].got[tensor], other, equal_nan=True) for other in others):
                    found.add((tensor, n))
    return found
