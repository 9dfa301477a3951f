"""A picture of one plane of a tensor: where it is right and where it is wrong."""

from collections.abc import Sequence

import numpy as np

from parity_tests.diagnosis.facts import comparable, wrong_elements
from parity_tests.diagnosis.outcome import ErrorMap
from parity_tests.diagnosis.scene import Scene

MARKS = ".-+#!"
"""One for each level of an ErrorMap."""

LEGEND = """. right   - off by less than 1 % of the largest number, + by less than all of it
# by more   ! NaN or infinite, here or in torch"""
MOST_ROWS, MOST_COLUMNS = 20, 70


def error_map(scenes: Sequence[Scene], tensors: Sequence[str]) -> ErrorMap | None:
    """Map the plane with the most wrong elements, of the first tensor and the smallest case where there is one to see.

    A plane of one element shows nothing, so a larger one is preferred.
    """
    found = [
        (scene, tensor)
        for tensor in tensors
        for scene in scenes
        if tensor in scene.disagrees and comparable(scene, tensor) is not None
    ]
    chosen = next(((s, t) for s, t in found if s.truth[t].value.size >= 9), found[0] if found else None)
    if chosen is None:
        return None
    scene, tensor = chosen
    pair, wrong = comparable(scene, tensor), wrong_elements(scene, tensor)
    assert pair is not None
    assert wrong is not None
    got, want = (np.atleast_2d(each) for each in pair)
    wrong = np.atleast_2d(wrong)
    counts = wrong.sum((-2, -1))
    plane = tuple(map(int, np.unravel_index(int(np.argmax(counts)), counts.shape))) if counts.ndim else ()
    got, want, wrong = got[plane], want[plane], wrong[plane]
    finite = np.isfinite(got) & np.isfinite(want)
    largest = float(np.abs(want[finite]).max()) if finite.any() else 0.0
    error = np.abs(got - want)
    levels = np.where(error < 0.01 * largest, 1, np.where(error <= largest, 2, 3))
    levels = np.where(finite, levels, 4) * wrong
    return ErrorMap(tensor, str(scene.case), scene.dtype, plane, tuple(tuple(map(int, row)) for row in levels))


def drawn(found: ErrorMap) -> str:
    """The map as text, cut to what fits; the legend below."""
    rows = ["".join(MARKS[level] for level in row) for row in found.levels]
    more = ["..."] if len(rows) > MOST_ROWS else []
    cut = [row if len(row) <= MOST_COLUMNS else row[:MOST_COLUMNS] + " ..." for row in rows[:MOST_ROWS]]
    return "\n".join([*cut, *more, LEGEND])
