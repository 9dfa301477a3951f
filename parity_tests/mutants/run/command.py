"""`python -m parity_tests mutants`: try the suite on wrong layers, and on right ones that are only different."""

import argparse
import difflib
import json
import os
import sys
from dataclasses import asdict
from typing import Any

from parity_tests.mutants.run import gather, show, weaker
from parity_tests.mutants.table import Control, Mutant
from parity_tests.mutants.tables import CONTROLS, MUTANTS
from parity_tests.report.as_json import strict
from parity_tests.report.gather import environment
from parity_tests.terminal import AGREE, DISAGREE, USAGE
from parity_tests.terminal import show as write

SCHEMA = 1
"""Raised whenever a field changes its name or meaning."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Tell argparse the options."""
    parser.add_argument(
        "--only", action="append", metavar="NAME",
        help="this mutant or control only, such as Conv2d.KernelFlipped, or all of one layer; may be repeated",
    )  # fmt: skip
    parser.add_argument("--weaker", action="store_true", help="what weaker ways of testing miss, in place of all else")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text (the default) or json")


def run(arguments: argparse.Namespace) -> int:
    """Try them; returns the exit code."""
    rows: list[Mutant | Control] = [*MUTANTS, *CONTROLS]
    for word in arguments.only or []:
        if not any(word in (row.name, row.op) for row in rows):
            names = {name for row in rows for name in (row.name, row.op)}
            near = difflib.get_close_matches(word, names, n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            print(f"mutants: there is no {word}{hint}", file=sys.stderr)
            return USAGE
    if arguments.only:
        rows = [row for row in rows if {row.name, row.op} & set(arguments.only)]
    jobs = min(len(rows), os.cpu_count() or 1)
    if arguments.weaker:
        found = weaker.gather(rows, jobs)
        ways = [asdict(each) for each in found]
        write(as_json({"ways": ways}) if arguments.format == "json" else weaker.render(found))
        return AGREE
    result = gather.gather(rows, jobs, 0.0 if arguments.only else gather.NAMED_AT_LEAST)  # a few may all be nameless
    content = {"verdict": show.verdict(result), "meets": result.meets, **asdict(result)}
    write(as_json(content) if arguments.format == "json" else show.render(result))
    return AGREE if result.meets else DISAGREE


def as_json(content: dict[str, Any]) -> str:
    """Strict JSON, with a version and the environment."""
    whole = {"schema": SCHEMA, "environment": environment(), **content}
    return json.dumps(strict(whole), allow_nan=False, indent=1) + "\n"
