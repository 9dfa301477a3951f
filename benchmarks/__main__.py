"""The door of the package: `python -m benchmarks`.

NumPy must not be imported before the number of threads is fixed, so what needs it is imported inside `run`.
"""

import argparse
import difflib
import sys
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from benchmarks.machine import Neighbours, describe, prepare_environment, usable_cpus
from parity_tests.terminal import show, unwritable

if TYPE_CHECKING:
    from benchmarks.contenders import Contender
    from benchmarks.rows import Row

NEEDED = dict.fromkeys(("torch", "scipy", "tabulate", "tqdm"), "torch")
"""Package -> the extra that brings it."""

PLOTS = (".svg", ".png")


class Stop(Exception):  # noqa: N818  (a reason to stop, not a defect)
    """One sentence for the user, and the exit code."""

    def __init__(self, sentence: str, code: int = 2) -> None:
        super().__init__(sentence)
        self.code = code


def main(arguments: Sequence[str] | None = None) -> int:
    """Check and time, and return the exit code: 0 timed, 1 somebody is wrong, 2 usage, 3 environment, 130 Ctrl-C."""
    options = parser().parse_args(arguments)
    try:
        return run(options)
    except Stop as stop:
        sys.stderr.write(f"benchmarks: {stop}\n")
        return stop.code
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Time forward and backward of all implementations beside torch, after checking that they are right",
        epilog="Close other programs first: what they take of the cores, they take from one side more than the other.",
    )
    made.add_argument(
        "--suite", action="append", metavar="NAME", help="layers or images, may be repeated; default both"
    )
    made.add_argument("--impl", action="append", metavar="NAME", help="time this one beside torch, may be repeated")
    made.add_argument("--filter", metavar="TEXT", default="", help="only the rows with this in their name")
    made.add_argument(
        "--threads", metavar="N", type=int, default=usable_cpus(), help="of torch, BLAS and our FFT, here %(default)s"
    )
    made.add_argument("--quick", action="store_true", help="three short rounds, good for trying it out")
    made.add_argument("--json", action="store_true", help="print JSON rather than text")
    made.add_argument("-o", "--output", metavar="FILE", type=Path, help="write the JSON to a file, too")
    made.add_argument(
        "--crossover", action="store_true", help="instead: each method of filtering images, kernels of 3 to 51 cells"
    )
    made.add_argument("--plot", metavar="FILE", type=Path, help="draw the crossover to a .svg or .png file")
    return made


def run(options: argparse.Namespace) -> int:
    """Do what the options say."""
    refuse(options)
    prepare_environment(options.threads)

    from benchmarks import crossover, report
    from benchmarks.contenders import field
    from benchmarks.measure import Results, check, time_all
    from benchmarks.rows import ROWS
    from benchmarks.timing import QUICK, Budget

    printed: ModuleType
    if options.crossover:
        not_timed: dict[str, str] = {}
        everybody, rivals = crossover.methods(), crossover.RIVALS
        rows, budget, printed = choose_rows(crossover.rows(), None, options.filter), crossover.BUDGET, crossover
    else:
        chosen, not_timed = choose_contenders(options.impl)
        everybody, rivals = field(chosen)
        rows, budget, printed = choose_rows(ROWS, options.suite, options.filter), Budget(), report

    environment = describe(options.threads)
    entries, wrong = check(rows, everybody, progress)
    rows = [row for row in rows if entries[row.name].keys() - {*rivals.values()}]
    if not rows and not wrong:
        raise Stop(f"--impl: these rows are nothing for {' and '.join(options.impl)}.")
    neighbours = Neighbours()
    timings = [] if wrong else time_all(rows, rivals, entries, QUICK if options.quick else budget, progress)
    results = Results(timings, wrong, environment, not_timed, options.quick, neighbours.share())
    if options.output is not None:
        write("-o", options.output, printed.as_json(results).encode())
    if options.plot is not None and not wrong:
        from benchmarks.plot import draw

        picture = draw(crossover.points(timings), environment, options.plot.suffix.removeprefix("."))
        write("--plot", options.plot, picture)
    show(printed.as_json(results) if options.json else printed.text(results))
    return 1 if wrong else 0


def refuse(options: argparse.Namespace) -> None:
    """Say no before anything is loaded.

    Raises
    ------
    Stop
        if options contradict each other, a file cannot be written, or a package is missing
    """
    if options.threads < 1:
        raise Stop(f"--threads {options.threads}: at least 1 is needed.")
    if options.plot is not None and not options.crossover:
        raise Stop("--plot draws the crossover: give --crossover, too.")
    if options.plot is not None and options.plot.suffix not in PLOTS:
        raise Stop(f"--plot {options.plot}: the name of a picture ends in {' or '.join(PLOTS)}.")
    if options.crossover and (options.impl or options.suite):
        raise Stop("--crossover compares the methods of scratch: leave out --impl and --suite.")
    for option, file in (("-o", options.output), ("--plot", options.plot)):
        if file is not None and (problem := unwritable(file)):
            raise Stop(f"{option} {file}: {problem}.")
    needed = NEEDED | ({} if options.plot is None else {"matplotlib": "plots"})
    for name, extra in needed.items():
        if find_spec(name) is None:
            raise Stop(f'{name} is missing: pip install -c constraints.txt -e ".[{extra}]" brings it.', 3)


def choose_contenders(names: Sequence[str] | None) -> tuple[dict[str, "Contender"], dict[str, str]]:
    """Find the contenders that were named, or all that can run; and say of the others why not."""
    from benchmarks.contenders import STAND_INS, contenders

    known = contenders()
    reasons = {name: each.why_not() for name, each in known.items()}
    able = {name: each for name, each in known.items() if reasons[name] is None}
    if names is None:
        return able, {name: why for name, why in reasons.items() if why is not None}
    chosen = {}
    for name in names:
        if name in STAND_INS:
            raise Stop(f"--impl: {name} stands in for a GPU in the tests, and its speed means nothing.")
        if name not in known:
            raise unknown("--impl", "implementation", name, known)
        if name not in able:
            raise Stop(f"--impl: {name} cannot run here: {reasons[name]}", 3)
        chosen[name] = able[name]
    return chosen, {}


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


def unknown(option: str, what: str, name: str, known: Iterable[str]) -> Stop:
    """What to say of a name that is not known."""
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    return Stop(f"{option}: unknown {what} {name!r}{hint}; there are {', '.join(known)}.")


def progress(things: Sequence[Any], doing: str) -> Iterable[Any]:
    """Show on a terminal how far it is; the thread with which tqdm watches itself would disturb the clock."""
    from tqdm import tqdm

    tqdm.monitor_interval = 0
    shown: Iterable[Any] = tqdm(things, desc=doing, leave=False, disable=None)
    return shown


def write(option: str, file: Path, content: bytes) -> None:
    """Write a file.

    Raises
    ------
    Stop
        if that is not possible
    """
    try:
        file.write_bytes(content)
    except OSError as error:
        raise Stop(f"{option} {file}: cannot write there ({error.strerror}).") from error


if __name__ == "__main__":
    sys.exit(main())
