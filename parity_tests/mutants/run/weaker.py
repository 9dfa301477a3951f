"""What weaker ways of testing make of the mutants and the controls."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context

from parity_tests.mutants.run.gather import prepare
from parity_tests.mutants.run.show import percent
from parity_tests.mutants.run.ways import WAYS
from parity_tests.mutants.table import Control, Mutant
from parity_tests.report.gather import progress
from parity_tests.report.layout import fold, table


@dataclass
class Found:
    """What one way of testing found.

    Attributes
    ----------
    way : its name
    tried, missed : the mutants that there is such a test for, and those of them that pass it
    controls, accused : the controls that there is such a test for, and those of them that fail it
    """

    way: str
    tried: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    controls: list[str] = field(default_factory=list)
    accused: list[str] = field(default_factory=list)


def gather(rows: Sequence[Mutant | Control], jobs: int) -> list[Found]:
    """Try every way on them all; on the controls that are right number by number."""
    rows = [row for row in rows if isinstance(row, Mutant) or not row.normwise]
    found = [Found(way.name) for way in WAYS]
    with ProcessPoolExecutor(jobs, get_context("spawn"), initializer=prepare) as pool:
        for row, answers in zip(rows, progress(pool.map(try_one, rows), "mutants", len(rows)), strict=True):
            for each, notices in zip(found, answers, strict=True):
                if notices is not None:
                    note(each, row, notices)
    return found


def try_one(row: Mutant | Control) -> list[bool | None]:
    """Whether each way notices something; None where there is no such test."""
    return [way.notices(row.layer, row.op) if way.cases(row.op) else None for way in WAYS]


def note(found: Found, row: Mutant | Control, notices: bool) -> None:
    """Sort one answer in."""
    is_mutant = isinstance(row, Mutant)
    (found.tried if is_mutant else found.controls).append(row.name)
    if notices != is_mutant:
        (found.missed if is_mutant else found.accused).append(row.name)


def render(found: Sequence[Found]) -> str:
    """The table, and then the names."""
    lists = [
        fold(f"{each.way}, {what}: {', '.join(names)}")
        for each in found
        for what, names in (("misses", each.missed), ("accuses", each.accused))
        if names
    ]
    return "\n\n".join([as_table(found), *lists]) + "\n"


def as_table(found: Sequence[Found]) -> str:
    """How many mutants each way misses, and how many controls it accuses."""
    rows = [[each.way, share(each.missed, each.tried), share(each.accused, each.controls)] for each in found]
    return table(["way of testing", "mutants missed", "controls accused"], rows)


def share(some: Sequence[str], all_: Sequence[str]) -> str:
    """3 of 20 (15 %)."""
    return f"{len(some)} of {len(all_)} ({percent(len(some), len(all_))})" if all_ else "-"
