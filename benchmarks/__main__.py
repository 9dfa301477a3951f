"""The door of the package: `python -m benchmarks`.

NumPy must not be imported before the number of threads is fixed, so what needs it is imported inside the functions.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import allocator
from benchmarks.chosen import choose_contenders, choose_rows
from benchmarks.machine import Neighbours, describe, prepare_environment
from benchmarks.options import Stop, parser, refuse
from benchmarks.progress import progress
from parity_tests.terminal import show

if TYPE_CHECKING:
    from benchmarks.contenders import Contender
    from benchmarks.measure import Checked, Results, Timing
    from benchmarks.rows import Row
    from benchmarks.timing import Budget


def main(arguments: Sequence[str] | None = None) -> int:
    """Check and time, and return the exit code.

    0 timed, 1 somebody is wrong or has become slower, 2 usage, 3 environment, 130 Ctrl-C
    """
    options = parser().parse_args(arguments)
    try:
        return run(options)
    except Stop as stop:
        sys.stderr.write(f"benchmarks: {stop}\n")
        return stop.code
    except MemoryError:
        sys.stderr.write("benchmarks: there is not enough free memory: choose smaller rows with --filter.\n")
        return 3
    except KeyboardInterrupt:
        return 130


def run(options: argparse.Namespace) -> int:
    """Do what the options say."""
    refuse(options)
    prepare_environment(options.threads)
    if options.readme:
        return write_readme()
    if options.crossover:
        return run_crossover(options)
    if options.sweep:
        return run_sweep(options)
    return run_suites(options)


def run_suites(options: argparse.Namespace) -> int:
    """Time rows of suites."""
    from benchmarks import document, report
    from benchmarks.rows import ROWS, in_dtype

    chosen, not_timed = choose_contenders(options.impl)
    rows = choose_rows(in_dtype(ROWS, options.dtype), options.suite, options.filter)
    environment = describe(options.threads)
    if names := allocator.already_set():
        environment["malloc"] = f"{' and '.join(names)} set by the caller, so that the default is not the system's"
    earlier = read_earlier(options.compare, environment)
    results = measured(rows, chosen, not_timed, environment, options)
    write("-o", options.output, document.as_json(results).encode())
    if not results.wrong:
        write_pictures(options, results)
    show(document.as_json(results) if options.json else report.text(results))
    if results.wrong:
        return 1
    return 0 if earlier is None else compared(results, earlier, options)


def measured(
    rows: Sequence["Row"],
    chosen: dict[str, "Contender"],
    not_timed: dict[str, str],
    environment: dict[str, str],
    options: argparse.Namespace,
    full: "Budget | None" = None,
) -> "Results":
    """Check, and time with each allocator; `full` is the budget unless it has to be quick."""
    from benchmarks import ceilings
    from benchmarks.contenders import CPU, CUDA, field
    from benchmarks.measure import Results, check
    from benchmarks.timing import QUICK, Budget

    everybody = field(chosen)
    refuse_memory(rows)
    checked = check(rows, everybody, progress)
    rows = [row for row in rows if checked.entries[row.name].keys() - {*CPU, *CUDA}]
    if not rows and not checked.wrong:
        hint = " (perhaps in the faster precision, with +fast behind it)" if ":" in "".join(options.impl) else ""
        raise Stop(f"--impl: these rows are nothing for {' and '.join(options.impl)}{hint}.")
    budget, allocators = QUICK if options.quick else full or Budget(), options.allocator or list(allocator.ALLOCATORS)
    if options.quick and not options.allocator:
        allocators = ["default"]
    if "tuned" in allocators and (reason := allocator.why_not()):
        allocators, not_timed = ["default"], not_timed | {"malloc tuned": reason}
    neighbours, timings = Neighbours(), list["Timing"]()
    tops: dict[str, float] = {}
    if not checked.wrong:
        tops = ceilings.measure({row.problem.dtype for row in rows}, options.quick)
        for which in dict.fromkeys(allocators):
            timings += timed(rows, checked, everybody, budget, which, options.threads)
    return Results(
        timings,
        checked.wrong,
        environment,
        not_timed | checked.not_served,
        options.quick,
        neighbours.share(),
        checked.work,
        tops,
    )


def timed(
    rows: Sequence["Row"],
    checked: "Checked",
    everybody: dict[str, "Contender"],
    budget: "Budget",
    which: str,
    threads: int,
) -> list["Timing"]:
    """Time with one allocator. What is there to be compared with on default terms is not timed on others, too."""
    from benchmarks.contenders import LOOPS, OTHERS
    from benchmarks.measure import clock, timings

    left_out = () if which == "default" else (LOOPS, *OTHERS)
    names = {
        row.name: [
            name for name, entry in checked.entries[row.name].items() if name not in left_out and not entry.same_as
        ]
        for row in rows
    }
    if which == "default":
        seconds = clock(rows, names, everybody, budget, progress)
    else:
        try:
            seconds = allocator.clock_in_child(allocator.Task(rows, names, budget, threads))
        except allocator.ChildError as error:
            raise Stop(f"timing with malloc tuned failed: {error}.", 3) from error
    return list(timings(rows, checked.entries, seconds, which))


def compared(results: "Results", earlier: "Results", options: argparse.Namespace) -> int:
    """Compare with the earlier run, and return the exit code: 1 if anything is slower, 3 if that cannot be told.

    Beside JSON it is said on stderr.
    """
    from benchmarks import compare

    written = compare.text(results, earlier, str(options.compare))
    if options.json:
        sys.stderr.write(written)
    else:
        show("\n" + written)
    if compare.why_not_judged(results, earlier):
        return 3
    return 1 if any(each.slower for each in compare.changes(results.timings, earlier.timings)) else 0


def run_crossover(options: argparse.Namespace) -> int:
    """Time the methods of filtering images."""
    from benchmarks import crossover
    from benchmarks.measure import Results, check, clock, timings
    from benchmarks.timing import QUICK

    everybody, rows = crossover.methods(), choose_rows(crossover.rows(), None, options.filter)
    environment = describe(options.threads)
    checked, neighbours = check(rows, everybody, progress), Neighbours()
    names = {row.name: list(checked.entries[row.name]) for row in rows}
    budget = QUICK if options.quick else crossover.BUDGET
    seconds = {} if checked.wrong else clock(rows, names, everybody, budget, progress)
    found = list(timings(rows, checked.entries, seconds, "default"))
    results = Results(found, checked.wrong, environment, {}, options.quick, neighbours.share(), {}, {})
    write("-o", options.output, crossover.as_json(results).encode())
    if options.plot is not None and not checked.wrong:
        from benchmarks.plot import draw

        picture = draw(crossover.points(found), environment, options.plot.suffix.removeprefix("."))
        write("--plot", options.plot, picture)
    show(crossover.as_json(results) if options.json else crossover.text(results))
    return 1 if checked.wrong else 0


def refuse_memory(rows: Sequence["Row"]) -> None:
    """Say no where the judge would need more memory than there is.

    Raises
    ------
    Stop
        naming the row
    """
    from benchmarks.machine import free_bytes

    free = free_bytes()
    row = max(rows, key=lambda row: row.problem.bytes_to_judge)
    if free is not None and row.problem.bytes_to_judge > free:
        needs, has = (f"{count / 2**30:.1f} GiB" for count in (row.problem.bytes_to_judge, free))
        raise Stop(f"{row.name}: to judge it takes about {needs} of memory, and {has} are free.", 3)


def read_earlier(file: Path | None, environment: dict[str, str]) -> "Results | None":
    """Read the run to compare with, before anything is timed."""
    from benchmarks import compare, document

    if file is None:
        return None
    try:
        earlier = document.from_json(file)
    except document.UnusableError as error:
        raise Stop(f"--compare {file}: it {error}.") from error
    if reason := compare.why_not(environment, earlier):
        raise Stop(f"--compare {file}: it {reason}.")
    return earlier


def write_pictures(options: argparse.Namespace, results: "Results") -> None:
    """Draw the results, and write the page."""
    from benchmarks import chart, page, report
    from benchmarks.headline import sentences

    if options.plot is not None:
        write("--plot", options.plot, chart.draw(results, options.plot.suffix.removeprefix(".")))
    if options.html is not None:
        suites = dict.fromkeys(each.suite for each in results.timings)
        words = "For each row the time beside that of torch's fastest column, as in the tables below"
        made = page.render(
            "Speed beside PyTorch",
            sentences(results),
            [page.Picture(chart.draw(results, "svg"), words)],
            [table for suite in suites for table in report.tables_of(results, suite)],
            [line for suite in suites for line in report.rows(results.timings, suite)],
            report.legend(results),
            report.facts(results),
        )
        write("--html", options.html, made.encode())


def run_sweep(options: argparse.Namespace) -> int:
    """Time a convolution as it grows."""
    from benchmarks import growth, memory, sweep

    rows = sweep.AXES[options.sweep].rows()
    if options.dtype is not None:
        from benchmarks.rows import in_dtype

        rows = in_dtype(rows, options.dtype)
    chosen, not_timed = choose_contenders(options.impl) if options.impl else (sweep.everybody(rows), {})
    environment = describe(options.threads)
    peaks = memory.peaks(rows, chosen.values())
    options.allocator = options.allocator or ["default"]
    results = measured(rows, chosen, not_timed, environment, options, sweep.BUDGET)
    write("-o", options.output, growth.as_json(results, peaks).encode())
    if not results.wrong and (options.plot is not None or options.html is not None):
        from benchmarks import page, report, sweep_plot

        if options.plot is not None:
            write("--plot", options.plot, sweep_plot.draw(results, options.plot.suffix.removeprefix(".")))
        if options.html is not None:
            words = "Milliseconds against what grows, both logarithmic; the numbers are in the tables below"
            made = page.render(
                f"A convolution as its {options.sweep} grows",
                growth.sentences(results, peaks),
                [page.Picture(sweep_plot.draw(results, "svg"), words)],
                growth.tables(results, peaks),
                report.rows(results.timings, results.timings[0].suite),
                report.legend(results) | growth.LEGEND,
                report.facts(results),
            )
            write("--html", options.html, made.encode())
    show(growth.as_json(results, peaks) if options.json else growth.text(results, peaks))
    return 1 if results.wrong else 0


def write_readme() -> int:
    """Write the tables of the README, and of the page on benchmarks, from the committed results."""
    from benchmarks import document, readme

    try:
        results = document.from_json(readme.RESULTS)
    except document.UnusableError as error:
        raise Stop(f"--readme: {readme.RESULTS} {error}.") from error
    for page in (readme.README, readme.PAGE):
        try:
            text = readme.written(page.read_text("utf-8"), results)
        except readme.MarksError as error:
            raise Stop(f"--readme: {page} {error}.") from error
        write("--readme", page, text.encode())
        show(f"{page}: its tables are those of {readme.RESULTS}\n")
    return 0


def write(option: str, file: Path | None, content: bytes) -> None:
    """Write a file, if one is named.

    Raises
    ------
    Stop
        if that is not possible
    """
    try:
        if file is not None:
            file.write_bytes(content)
    except OSError as error:
        raise Stop(f"{option} {file}: cannot write there ({error.strerror}).") from error


if __name__ == "__main__":
    sys.exit(main())
