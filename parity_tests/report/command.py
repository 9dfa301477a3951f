"""`python -m parity_tests report`: compare every layer with torch, and say who is right."""

import argparse
import os
import sys
from pathlib import Path

from parity_tests.harness.implementations import IMPLEMENTATIONS
from parity_tests.report import as_json, text
from parity_tests.report.gather import choose, gather

AGREE, DISAGREE, USAGE, ENVIRONMENT = 0, 1, 2, 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Tell argparse the options."""
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text (the default) or json")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to a file rather than to the screen")
    parser.add_argument(
        "--impl", action="append", choices=IMPLEMENTATIONS, metavar="NAME",
        help=f"compare this one only, may be repeated: {', '.join(IMPLEMENTATIONS)}",
    )  # fmt: skip
    parser.add_argument(
        "--dtype", action="append", choices=("float32", "float64"), help="may be repeated; default both"
    )
    parser.add_argument("--seed", type=natural, default=0, help="of the inputs and the model's weights, 0 by default")
    parser.add_argument("--quick", action="store_true", help="fewer cases, float32 only, three epochs")
    parser.add_argument("--detail", action="store_true", help="a row for each tensor, with the worst element")


def natural(word: str) -> int:
    """A number that can be a seed, torch's too."""
    if not word.isdecimal() or int(word) >= 2**64:
        raise argparse.ArgumentTypeError(f"{word!r} is not 0, 1, 2, ... 2**64 - 1")
    return int(word)


def unwritable(path: Path) -> str:
    """Say why a report cannot be written there, "" if it can: before anything runs, not after."""
    folder = path.resolve().parent
    if not folder.is_dir():
        return f"there is no folder {folder}"
    if path.is_dir():
        return "this is a folder; name a file in it"
    return "" if os.access(path if path.exists() else folder, os.W_OK) else "it may not be written"


def run(arguments: argparse.Namespace) -> int:
    """Make the report; returns the exit code."""
    if arguments.output is not None and (problem := unwritable(arguments.output)):
        print(f"-o {arguments.output}: {problem}", file=sys.stderr)
        return USAGE
    try:
        choice = choose(arguments.impl, arguments.dtype, arguments.seed, arguments.quick)
    except LookupError as error:
        print(error, file=sys.stderr)
        return ENVIRONMENT
    report = gather(choice)
    if not report.findings:
        print("Nothing was compared, so nothing can be said.", file=sys.stderr)
        return USAGE
    written = as_json.render(report) if arguments.format == "json" else text.render(report, arguments.detail)
    if arguments.output is not None:
        arguments.output.write_text(written, encoding="utf-8")
        written = report.verdict + "\n"
    show(written)
    return DISAGREE if report.disagreements else AGREE


def show(written: str) -> None:
    """Write to stdout; a reader that has seen enough (head, perhaps) is no error."""
    try:
        sys.stdout.write(written)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it ends
