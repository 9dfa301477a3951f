"""`python -m parity_tests check FILE.py:Class --like LAYER`: compare one's own layer with torch's."""

import argparse
import ast
import difflib
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

from tqdm import tqdm

from parity_tests.check import show
from parity_tests.check.adapter import Unmatched
from parity_tests.check.cases import LAYERS
from parity_tests.check.examine import examine, read
from parity_tests.check.process import Failure, NoChild, Process, Refused
from parity_tests.report.command import AGREE, DISAGREE, ENVIRONMENT, USAGE, natural
from parity_tests.report.command import show as write

DTYPES = ("float32", "float64")


class UsageError(Exception):
    """One sentence for the user."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Tell argparse the arguments and options."""
    parser.add_argument("layer", metavar="FILE.py:Class", help="the file, and the class in it")
    parser.add_argument("--like", required=True, metavar="LAYER", help=f"torch's name of it: {', '.join(LAYERS)}")
    parser.add_argument("--dtype", action="append", choices=DTYPES, help="may be repeated; default both")
    parser.add_argument("--seed", type=natural, default=0, help="of all random numbers, 0 by default")
    parser.add_argument("--timeout", type=seconds, default=10.0, help="seconds for the import and each run; default 10")
    parser.add_argument("--detail", action="store_true", help="a row for each case and tensor")


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
    """Check the layer; returns the exit code."""
    try:
        report, code = check(arguments)
    except UsageError as error:
        print(f"check: {error}", file=sys.stderr)
        return USAGE
    except NoChild as error:
        print(f"check: {error}", file=sys.stderr)
        return ENVIRONMENT
    write(report)
    return code


def check(arguments: argparse.Namespace) -> tuple[str, int]:
    """Check the layer; returns the report and the exit code.

    Raises
    ------
    UsageError
        if there is no such layer, or nothing of it can be compared
    NoChild
        if Python does not start a second time
    """
    if arguments.like not in LAYERS:
        raise UsageError(f"--like {arguments.like}: there are {', '.join(LAYERS)}")
    file, path, name = target(arguments.layer)
    with tempfile.TemporaryDirectory() as folder, Process(path, Path(folder), arguments.timeout, file) as process:
        name = choose(process, file, name, arguments.like)
        shown = f"{file}:{name}"
        try:
            adapter = read(process, arguments.like, name, arguments.seed)
        except (Unmatched, Refused, Failure) as reason:
            raise UsageError(f"{shown} is not like {arguments.like}: {reason}") from None
        found = examine(process, adapter, arguments.dtype or DTYPES, arguments.seed, progress)
        printed = process.printed()
    if not found.compared:
        raise UsageError(f"{shown}: nothing can be compared, every case needs one of {', '.join(found.lacks)}")
    return show.render(found, shown, printed, arguments.detail), AGREE if found.agrees else DISAGREE


def progress(runs: list[Any]) -> Any:
    """Show how far the runs are, on a terminal."""
    return tqdm(runs, "cases", disable=None, leave=False)


def target(word: str) -> tuple[str, Path, str | None]:
    """Take FILE.py:Class apart: the file as the user calls it, where it is, and the class, if one is named.

    Raises
    ------
    UsageError
        if there is no such file, or it is not Python
    """
    file, _, name = word.rpartition(":")
    if not file or (name and not name.isidentifier()):  # C:\mine.py has a colon, too
        file, name = word, ""
    path = Path(file).resolve()
    if not path.is_file():
        raise UsageError(f"there is no file {file}")
    if path.suffix != ".py":
        raise UsageError(f"{file} is no Python file: its name should end with .py")
    try:
        with warnings.catch_warnings(action="ignore"):
            ast.parse(path.read_bytes())
    except SyntaxError as error:
        code = f": {error.text.strip()}" if error.text else ""
        raise UsageError(f"{file}, line {error.lineno}: {error.msg}{code}") from None
    except ValueError as error:
        raise UsageError(f"{file} is no Python: {error}") from None
    return file, path, name or None


def choose(process: Process, shown: str, name: str | None, like: str) -> str:
    """The class that is meant.

    Raises
    ------
    UsageError
        if the file cannot be imported, has no such class, or several where none is named
    """
    try:
        found = process.ask("classes")
    except Failure as failure:
        raise UsageError(f"{shown} cannot be imported: it {failure}") from None
    own, imported = found["own"], found["imported"]
    has = f"it has {', '.join(own)}" if own else "it defines none"
    if name is None:
        candidates = own if len(own) == 1 else [each for each in own if each.lower() == like.lower()]
        if len(candidates) != 1:
            raise UsageError(f"which class of {shown}? {has}: write {shown}:Class")
        return str(candidates[0])
    if name not in own + imported:
        near = difflib.get_close_matches(name, own + imported, n=1)
        raise UsageError(f"{shown} has no class {name}{f', did you mean {near[0]}' if near else ''}; {has}")
    return name
