"""The door of the package: `python -m gpu doctor|emulate`."""

import argparse
import os
import re
import sys
import textwrap
from collections.abc import Sequence

from gpu.device import Step, climb
from gpu.emulator import command

SKIPPED = "Skipped here: the tests marked gpu and the GPU columns of the benchmark; "


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code; argparse itself exits with 2 where there is none to run."""
    parser = argparse.ArgumentParser(prog="python -m gpu", description="The nn namespace on a GPU.")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    verb = verbs.add_parser("doctor", help="say which GPU works here, or what is broken and what mends it")
    verb.set_defaults(run=doctor)
    verb = verbs.add_parser("emulate", help="run a CUDA kernel of your own on the CPU, and find its mistakes")
    command.add_arguments(verb)
    verb.set_defaults(run=command.run)
    # argparse does not take words behind the options as more of the words before them.
    options, more = parser.parse_known_args(arguments)
    unknown = [word for word in more if options.run is doctor or word.startswith("--")]
    if unknown:
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    if more:
        options.words = [*options.words, *more]
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader has seen enough; without this Python complains when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def doctor(_: argparse.Namespace) -> int:
    """Print verdict, ladder and remedy; 0 with a GPU that works or without any, 3 with something broken."""
    steps = climb()
    print("\n".join([verdict(steps), "", *table(steps)]))
    last = next((step for step in steps if step.remedy), None)  # the ladder ends at the first
    if last is not None:
        print("", *wrap(SKIPPED + last.remedy if last.state == "absent" else last.remedy), sep="\n")
    return 3 if any(step.state == "broken" for step in steps) else 0


def verdict(steps: Sequence[Step]) -> str:
    """What the ladder comes to, in one line."""
    found = {step.rung: step for step in steps}
    driver = found["NVIDIA driver"]
    for step in steps:
        if step.state == "broken":
            # Below the driver nobody knows yet whether there is a GPU.
            what = "Set-up" if driver.state == "not reached" else "GPU"
            return f"{what} broken: {step.rung}: {step.detail}"
    if driver.state == "absent":
        return f"No GPU here: {driver.detail}"
    return f"GPU ready: {driver.detail}, CuPy {found['CuPy import'].detail}"


def table(steps: Sequence[Step]) -> list[str]:
    """The ladder in 80 columns, a long detail on several lines."""
    lines = []
    for rung, state, detail in [("rung", "state", "detail"), *((s.rung, s.state, s.detail) for s in steps)]:
        first, *more = wrap(detail, 80 - 30) or [""]
        lines.append(f"{rung:<17}{state:<13}{first}".rstrip())
        lines.extend(" " * 30 + line for line in more)
    return lines


def wrap(text: str, width: int = 80) -> list[str]:
    """Lines of at most `width`; a `command` in backquotes stays on one line, to be copied."""
    whole = re.sub(r"`[^`]*`", lambda command: command[0].replace(" ", "\xa0"), text)
    lines = textwrap.wrap(whole, width, break_long_words=False, break_on_hyphens=False)
    return [line.replace("\xa0", " ") for line in lines]


if __name__ == "__main__":
    sys.exit(main())
