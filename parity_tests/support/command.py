"""`python -m parity_tests support [OPERATION]`: which arguments are like torch's, in which dtypes."""

import argparse
import difflib
import sys

from parity_tests.support.page import PAGE, page, section
from parity_tests.support.table import supported
from parity_tests.terminal import AGREE, USAGE, show


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Tell argparse the argument and the option."""
    parser.add_argument("op", nargs="?", metavar="OPERATION", help="torch's name, such as Conv2d; all if left out")
    parser.add_argument("--write", action="store_true", help="write docs/support.md anew, after a change of the suite")


def run(arguments: argparse.Namespace) -> int:
    """Show or write the table; returns the exit code."""
    if arguments.op is not None and arguments.op not in supported():
        near = difflib.get_close_matches(arguments.op, supported(), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        print(f"support: there is no {arguments.op}{hint}", file=sys.stderr)
        return USAGE
    if arguments.write:
        PAGE.write_text(page(), encoding="utf-8")
        show(f"Written: {PAGE}\n")
    else:
        show(page() if arguments.op is None else section(arguments.op) + "\n")
    return AGREE
