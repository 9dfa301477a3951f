"""What all commands of the suite share: exit codes, kinds of arguments, where output goes. Needs no torch."""

import argparse
import os
import sys
from importlib.util import find_spec
from pathlib import Path

AGREE, DISAGREE, USAGE, ENVIRONMENT = 0, 1, 2, 3


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


def missing(module: str, extra: str) -> str:
    """Say which extra brings a library, "" if it is there."""
    if find_spec(module) is not None:
        return ""
    return f'{module} is missing: pip install -c constraints.txt -e ".[{extra}]" brings it'


def show(written: str) -> None:
    """Write to stdout; a reader that has seen enough (head, perhaps) is no error."""
    try:
        sys.stdout.write(written)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it ends
