"""What is printed of a sweep: times, ratios to torch, slopes, crossovers, and memory; or all of it as JSON."""

from collections.abc import Sequence
from dataclasses import asdict

from benchmarks import report, sweep
from benchmarks.document import head, render, rounded, short
from benchmarks.headline import doubts, refusal
from benchmarks.measure import Results
from benchmarks.memory import PROMISE, Peak
from benchmarks.ratios import Grid, geometric_mean
from benchmarks.words import SHORT, Table, digits, times
from parity_tests.report.layout import fold

DOCUMENT, SCHEMA = "sweep", 1
"""What the JSON is, and its version, raised whenever a field changes its name or meaning."""

LEGEND = {
    "slope": "the power of what grows with which the time grows, fitted to the upper half of the points",
    "auto": "scratch's own choice of the algorithm; x: its time / that of the fastest algorithm by name, in the same "
    "round, the median",
    "peak, predicted": "memory beyond the inputs at the peak; what y, the padded input and all gradients are",
    "beyond": f"the rest: blocks, transforms, and memory kept to be used again; {PROMISE >> 20} MiB are allowed",
}

MIB = 2**20


def grid_of(results: Results) -> Grid:
    """The sweep's only grid."""
    return Grid(results.timings, results.timings[0].suite, results.timings[0].allocator)


def sentences(results: Results, peaks: Sequence[Peak]) -> list[str]:
    """The verdict: how good the choice is, where the algorithms cross, and whether memory is bounded."""
    if results.wrong:
        return [refusal(results)]
    grid = grid_of(results)
    lines = []
    chosen = [(ratio, line) for line in grid.lines if (ratio := sweep.regret(grid, line)) is not None]
    if chosen:
        worst, (row, way) = max(chosen)
        mean = digits(geometric_mean(ratio for ratio, _ in chosen))
        lines.append(
            f"scratch's choice takes {mean} x the fastest algorithm's time (geometric mean of {len(chosen)} lines), "
            f"at worst {digits(worst)} x, at {row} {SHORT[way]}"
        )
        lines += [f"fastest algorithm, {SHORT[way]}: {crossings(grid, way)}" for way in directions(grid)]
    mine = [each for each in peaks if each.implementation == "scratch"]
    if mine:
        most = max(mine, key=lambda each: each.beyond)
        kept = "within" if most.beyond <= PROMISE else "BEYOND"
        lines.append(
            f"memory beyond the results: at most {most.beyond / MIB:.1f} MiB, at {most.row} {SHORT[most.direction]}, "
            f"{kept} the {PROMISE >> 20} MiB allowed"
        )
    return lines + doubts(results)


def directions(grid: Grid) -> list[str]:
    """Forward, and both."""
    return list(dict.fromkeys(way for _, way in grid.lines))


def crossings(grid: Grid, way: str) -> str:
    """Which algorithm is the fastest from where to where."""
    runs = [(name, values[0], values[-1]) for name, values in sweep.winners(grid, way)]
    return ", ".join(f"{name} at {first}" + (f" to {last}" if last != first else "") for name, first, last in runs)


def tables(results: Results, peaks: Sequence[Peak]) -> list[Table]:
    """Times and ratios as those of a suite, then what only a sweep has."""
    if not results.timings:
        return []
    grid = grid_of(results)
    found = report.tables_of(results, grid.timings[0].suite, only=("scratch", "scratch+fast"))
    ways = directions(grid)
    slopes = [
        [name, *("-" if each is None else f"{each:.2f}" for each in its)]
        for name, its in sweep.slopes(grid, ways).items()
    ]
    found.append(Table("slopes", ["", *(SHORT[way] for way in ways)], slopes, left=1))
    return [*found, choices(grid, peaks)]


def choices(grid: Grid, peaks: Sequence[Peak]) -> Table:
    """What scratch chose at each point, how good that was, and how much memory it took."""
    memory = {(each.row, each.direction): each for each in peaks if each.implementation == "scratch"}
    lines = []
    for line in grid.lines:
        mine, peak, ratio = grid.at("scratch", line), memory.get(line), sweep.regret(grid, line)
        cells = [] if peak is None else [f"{size / MIB:.1f}" for size in (peak.measured, peak.predicted, peak.beyond)]
        lines.append(
            [
                *report.beginning(grid, line),
                "-" if mine is None else mine.ran,
                "-" if ratio is None else times(ratio),
                *(cells or ["-"] * 3),
            ]
        )
    headings = ["", "", "\nauto", "\nx", "peak\nMiB", "predicted\nMiB", "beyond\nMiB"]
    return Table("scratch's choice, and its memory", headings, lines, left=3)


def text(results: Results, peaks: Sequence[Peak]) -> str:
    """Write everything."""
    parts = ["\n".join(map(fold, sentences(results, peaks))), *report.reasons(results)]
    parts += map(str, tables(results, peaks))
    if results.timings:
        suite = results.timings[0].suite
        parts.append("\n".join(fold(line, "  " * line.startswith("~")) for line in report.rows(results.timings, suite)))
        words = report.legend(results) | LEGEND
        parts.append("\n".join(fold(f"{word}: {meaning}") for word, meaning in words.items()))
    return "\n\n".join([*parts, report.surroundings(results)]) + "\n"


def as_json(results: Results, peaks: Sequence[Peak]) -> str:
    """Write everything as JSON."""
    content = head(DOCUMENT, SCHEMA, "\n".join(sentences(results, peaks)), results)
    content |= {"ceilings": short(results.ceilings), "work": results.work, "memory": [asdict(each) for each in peaks]}
    if results.timings:
        grid = grid_of(results)
        content["slopes"] = {
            name: dict(zip(directions(grid), its, strict=True))
            for name, its in sweep.slopes(grid, directions(grid)).items()
        }
        content["fastest"] = (
            {way: sweep.winners(grid, way) for way in directions(grid)} if sweep.algorithms(grid) else {}
        )
    return render(content, "timings", [asdict(each) | {"seconds": rounded(each.seconds)} for each in results.timings])
