"""What is printed: verdict, tables, and what the numbers mean. ASCII only, in 80 columns, nothing cut off."""

from collections.abc import Mapping, Sequence

from benchmarks.contenders import LOOPS, OTHERS
from benchmarks.headline import verdict
from benchmarks.measure import Results, Timing
from benchmarks.ratios import NOISY, Grid, Ratio, grids, suites
from benchmarks.words import SHORT, Table, digits, mark, narrow, times
from benchmarks.work import least_seconds
from parity_tests.report.layout import WIDTH, fold

__all__ = ["digits", "facts", "legend", "narrow", "reasons", "rows", "surroundings", "tables_of", "text"]

CELL = 7
"""The width of a time, at the least."""

LEGEND = {
    "fwd, f+b": "forward; forward, and backward with all gradients",
    "step": "forward, cross entropy, backward, SGD",
    "epoch": "as many steps as show each image once, and loss and accuracy of each",
    "ms": "the median of all rounds; ~ where a part was done, and scaled up; = where the faster precision computes the "
    "same bits in the same way, and was not timed again",
    "NCHW, best": "time / time of torch in its default memory format, and of torch's fastest column in that line, "
    "each in the same round, the median",
    "+-": f"half of what is between the 10 and the 90 % of those ratios to the best; ? above {NOISY:.0%}: noisy",
    "tuned": "in a child process whose malloc keeps the memory that it gets (default: as glibc has it)",
    "index": "rms error against float64, in roundings of float32; to 1 it is accurate (- where there is nothing "
    "finer to compare with)",
    "roof": "the least time that the measured ceilings allow, / its time. Fewer operations than the definition has "
    "(Winograd, Fourier) may take it above 1",
    "times": "the time / that of the one that is named",
}


def text(results: Results) -> str:
    """Write everything."""
    parts = [verdict(results), *reasons(results)]
    for suite in suites(results.timings):
        parts += [str(table) for table in tables_of(results, suite)]
        parts.append(folded_rows(results.timings, suite))
    if results.timings:
        parts.append("\n".join(fold(f"{word}: {meaning}") for word, meaning in legend(results).items()))
    return "\n\n".join([*parts, surroundings(results)]) + "\n"


def folded_rows(timings: Sequence[Timing], suite: str) -> str:
    """What the rows are, as it is printed."""
    return "\n".join(fold(line, "  " * line.startswith("~")) for line in rows(timings, suite))


def reasons(results: Results) -> list[str]:
    """Say why somebody was refused."""
    return [fold(f"{each.implementation}, {each.row}: {each.reason}") for each in results.wrong]


def legend(results: Results) -> dict[str, str]:
    """What the words in the tables mean, of those that occur."""
    directions = {SHORT[each.direction] for each in results.timings}
    present = {
        "fwd, f+b": bool({"fwd", "f+b"} & directions),
        "step": "step" in directions,
        "epoch": "epoch" in directions,
        "tuned": any(each.allocator == "tuned" for each in results.timings),
        "roof": bool(results.ceilings) and any(results.work.values()),
        "times": any(each.implementation in OTHERS for each in results.timings),
    }
    return {word: meaning for word, meaning in LEGEND.items() if present.get(word, True)}


def surroundings(results: Results) -> str:
    """Say what computed here, what the machine can do, and who could not take part."""
    return "\n".join(fold(f"{what}: {value}") for what, value in facts(results).items())


def facts(results: Results) -> dict[str, str]:
    """The same, each by its name."""
    about = dict(results.environment)
    if results.ceilings:
        about["ceilings"] = ", ".join(
            f"{what} {rate / 1e9:.0f} {'GB/s, read and written' if what == 'copy' else 'GFLOP/s'}"
            for what, rate in results.ceilings.items()
        )
    return about | {f"not timed, {name}": why for name, why in results.not_timed.items()}


def tables_of(results: Results, suite: str, only: Sequence[str] = ()) -> list[Table]:
    """The tables of one suite: the times of everybody, the ratios of each of ours, and everybody else's rankings.

    Parameters
    ----------
    results, suite : of which
    only : whose ratios, if not everybody's
    """
    by_allocator = grids(results.timings, suite)
    found = []
    for allocator, grid in by_allocator.items():
        names = [name for name in grid.names if name not in OTHERS and not grid.only_repeats(name)]
        title = f"{suite}: milliseconds, malloc {allocator}"
        found += [milliseconds(title, grid, group) for group in beside_each_other(grid, names)]
    first = next(iter(by_allocator.values()))
    compared = [name for name in first.ours if not only or name in only] or [
        name for name in first.names if name == LOOPS
    ]
    found += [against_torch(results, by_allocator, name) for name in compared if not first.only_repeats(name)]
    contested = dict.fromkeys(each.row for each in first.timings if each.implementation in OTHERS)
    base = first.ours[0] if first.ours else first.names[0]
    return found + [ranking([each for each in first.timings if each.row == row], base) for row in contested]


def beside_each_other(grid: Grid, names: Sequence[str]) -> list[list[str]]:
    """Cut the names into groups whose columns fit into a line."""
    first = max(len(row) for row, _ in grid.lines) + len("  epoch")
    groups: list[list[str]] = [[]]
    left = WIDTH - first
    for name in names:
        width = 2 + max(CELL, *map(len, heading(name).split("\n")))
        if groups[-1] and width > left:
            groups.append([])
            left = WIDTH - first
        groups[-1].append(name)
        left -= width
    return groups


def milliseconds(title: str, grid: Grid, names: Sequence[str]) -> Table:
    """The times of some contenders, one line for each row and direction."""
    lines = []
    for line in grid.lines:
        its = [grid.at(name, line) for name in names]
        cells = ["-" if each is None else equal(each) + scaled(each) + digits(1e3 * each.second) for each in its]
        lines.append([*beginning(grid, line), *cells])
    return Table(title, ["row", "", *map(heading, names)], lines)


def against_torch(results: Results, by_allocator: Mapping[str, Grid], name: str) -> Table:
    """Compare one of ours with torch, one line for each row and direction, with each allocator beside the other."""
    first = next(iter(by_allocator.values()))
    headings = ["row", ""]
    for allocator in by_allocator:
        headings += [f"{allocator}\nNCHW", "\nbest", "\n+-"]
    roof = bool(results.ceilings) and any(results.work.get(row) for row, _ in first.lines)
    lines = []
    for line in first.lines:
        standing = first.standing(name, line)
        if standing is None:
            continue
        cells = beginning(first, line)
        for grid in by_allocator.values():
            cells += ratio_cells(grid, name, line)
        lines.append([*cells, index(standing.timing), *[roofline(results, standing.timing)] * roof])
    return Table(f"{first.timings[0].suite}: {name} / torch", [*headings, "index", *["roof"] * roof], lines)


def ratio_cells(grid: Grid, name: str, line: tuple[str, str]) -> list[str]:
    """The ratios to torch NCHW and to torch's best column, and how far they are spread."""
    standing = grid.standing(name, line)
    if standing is None:
        return ["-"] * 3
    signs = equal(standing.timing) + scaled(standing.timing)
    return [signs + times(standing.nchw.median), signs + times(standing.best.median), spread(standing.best)]


def ranking(timings: Sequence[Timing], first: str) -> Table:
    """Compare everybody who was timed in one row with one of them, the fastest above."""
    [base] = [each for each in timings if each.implementation == first]
    lines = []
    for each in sorted(timings, key=lambda timing: timing.second):
        ratio = Ratio.of(each.ratios(base))
        ms, median = (scaled(each) + digits(value) for value in (1e3 * each.second, ratio.median))
        lines.append([each.implementation, ms, median, f"{digits(ratio.low, 2)}-{digits(ratio.high, 2)}", index(each)])
    return Table("", [base.row, "ms", f"times\n{first}", "10-90 %", "index"], lines, left=1)


def rows(timings: Sequence[Timing], suite: str) -> list[str]:
    """Say what each row is, which part of it was done by whom, and which algorithms ran."""
    lines: dict[object, str] = {}
    ran: dict[str, dict[str, str]] = {}
    for each in timings:
        if each.suite != suite:
            continue
        lines.setdefault(each.row, "")
        if each.scaled_by == 1:
            lines[each.row] = f"{each.row}: {each.problem}"
        else:
            part = f"~ {each.implementation}: {each.problem}, times {each.scaled_by:g}"
            lines[each.row, each.implementation] = part
        if each.ran and each.implementation != LOOPS and f":{each.ran}" not in each.implementation:
            ran.setdefault(each.row, {})[each.implementation] = each.ran
    return [f"{line}{ran_by(ran[key])}" if key in ran else line for key, line in lines.items()]


def ran_by(who: Mapping[str, str]) -> str:
    """Name the algorithms that ran, once where everybody ran the same."""
    if len(set(who.values())) == 1:
        return f"; ran {next(iter(who.values()))}"
    return "; ran " + ", ".join(f"{algorithm} ({name})" for name, algorithm in who.items())


def beginning(grid: Grid, line: tuple[str, str]) -> list[str]:
    """The first two cells of a line: the row's name where it begins, and the direction."""
    row, direction = line
    first = next(its for its in grid.lines if its[0] == row)
    return [row if line == first else "", SHORT[direction]]


def heading(name: str) -> str:
    r"""A contender's name in two lines, cut where it may be.

    >>> heading("scratch+fast"), heading("torch.channels_last"), heading("torch")
    ('scratch\n+fast', 'torch\nchannels_last', '\ntorch')
    """
    for sign in ".:+":
        before, found, after = name.rpartition(sign)
        if found:
            return f"{before}\n{after if sign == '.' else sign + after}"
    return f"\n{name}"


def roofline(results: Results, timing: Timing) -> str:
    """The fraction of the roofline."""
    work = results.work.get(timing.row, {}).get(timing.direction)
    product = results.ceilings.get(f"product {timing.problem.rpartition(' ')[2]}")
    if work is None or product is None:
        return "-"
    return times(least_seconds(work, results.ceilings["copy"], product) / timing.second)


def index(timing: Timing) -> str:
    """The precision index."""
    return "-" if timing.index is None else f"{timing.index:.2f}"


def spread(ratio: Ratio) -> str:
    """Half of the range in which 8 of 10 ratios are, in percent of the median."""
    return "?" * ratio.noisy + (f"{ratio.spread:.0%}" if ratio.spread < 1 else ">99%")


def scaled(timing: Timing) -> str:
    """The mark of a number that was scaled up."""
    return mark(timing.scaled_by != 1)


def equal(timing: Timing) -> str:
    """The mark of what was not timed again."""
    return "=" * bool(timing.same_as)
