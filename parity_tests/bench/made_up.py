"""Results that nobody measured, to be read and compared."""

from collections.abc import Sequence
from typing import Any

from benchmarks.contenders import LOOPS, OTHERS
from benchmarks.measure import Results, Timing
from benchmarks.rows import ROWS, Row
from parity_tests.harness.comparison import Verdict

FASTER = {"torch.channels_last": 0.5}
"""Who takes another time than torch, of those who are not told."""


def timing(
    row: Row, direction: str, implementation: str, seconds: float = 1.0, allocator: str = "default", **more: Any
) -> Timing:
    """Three rounds in one line, the second in the middle."""
    told: dict[str, Any] = {
        "scaled_by": 1.0,
        "verdict": Verdict.ACCURATE,
        "index": 0.2,
        "problem": str(row.problem),
    } | more
    rounds = told.pop("rounds", [0.9, 1.0, 1.1])
    return Timing(
        row.suite, row.name, direction, implementation, allocator, seconds=[seconds * each for each in rounds], **told
    )


def results(
    *names: str,
    seconds: float = 1.0,
    allocators: Sequence[str] = ("default",),
    verdict: Verdict = Verdict.ACCURATE,
    rows: Sequence[Row] = ROWS,
    **more: Any,
) -> Results:
    """Everybody in all rows: torch in 1 second, in half of one with channels last, the named ones as told."""
    timings = [
        timing(
            row, direction, name, FASTER.get(name, 1.0) if name.startswith("torch") else seconds, allocator,
            scaled_by=512.0 if name == LOOPS else 1.0, verdict=verdict,
        )
        for allocator in allocators
        for row in rows
        for direction in row.problem.directions
        for name in ("torch", "torch.channels_last", *names)
        if row.suite == "images" or name not in OTHERS
        if row.suite != "images" or name not in FASTER
    ]  # fmt: skip
    environment = {"CPU": "a processor with a name that goes on and on, and then still does not come to its end @ 3"}
    told: dict[str, Any] = {"quick": False, "others": None, "work": {}, "ceilings": {}, "wrong": []} | more
    return Results(timings, environment=environment, not_timed={"gpu": "no GPU"}, **told)
