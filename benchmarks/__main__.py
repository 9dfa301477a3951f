"""The door of the package: `python -m benchmarks`.

NumPy must not be imported before the number of threads is fixed, so what needs it is imported inside `run`.
"""

import argparse
import difflib
import sys
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.machine import Neighbours, describe, prepare_environment, usable_cpus

if TYPE_CHECKING:
    from benchmarks.contenders import Contender
    from benchmarks.rows import Row

NEEDED = ("torch", "tabulate", "tqdm")
"""What the extra `torch` brings."""


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
    made.add_argument("--impl", action="append", metavar="NAME", help="time this one beside torch, may be repeated")
    made.add_argument("--filter", metavar="TEXT", default="", help="only the rows with this in their name")
    made.add_argument(
        "--threads", metavar="N", type=int, default=usable_cpus(), help="of torch and of BLAS, here %(default)s"
    )
    made.add_argument("--quick", action="store_true", help="three short rounds, good for trying it out")
    made.add_argument("--json", action="store_true", help="print JSON rather than text")
    made.add_argument("-o", "--output", metavar="FILE", type=Path, help="write the JSON to a file, too")
    return made


def run(options: argparse.Namespace) -> int:
    """Do what the options say."""
    if options.threads < 1:
        raise Stop(f"--threads {options.threads}: at least 1 is needed.")
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise Stop(f'{missing[0]} is missing: pip install -c constraints.txt -e ".[torch]" brings it.', 3)
    prepare_environment(options.threads)

    from benchmarks.contenders import field
    from benchmarks.measure import Results, check, time_all
    from benchmarks.report import as_json, text
    from benchmarks.timing import QUICK, Budget
    from parity_tests.report.command import show

    chosen, not_timed = choose_contenders(options.impl)
    rows = choose_rows(options.filter)
    if options.output is not None:
        write(options.output, "", "a")  # to find out minutes later that one may not write there would be too late

    everybody, rivals = field(chosen)
    environment = describe(options.threads)
    entries, wrong = check(rows, everybody, progress)
    neighbours = Neighbours()
    timings = [] if wrong else time_all(rows, rivals, entries, QUICK if options.quick else Budget(), progress)
    results = Results(timings, wrong, environment, not_timed, options.quick, neighbours.share())
    if options.output is not None:
        write(options.output, as_json(results))
    show(as_json(results) if options.json else text(results))
    return 1 if wrong else 0


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
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise Stop(f"--impl: unknown implementation {name!r}{hint}; there are {', '.join(known)}.")
        if name not in able:
            raise Stop(f"--impl: {name} cannot run here: {reasons[name]}", 3)
        chosen[name] = able[name]
    return chosen, {}


def choose_rows(part: str) -> list["Row"]:
    """Find the rows with that in their name."""
    from benchmarks.rows import ROWS

    rows = [row for row in ROWS if part.lower() in row.name.lower()]
    if not rows:
        raise Stop(f"--filter: no row has {part!r} in its name; there are {', '.join(row.name for row in ROWS)}.")
    return rows


def progress(things: Sequence[Any], doing: str) -> Iterable[Any]:
    """Show on a terminal how far it is; the thread with which tqdm watches itself would disturb the clock."""
    from tqdm import tqdm

    tqdm.monitor_interval = 0
    shown: Iterable[Any] = tqdm(things, desc=doing, leave=False, disable=None)
    return shown


def write(file: Path, content: str, mode: str = "w") -> None:
    """Write a file, or with mode "a" append to it.

    Raises
    ------
    Stop
        if that is not possible
    """
    try:
        with file.open(mode, encoding="utf-8") as opened:
            opened.write(content)
    except OSError as error:
        raise Stop(f"-o {file}: cannot write there ({error.strerror}).") from error


if __name__ == "__main__":
    sys.exit(main())
