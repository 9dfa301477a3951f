"""Who and what is timed, by the names on the command line; a name that is not known is told what there is."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from benchmarks.options import Stop, unknown

if TYPE_CHECKING:
    from benchmarks.contenders import Contender
    from benchmarks.rows import Row


def choose_contenders(names: Sequence[str] | None) -> tuple[dict[str, "Contender"], dict[str, str]]:
    """Find the contenders that were named, or all that can run; and say of the others why not."""
    from benchmarks.contenders import STAND_INS, contenders, find

    known = contenders()
    if names is None:
        reasons = {name: each.why_not() for name, each in known.items()}
        able = {name: each for name, each in known.items() if reasons[name] is None}
        return able, {name: why for name, why in reasons.items() if why is not None}
    chosen: dict[str, Contender] = {}
    for name in names:
        if name.partition(":")[0].partition("+")[0] in STAND_INS:
            raise Stop(f"--impl: {name} stands in for a GPU in the tests, and its speed means nothing.")
        found = find(name)
        if found is None:
            raise no_such(name, known)
        if (reason := found.why_not()) is not None:
            raise Stop(f"--impl: {name} cannot run here: {reason}", 3)
        chosen[name] = found
    return chosen, {}


def no_such(name: str, known: dict[str, "Contender"]) -> Stop:
    """What to say of an implementation, or of one of its algorithms, that is not known."""
    from benchmarks.contenders import Ours, algorithms

    namespace = known.get(name.partition(":")[0])
    if ":" in name and isinstance(namespace, Ours):
        there = [f"{namespace.name}:{each}" for each in algorithms(namespace)]
        return unknown("--impl", "algorithm", name.partition("+")[0], there)
    return unknown("--impl", "implementation", name, known)


def choose_rows(rows: Sequence["Row"], suites: Sequence[str] | None, part: str) -> list["Row"]:
    """Find the rows of some suites, or of all, with that in their name."""
    known = dict.fromkeys(row.suite for row in rows)
    for suite in suites or ():
        if suite not in known:
            raise unknown("--suite", "suite", suite, known)
    among = [row for row in rows if row.suite in (suites or known)]
    found = [row for row in among if part.lower() in row.name.lower()]
    if not found:
        raise Stop(f"--filter: no row has {part!r} in its name; there are {', '.join(row.name for row in among)}.")
    return found
