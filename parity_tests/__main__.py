"""The door of the suite: `python -m parity_tests report`, and `... check FILE.py:Class --like LAYER`."""

import argparse
import sys
from importlib import import_module

VERBS = {
    "report": ("parity_tests.report.command", "compare every layer with torch, and say who is right"),
    "check": ("parity_tests.check.command", "compare a layer of your own with torch's"),
}
ENVIRONMENT, INTERRUPTED = 3, 130


def main() -> int:
    """Run a verb; returns the exit code: 0 agree, 1 disagree, 2 usage, 3 environment."""
    parser = argparse.ArgumentParser(prog="parity_tests", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    try:
        commands = {verb: import_module(module) for verb, (module, _) in VERBS.items()}
    except KeyboardInterrupt:
        return INTERRUPTED
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] in ("scratch", "gpu", "parity_tests"):
            raise
        print(f'{error.name} is missing: pip install -c constraints.txt -e ".[torch]" brings it', file=sys.stderr)
        return ENVIRONMENT
    for verb, (_, help_text) in VERBS.items():
        commands[verb].add_arguments(verbs.add_parser(verb, help=help_text, description=help_text))
    arguments = parser.parse_args()
    try:
        code: int = commands[arguments.verb].run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


if __name__ == "__main__":
    sys.exit(main())
