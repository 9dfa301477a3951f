"""`python -m parity_tests check FILE.py:Class --like LAYER`: compare one's own layers with torch's."""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from parity_tests.check import as_html, as_json, show
from parity_tests.check.adapters import Unmatched
from parity_tests.check.cases import OPS
from parity_tests.check.examine import examine
from parity_tests.check.map_file import read_map
from parity_tests.check.process import Failure, NoChild, Process, Refused
from parity_tests.check.reading import read
from parity_tests.check.show import Checked
from parity_tests.check.smaller import shrink_diagnosis
from parity_tests.check.target import UsageError, Wanted, checked_like, choose, file_of
from parity_tests.harness.case import DTYPES
from parity_tests.report.command import FORMATS
from parity_tests.report.layout import fold
from parity_tests.terminal import AGREE, DISAGREE, ENVIRONMENT, USAGE, missing, natural, unwritable
from parity_tests.terminal import show as write


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Tell argparse the arguments and options."""
    parser.add_argument(
        "layer",
        metavar="FILE.py[:Name]",
        help="the file, and the class or function in it; without a name all known ones",
    )
    parser.add_argument(
        "--like", metavar="LAYER", help=f"torch's name of it, if its own does not tell: {', '.join(OPS)}"
    )
    parser.add_argument("--map", type=Path, metavar="MAP.toml", help="what cannot be guessed, a table for each layer")
    parser.add_argument(
        "--python", default=sys.executable, metavar="THEIRS", help="the Python that runs FILE, with NumPy"
    )
    parser.add_argument("--dtype", action="append", choices=DTYPES, help="may be repeated; default both")
    parser.add_argument("--seed", type=natural, default=0, help="of all random numbers, 0 by default")
    parser.add_argument("--timeout", type=seconds, default=10.0, help="seconds for the import and each run; default 10")
    parser.add_argument("--detail", action="store_true", help="a row for each case and tensor")
    parser.add_argument("--format", choices=FORMATS, default="text", help="text (the default), json or html")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to a file rather than to the screen")


def seconds(word: str) -> float:
    """A time limit."""
    try:
        value = float(word)
    except ValueError:
        value = 0.0
    if not 0.1 <= value <= 1e6:
        raise argparse.ArgumentTypeError(f"{word!r} is not a number of seconds, at least 0.1")
    return value


def run(arguments: argparse.Namespace) -> int:
    """Check the layers; returns the exit code."""
    if arguments.format == "html" and (sentence := missing("jinja2", "report")):
        print(f"check: {sentence}", file=sys.stderr)
        return ENVIRONMENT
    try:
        checked = check(arguments)
    except UsageError as error:
        print(f"check: {error}", file=sys.stderr)
        return USAGE
    except NoChild as error:
        print(f"check: {error}", file=sys.stderr)
        return ENVIRONMENT
    if arguments.format == "text":
        written = show.render_all(checked, arguments.detail)
    else:
        render = as_json.render if arguments.format == "json" else as_html.render
        written = render(checked, arguments.python, arguments.dtype or DTYPES, arguments.seed)
    if arguments.output is not None:
        arguments.output.write_text(written, encoding="utf-8")
        written = fold(show.verdict_on_all(checked)) + "\n"
    write(written)
    if any(each.found is not None and not each.found.agrees for each in checked):
        return DISAGREE
    return AGREE if all(each.found is not None for each in checked) else USAGE


def check(arguments: argparse.Namespace) -> list[Checked]:
    """Check the layers.

    Raises
    ------
    UsageError
        if there is no such layer, or nothing of it can be compared
    NoChild
        if there is no Python to run it, or that lacks what it needs
    """
    if arguments.output is not None and (problem := unwritable(arguments.output)):
        raise UsageError(f"-o {arguments.output}: {problem}")
    if arguments.like is not None:
        checked_like(arguments.like)
    file, path, names = file_of(arguments.layer)
    mapped = read_map(arguments.map) if arguments.map is not None else []
    if mapped and (names or arguments.like):
        raise UsageError("--map names the layers itself: leave out the name behind FILE.py, and --like")
    task = Task(file, path, interpreter(arguments.python), arguments)
    with process_of(task) as process:
        try:
            found = process.ask("contents")
        except Failure as failure:
            elsewhere = "; --python names an interpreter that has it" if "ModuleNotFoundError" in failure.what else ""
            raise UsageError(f"{file} cannot be imported: it {failure}{elsewhere}") from None
        wanted = [with_partner(file, each, found) for each in mapped] or choose(file, names, arguments.like, found)
        checked = [one(task, wanted[0], process)]
    for each in wanted[1:]:  # what one layer leaves behind is nothing to the next
        with process_of(task) as process:
            checked.append(one(task, each, process))
    if len(checked) == 1 and checked[0].found is None:
        raise UsageError(f"{checked[0].shown}{checked[0].reason}")
    return checked


def with_partner(file: str, wanted: Wanted, found: dict[str, list[str]]) -> Wanted:
    """What the map file names, and what goes back by its name if that is not said.

    Raises
    ------
    UsageError
        if it is not there
    """
    (guessed,) = choose(file, [wanted.name], wanted.like, found)
    return replace(wanted, hints=replace(wanted.hints, backward=wanted.hints.backward or guessed.hints.backward))


@dataclass(frozen=True)
class Task:
    """What is the same for all layers of a file."""

    file: str
    path: Path
    python: str
    arguments: argparse.Namespace


@contextmanager
def process_of(task: Task) -> Iterator[Process]:
    """Give a process that imports the file."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Process(task.path, Path(folder), task.arguments.timeout, task.file, task.python) as process,
    ):
        yield process


def one(task: Task, wanted: Wanted, process: Process) -> Checked:
    """Check one layer.

    Raises
    ------
    NoChild
        if there is no Python to run it, or that lacks what it needs
    """
    shown = f"{task.file}:{wanted.name}"
    try:
        adapter = read(process, wanted.like, wanted.name, wanted.hints)
    except (Unmatched, Refused, Failure) as reason:
        return Checked(shown, wanted.like, None, f" is not like {wanted.like}: {reason}")
    found = examine(process, adapter, task.arguments.dtype or DTYPES, task.arguments.seed, progress(shown))
    shrink_diagnosis(process, found)
    if not found.compared:
        lacking = f": nothing can be compared, every case needs one of {', '.join(found.lacks)}"
        return Checked(shown, wanted.like, None, lacking)
    return Checked(shown, wanted.like, found, "", process.printed())


def progress(shown: str) -> Any:
    """Show how far the runs are, on a terminal."""
    return lambda runs: tqdm(runs, shown, disable=None, leave=False)


def interpreter(word: str) -> str:
    """The interpreter that is named.

    Raises
    ------
    UsageError
        if there is none
    """
    found = shutil.which(word)
    if found is None:
        raise UsageError(f"--python {word}: there is no such program")
    return found
