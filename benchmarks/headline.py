"""The verdict: how ours do beside torch, at equal accuracy and in the faster precision, and where they lose."""

from collections.abc import Callable, Mapping, Sequence

from benchmarks.contenders import FAST, LOOPS
from benchmarks.measure import Results, Timing
from benchmarks.ratios import Grid, Standing, geometric_mean, grids, suites
from benchmarks.words import SHORT, digits, mark
from parity_tests.harness.comparison import Verdict
from parity_tests.report.layout import fold

BUSY = 0.05
"""What other programs may take of the CPUs before it is worth a word."""


def verdict(results: Results) -> str:
    """Say in words how everybody does; the most important first."""
    return "\n".join(map(fold, sentences(results)))


def sentences(results: Results) -> list[str]:
    """The verdict, each sentence in one line."""
    if results.wrong:
        return [refusal(results)]
    lines = [line for suite in suites(results.timings) for line in of_suite(suite, grids(results.timings, suite))]
    return [*lines, *doubts(results)]


def refusal(results: Results) -> str:
    """Say who was wrong."""
    names = dict.fromkeys(each.implementation for each in results.wrong)
    return f"{' and '.join(names)} computed something wrong, so nothing was timed"


def doubts(results: Results) -> list[str]:
    """What takes from the verdict."""
    lines = []
    if results.quick:
        lines.append("Short rounds are noisy: without --quick the figures are better")
    if results.others is not None and results.others > BUSY:
        lines.append(f"Other programs took {results.others:.0%} of the CPUs meanwhile: the figures are noisy")
    found = [grid for suite in suites(results.timings) for grid in grids(results.timings, suite).values()]
    ratios = [each.best for grid in found for name in grid.ours[:1] for each in grid.standings(name)]
    noisy = sum(each.noisy for each in ratios)
    if noisy:
        lines.append(f"{noisy} of {len(ratios)} ratios to torch are noisy, and marked with ?")
    return lines


def of_suite(suite: str, by_allocator: Mapping[str, Grid]) -> list[str]:
    """The lines of one suite."""
    first = next(iter(by_allocator.values()))
    lines = []
    for name in first.ours:
        standings = {allocator: precise(grid.standings(name)) for allocator, grid in by_allocator.items()}
        if any(standings.values()):
            lines.append(f"{suite}: {fast(name, standings) if FAST in name else strict(name, standings)}")
        imprecise = dict.fromkeys(each.timing.row for each in first.standings(name) if not is_precise(each.timing))
        if imprecise:
            lines.append(f"{name} is imprecise, so its time does not compare, in {', '.join(imprecise)}")
        if FAST not in name and name == first.ours[0]:
            lines += losses(name, standings)
    return lines + loops(first)


def strict(name: str, standings: Mapping[str, Sequence[Standing]]) -> str:
    """Compare with torch's best column: both are as accurate as float32 allows."""
    return (
        f"at equal accuracy {name} takes {means(standings, lambda each: each.best.median)} the time of torch's best "
        f"column{counted(standings)}, {means(standings, lambda each: each.nchw.median)} that of torch NCHW"
    )


def fast(name: str, standings: Mapping[str, Sequence[Standing]]) -> str:
    """Compare the faster precision with both."""
    its = next(iter(standings.values()))
    same = sum(bool(each.timing.same_as) for each in its)
    if same == len(its):
        return f'{name} computes what {its[0].timing.same_as} does, bit for bit: precision("fast") changes nothing here'
    sentence = (
        f"with less accuracy {name} takes {means(standings, lambda each: each.nchw.median)} the time of torch NCHW, "
        f"{means(standings, lambda each: each.best.median)} that of torch's best column{counted(standings)}"
    )
    return sentence + (f"; in {same} of {len(its)} lines it changes nothing" if same else "")


def means(standings: Mapping[str, Sequence[Standing]], ratio: Callable[[Standing], float]) -> str:
    """The geometric means, of each allocator.

    The time of what was done in part is scaled up, and marked.
    """
    found = {
        allocator: mark(any(each.timing.scaled_by != 1 for each in its)) + digits(geometric_mean(map(ratio, its)))
        for allocator, its in standings.items()
        if its
    }
    if len(found) == 1:
        return f"{next(iter(found.values()))} x"
    return f"{found['default']} x ({found['tuned']} x with malloc tuned)"


def counted(standings: Mapping[str, Sequence[Standing]]) -> str:
    """Of how many lines it is the mean."""
    count = len(next(iter(standings.values())))
    return f" (geometric mean of {count} line{'s' * (count > 1)})"


def losses(name: str, standings: Mapping[str, Sequence[Standing]]) -> list[str]:
    """Say plainly where torch's best column is faster, the worst first."""
    allocator, its = list(standings.items())[-1]
    lost = sorted((each for each in its if each.loses), key=lambda each: -each.best.median)
    if not its:
        return []
    when = " with malloc tuned" * (allocator == "tuned")
    of = f"of {len(its)} line{'s' * (len(its) > 1)}{when}"
    if not lost:
        return [f"{name} loses to torch's best column in none {of}"]
    where = ", ".join(f"{line_name(each.timing)} {digits(each.best.median)} x" for each in lost)
    return [f"{name} loses to torch's best column in {len(lost)} {of}: {where}"]


def loops(grid: Grid) -> list[str]:
    """Say how much longer the loops take than the first of ours, or than torch if they are alone."""
    if LOOPS not in grid.names:
        return []
    rival = grid.ours[0] if grid.ours else "torch"
    pairs = [(grid.at(LOOPS, line), grid.at(rival, line)) for line in grid.lines]
    found = [(mine, mine.ratio(its)) for mine, its in pairs if mine is not None and its is not None]
    convolutions = [(mine, ratio) for mine, ratio in found if mine.problem.startswith("Conv2d(")]
    suite = found[0][0].suite
    sentence = f"{suite}: the loops of {LOOPS} take {mean_of(found)} x {rival}'s time"
    if convolutions and len(convolutions) < len(found):
        sentence += f", in convolutions {mean_of(convolutions)} x"
    return [sentence]


def mean_of(ratios: Sequence[tuple[Timing, float]]) -> str:
    """The geometric mean of ratios; marked where what was done in part is among them."""
    return mark(any(timing.scaled_by != 1 for timing, _ in ratios)) + digits(geometric_mean(each for _, each in ratios))


def precise(standings: Sequence[Standing]) -> list[Standing]:
    """Those that count in a mean."""
    return [each for each in standings if is_precise(each.timing)]


def is_precise(timing: Timing) -> bool:
    """Whether a contender is as accurate as it should be; one that asks for less accuracy is by its own law."""
    return FAST in timing.implementation or timing.verdict is not Verdict.IMPRECISE


def line_name(timing: Timing) -> str:
    """Row and direction."""
    return f"{timing.row} {SHORT[timing.direction]}"
