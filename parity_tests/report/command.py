"""`python -m parity_tests report`: compare every layer with torch, and say who is right."""

import argparse
import sys
from pathlib import Path

from parity_tests.harness.case import DTYPES, HALF
from parity_tests.harness.implementations import IMPLEMENTATIONS
from parity_tests.report import as_html, as_json, text
from parity_tests.report.gather import choose, gather
from parity_tests.terminal import AGREE, DISAGREE, ENVIRONMENT, USAGE, missing, natural, show, unwritable

FORMATS = ("text", "json", "html")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Tell argparse the options."""
    parser.add_argument("--format", choices=FORMATS, default="text", help="text (the default), json or html")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to a file rather than to the screen")
    parser.add_argument(
        "--impl", action="append", choices=IMPLEMENTATIONS, metavar="NAME",
        help=f"compare this one only, may be repeated: {', '.join(IMPLEMENTATIONS)}",
    )  # fmt: skip
    parser.add_argument(
        "--dtype", action="append", choices=(HALF, *DTYPES), help="may be repeated; default float32 and float64"
    )
    parser.add_argument("--seed", type=natural, default=0, help="of the inputs and the model's weights, 0 by default")
    parser.add_argument("--quick", action="store_true", help="fewer cases, float32 only, three epochs")
    parser.add_argument("--detail", action="store_true", help="text: a row for each tensor, with the worst element")


def run(arguments: argparse.Namespace) -> int:
    """Make the report; returns the exit code."""
    if arguments.output is not None and (problem := unwritable(arguments.output)):
        print(f"-o {arguments.output}: {problem}", file=sys.stderr)
        return USAGE
    if arguments.format == "html" and (sentence := missing("jinja2", "report")):
        print(sentence, file=sys.stderr)
        return ENVIRONMENT
    try:
        choice = choose(arguments.impl, arguments.dtype, arguments.seed, arguments.quick)
    except LookupError as error:
        print(error, file=sys.stderr)
        return ENVIRONMENT
    report = gather(choice)
    if not report.findings:
        print("Nothing was compared, so nothing can be said.", file=sys.stderr)
        return USAGE
    if arguments.format == "text":
        written = text.render(report, arguments.detail)
    else:
        written = as_json.render(report) if arguments.format == "json" else as_html.render(report)
    if arguments.output is not None:
        arguments.output.write_text(written, encoding="utf-8")
        written = report.verdict + "\n"
    show(written)
    return DISAGREE if report.disagreements else AGREE
