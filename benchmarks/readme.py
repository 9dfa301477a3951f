"""The tables of README.md and docs/benchmarks.md, written from the committed results: between two marks each.

<!-- bench: layers -->
what stands here is written by `python3 run.py bench --readme`, and nothing else is touched
<!-- bench end -->

A mark names a suite, or a row whose tables are wanted as they are printed: "bench: row conv 3x3 128".
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from benchmarks import report
from benchmarks.contenders import FAST, LOOPS
from benchmarks.headline import of_suite
from benchmarks.measure import Results, Timing
from benchmarks.ratios import Grid, grids, suites
from benchmarks.words import digits, mark, times

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
PAGE = ROOT / "docs" / "benchmarks.md"
RESULTS = ROOT / "benchmarks" / "results" / "cpu.json"
"""Of `python3 run.py bench -o`, all suites."""

MARKED = re.compile(r"(<!-- bench: (.+?) -->\n).*?(<!-- bench end -->)", re.DOTALL)

ROW = "row "
"""What a mark begins with that names a row."""

LONG = {"forward+backward": "forward + backward"}

NOTES = (
    "`=`: the faster precision computes the same bits. `?`: noisy, 8 of 10 rounds are spread over more than the median "
    "+- 10 %. `~`: the loops did a part of the work, scaled up."
)


class MarksError(Exception):
    """The marks are not as they should be; says how."""


def written(text: str, results: Results) -> str:
    """A page with its tables as the results have them.

    Raises
    ------
    MarksError
        if there are no marks, or they ask for a suite or a row that the results do not have
    """
    wanted = [found[2] for found in MARKED.finditer(text)]
    rows = dict.fromkeys(ROW + each.row for each in results.timings)
    if not wanted:
        raise MarksError("has no line <!-- bench: layers -->, with <!-- bench end --> behind it")
    for each in wanted:
        there = rows if each.startswith(ROW) else suites(results.timings)
        if each not in there:
            raise MarksError(f"asks for {each!r}; the results have {', '.join(there)}")
    return MARKED.sub(lambda found: f"{found[1]}{block(results, found[2])}\n{found[3]}", text)


def block(results: Results, asked: str) -> str:
    """What is said of a suite, or of a row, and what it was measured with."""
    lines = of_row(results, asked.removeprefix(ROW)) if asked.startswith(ROW) else of_suite_named(results, asked)
    about = "; ".join(results.environment[name] for name in ("CPU", "threads", "versions", "commit"))
    return "\n".join([*lines, f"Measured on: {about}."])


def of_row(results: Results, row: str) -> list[str]:
    """Its tables, as they are printed."""
    timings = [each for each in results.timings if each.row == row]
    suite = timings[0].suite
    tables = map(str, report.tables_of(replace(results, timings=timings), suite))
    return ["```text", "\n\n".join([*tables, report.folded_rows(timings, suite)]), "```", ""]


def of_suite_named(results: Results, suite: str) -> list[str]:
    """The verdict on a suite, and its table."""
    by_allocator = grids(results.timings, suite)
    said = [f"- {sentence.removeprefix(suite + ': ')}" for sentence in of_suite(suite, by_allocator)]
    return [*said, "", *table(by_allocator), "", NOTES]


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
