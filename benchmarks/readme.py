"""The tables of README.md, written from the committed results: between two marks each, and nothing else is touched.

<!-- bench: layers -->
what stands here is written by `python3 run.py bench --readme`
<!-- bench end -->
"""

import re
from collections.abc import Mapping
from pathlib import Path

from benchmarks.contenders import FAST, LOOPS
from benchmarks.headline import of_suite
from benchmarks.measure import Results, Timing
from benchmarks.ratios import Grid, grids, suites
from benchmarks.words import digits, mark, times

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
RESULTS = ROOT / "benchmarks" / "results" / "cpu.json"
"""Of `python3 run.py bench -o`, all suites."""

MARKED = re.compile(r"(<!-- bench: (.+?) -->\n).*?(<!-- bench end -->)", re.DOTALL)

LONG = {"forward+backward": "forward + backward"}

NOTES = (
    "`=`: the faster precision computes the same bits. `?`: noisy, 8 of 10 rounds are spread over more than the median "
    "+- 10 %. `~`: the loops did a part of the work, scaled up."
)


class MarksError(Exception):
    """The marks are not as they should be; says how."""


def written(readme: str, results: Results) -> str:
    """The README with its tables as the results have them.

    Raises
    ------
    MarksError
        if there are no marks, or they ask for a suite that the results do not have
    """
    wanted = [found[2] for found in MARKED.finditer(readme)]
    there = suites(results.timings)
    if not wanted:
        raise MarksError("has no line <!-- bench: layers -->, with <!-- bench end --> behind it")
    for suite in wanted:
        if suite not in there:
            raise MarksError(f"asks for {suite!r}; the results have {', '.join(there)}")
    return MARKED.sub(lambda found: f"{found[1]}{block(results, found[2])}\n{found[3]}", readme)


def block(results: Results, suite: str) -> str:
    """What is said of a suite: its verdict, its table, and what it was measured with."""
    by_allocator = grids(results.timings, suite)
    said = [f"- {sentence.removeprefix(suite + ': ')}" for sentence in of_suite(suite, by_allocator)]
    about = "; ".join(results.environment[name] for name in ("CPU", "threads", "versions", "commit"))
    return "\n".join([*said, "", *table(by_allocator), "", NOTES, f"Measured on: {about}."])


def table(by_allocator: Mapping[str, Grid]) -> list[str]:
    """Each line: the times, the ratios to torch's best column with each allocator, and to the loops."""
    all_grids = list(by_allocator.values())
    first, last = all_grids[0], all_grids[-1]
    name = first.ours[0]
    columns = [column for column in ("torch", "torch.channels_last", name) if column in first.names]
    headings = ["row", "direction", *(f"{column} ms" for column in columns)]
    headings += [f"{name} / best{', malloc tuned' * (allocator == 'tuned')}" for allocator in by_allocator]
    fast = name + FAST if name + FAST in last.names else ""
    headings += [f"{fast} / best{', malloc tuned' * ('tuned' in by_allocator)}"] if fast else []
    headings += ["index"] + ["loops / " + name] * (LOOPS in first.names)
    rows = []
    for line in first.lines:
        found = [first.at(column, line) for column in columns]
        cells = ["-" if each is None else digits(1e3 * each.second) for each in found]
        cells += [ratio(grid, name, line) for grid in by_allocator.values()]
        cells += [ratio(last, fast, line)] if fast else []
        mine, loops = first.at(name, line), first.at(LOOPS, line)
        cells.append("-" if mine is None or mine.index is None else f"{mine.index:.2f}")
        if LOOPS in first.names:
            cells.append(loops_cell(loops, mine))
        rows.append([line[0], LONG.get(line[1], line[1]), *cells])
    rule = [*["---"] * 2, *["---:"] * (len(headings) - 2)]
    return ["| " + " | ".join(cells) + " |" for cells in (headings, rule, *rows)]


def loops_cell(loops: Timing | None, mine: Timing | None) -> str:
    """How many times as long the loops take."""
    if loops is None or mine is None:
        return "-"
    return mark(loops.scaled_by != 1) + times(loops.ratio(mine))


def ratio(grid: Grid, name: str, line: tuple[str, str]) -> str:
    """The ratio to torch's best column, with its marks."""
    standing = grid.standing(name, line)
    if standing is None:
        return "-"
    return "=" * bool(standing.timing.same_as) + times(standing.best.median) + "?" * standing.best.noisy
