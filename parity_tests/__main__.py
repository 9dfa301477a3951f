"""The door of the suite: `python -m parity_tests report`, and `... check FILE.py:Class --like LAYER`."""

import argparse
import sys
from importlib import import_module
from typing import Any

VERBS = {
    "report": ("parity_tests.report.command", "compare every layer with torch, and say who is right"),
    "check": ("parity_tests.check.command", "compare a layer of your own with torch's"),
    "compare": ("parity_tests.compare.command", "compare a whole model, layer by layer and step by step"),
    "support": ("parity_tests.support.command", "show which arguments are like torch's, in which dtypes"),
    "mutants": ("parity_tests.mutants.run.command", "try the suite itself, on wrong layers and on right ones"),
}
ENVIRONMENT, INTERRUPTED = 3, 130


def main() -> int:
    """Run a verb; returns the exit code: 0 agree, 1 disagree, 2 usage, 3 environment."""
    parser = argparse.ArgumentParser(prog="parity_tests", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    chosen = next((verb for verb in VERBS if verb in sys.argv[1:2]), None)
    try:
        command: Any = import_module(VERBS[chosen][0]) if chosen else None  # not the others: one may do without torch
    except KeyboardInterrupt:
        return INTERRUPTED
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] in ("scratch", "gpu", "parity_tests"):
            raise
        extra = "report" if error.name in ("tabulate", "tqdm") else "torch"
        print(f'{error.name} is missing: pip install -c constraints.txt -e ".[{extra}]" brings it', file=sys.stderr)
        return ENVIRONMENT
    for verb, (_, help_text) in VERBS.items():
        options = verbs.add_parser(verb, help=help_text, description=help_text)
        if verb == chosen:
            command.add_arguments(options)
    arguments = parser.parse_args()
    try:
        code: int = command.run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


if __name__ == "__main__":
    sys.exit(main())
