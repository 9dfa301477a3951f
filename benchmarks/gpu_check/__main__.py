"""The door: `python -m benchmarks.gpu_check --out DIR`. It loads no CUDA: that is for the children."""

import argparse
import datetime as dt
import signal
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.gpu_check.deadline import Deadline
from benchmarks.gpu_check.parts import ROOT, WEIGHTS, environment_of_children
from benchmarks.machine import prepare_environment, usable_cpus
from parity_tests.terminal import AGREE, DISAGREE, ENVIRONMENT, USAGE, show

NEEDED = ("torch", "scipy", "pytest", "hypothesis", "tabulate", "tqdm")
MINUTES = 9.0
LEAST_MINUTES = 0.2
NAMES = "gpu-check.json", "gpu-check.txt"
PATIENCE = 120.0  # seconds to ask for the GPU: at first, a kernel is compiled
ASKING = "from gpu.device import why_not; print(why_not() or '')"


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the device, and return 0 if all that ran agrees, 1 if not, 2 usage, 3 no GPU, 130 Ctrl-C."""
    options = parser().parse_args(arguments)
    try:
        return run(options)
    except KeyboardInterrupt:
        print(f"gpu-check: stopped; what was found is in {options.out}", file=sys.stderr)
        return 130


def interrupted(*_: Any) -> None:
    """End as after Ctrl-C."""
    raise KeyboardInterrupt


def run(options: argparse.Namespace) -> int:
    """Do what the options say."""
    problem = refusal(options.out, options.minutes)
    if problem:
        print(f"gpu-check: {problem}", file=sys.stderr)
        return USAGE
    deadline = Deadline(60 * options.minutes)
    prepare_environment(usable_cpus())
    missing = [name for name in NEEDED if find_spec(name) is None]
    reason = f"{' and '.join(missing)}: not installed." if missing else no_device()
    if reason:
        print(f"gpu-check: nothing to check here: {reason}", file=sys.stderr)
        return ENVIRONMENT
    from benchmarks.gpu_check.device import REAL

    return check(options, REAL, deadline)


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(
        prog="gpu-check", description="Check all kernels on this machine's GPU, and time them beside torch."
    )
    made.add_argument("--out", metavar="DIR", type=Path, required=True, help=f"gets {' and '.join(NAMES)}")
    made.add_argument("--minutes", metavar="N", type=float, default=MINUTES, help="in all, %(default)g by default")
    made.add_argument(
        "--part",
        action="append",
        choices=WEIGHTS,
        metavar="NAME",
        help=f"only this one, may be repeated: {', '.join(WEIGHTS)}",
    )
    made.add_argument("--commit", metavar="NAME", help="what to call this checkout, if it has no .git")
    return made


def refusal(out: Path, minutes: float) -> str:
    """Say why there is nothing to begin with, "" if there is."""
    if not LEAST_MINUTES <= minutes <= 24 * 60:
        return f"--minutes {minutes:g}: from {LEAST_MINUTES:g} on."
    if out.exists() and not out.is_dir():
        return f"--out {out}: this is a file; name a folder."
    return ""


def no_device() -> str:
    """Why no GPU can be used, "" if one can; asked in a process of its own, which alone loads CUDA for it."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", ASKING], timeout=PATIENCE,
            cwd=ROOT, env=environment_of_children(), capture_output=True, text=True, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"the GPU does not answer within {PATIENCE:g} s."
    return done.stdout.strip() if done.returncode == 0 else f"the GPU does not answer: {done.stderr.strip()[-200:]}"


def check(options: argparse.Namespace, device: str, deadline: Deadline) -> int:
    """Run the parts on a device, by the name of its class."""
    from benchmarks.gpu_check.document import as_json, disagreements, document, failures, write
    from benchmarks.gpu_check.run_parts import Outcome, run_all
    from benchmarks.gpu_check.text import render

    try:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / NAMES[0]).unlink(missing_ok=True)
    except OSError as error:
        print(f"gpu-check: --out {options.out}: cannot write there ({error.strerror}).", file=sys.stderr)
        return USAGE
    about = {
        "began": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "minutes": options.minutes,
        "device": device,
        "commit as given": options.commit,
    }
    text = ""

    def keep(outcomes: list[Outcome]) -> None:
        nonlocal text
        content = document(outcomes, about)
        write(options.out / NAMES[0], as_json(content))
        try:
            text = render(content, disagreements(outcomes), failures(outcomes))
        except Exception as error:  # noqa: BLE001 (the JSON has it all; a table is not worth the parts that are left)
            text = f"{content['verdict']}\n\nThe tables could not be drawn: {type(error).__name__}: {error}\n"
        write(options.out / NAMES[1], text)
        progress(outcomes)

    parts = [part for part in WEIGHTS if part in (options.part or WEIGHTS)]
    outcomes = run_all(parts, device, deadline, keep)
    show(text)
    return DISAGREE if disagreements(outcomes) or failures(outcomes) else AGREE


def progress(outcomes: Sequence[Any]) -> None:
    """Say which part is over: it takes minutes, and whoever reads the end of a log sees where it was."""
    last = ([outcome for outcome in outcomes if outcome.state != "not begun"] or outcomes)[-1]
    print(f"gpu-check: {last.part} {last.state}, {last.seconds:.0f} s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupted)  # as Ctrl-C: what was found is kept, and no child is left behind
    sys.exit(main())
