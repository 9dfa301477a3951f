#!/usr/bin/env python3
"""Sets everything up in .venv and runs one verb there: ``python3 run.py VERB [arguments]``.

It needs the standard library alone, and knows nothing about the project but the table VERBS.
Exit codes: the verb's own; 2 for a wrong command line; 3 when the environment is at fault; 130 after Ctrl-C.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  (this is where an older Python is told so)
    sys.stderr.write("run.py: Python is " + sys.version.split()[0] + ", the project needs 3.11 or newer.\n")
    sys.exit(3)

import contextlib
import ctypes
import difflib
import hashlib
import importlib.util
import json
import os
import signal
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
_PATHS = sysconfig.get_paths("venv", vars={"base": str(VENV), "platbase": str(VENV)})
VENV_PYTHON = Path(_PATHS["scripts"], "python.exe" if os.name == "nt" else "python")
# What .venv was made from. It is written last, and among the packages, so that it vanishes with them.
STAMP = Path(_PATHS["purelib"], "nn-parity-installed.json")

# verb: (what it says about itself, the modules it runs with `python -m`).
# A package of this checkout runs in the caller's folder, any other module in the checkout's.
VERBS = {
    "report": ("compare every layer with PyTorch and say who is right", ["parity_tests report"]),
    "check": ("compare a layer of your own: check FILE.py:Class --like Conv2d", ["parity_tests check"]),
    "compare": ("compare a whole model, layer by layer: compare FILE.py:build", ["parity_tests compare"]),
    "support": ("show which arguments are like torch's: support [OPERATION]", ["parity_tests support"]),
    "images": ("write a page that shows what filters do to a picture: images [FILE]", ["scratch.images"]),
    "lessons": ("open a lesson with live code in the browser: lessons [NAME]", ["lessons"]),
    "docs": ("write the documentation as a site, and check its links", ["website"]),
    "mutants": ("try the suite itself, on wrong layers and on right ones", ["parity_tests mutants"]),
    "bench": ("time all implementations", ["benchmarks"]),
    "emulate": ("run a CUDA kernel of your own on the CPU: emulate FILE.cu KERNEL", ["gpu emulate"]),
    "gpu-check": ("check and time all kernels on a GPU: gpu-check --out DIR", ["benchmarks.gpu_check"]),
    "doctor": ("say which GPU answers, and if none, why", ["gpu doctor"]),
    "test": ("run the tests (pytest's arguments, paths from the checkout)", ["pytest"]),
    "lint": ("check style, formatting and types", ["ruff check", "ruff format --check", "mypy"]),
}

OPTIONS = {
    "--here": "use this Python as it is and install nothing",
    "--cpu": "install torch's CPU build, from PyTorch's own index",
    "--cuda": "install torch's CUDA build, even where no NVIDIA driver answers",
}

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
# With the pins of constraints.txt on Linux x86-64: the sizes of the wheels, and of .venv.
CPU_SIZE = "500 MB to fetch, 2.1 GB on disk"
CUDA_SIZE = "3.0 GB to fetch, 5.6 GB on disk"

NO_VENV = (
    "this Python cannot make a virtual environment, its module venv or ensurepip is missing: install it "
    "(Debian and Ubuntu: sudo apt install python3-venv), or run in a Python that has everything, with --here."
)


class Stop(Exception):  # noqa: N818  (a reason to stop, not a defect)
    """One sentence for the user, and the exit code."""

    def __init__(self, sentence: str, code: int = 3) -> None:
        super().__init__(sentence)
        self.code = code


def main(arguments: Sequence[str]) -> int:
    """Run the verb in ``arguments`` and return its exit code."""
    try:
        return run(list(arguments))
    except Stop as stop:
        say(str(stop))
        return stop.code
    except KeyboardInterrupt:
        return 130


def run(arguments: list[str]) -> int:
    """Read the command line, set up what the verb needs, run it."""
    options = []
    while arguments and arguments[0].startswith("-"):
        option = arguments.pop(0)
        if option in ("-h", "--help"):
            print(usage())
            return 0
        if option not in OPTIONS:
            raise Stop(f"unknown option {option}; there are {', '.join(OPTIONS)}, before the verb.", 2)
        options.append(option)
    if len(options) > 1:
        raise Stop(f"{' and '.join(options)} exclude each other.", 2)
    if not arguments:
        sys.stderr.write(usage() + "\n")
        return 2
    verb, *forwarded = arguments
    if verb not in VERBS:
        near = difflib.get_close_matches(verb, VERBS, n=1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        raise Stop(f"unknown verb {verb!r}{hint}; there are {', '.join(VERBS)}.", 2)
    commands = [command.split() for command in VERBS[verb][1]]
    if forwarded and len(commands) > 1:
        raise Stop(f"{verb} takes no arguments, it got {' '.join(forwarded)}.", 2)
    if verb == "test" and os.environ.get("CI") == "true":
        forwarded = ["-W", "error", *forwarded]  # warnings are errors in CI, and only there

    if "--here" in options:
        python = sys.executable
        for module, *_ in commands:
            if not is_ours(module) and importlib.util.find_spec(module) is None:
                raise Stop(f"{python} has no {module}: install it there, or leave out --here.")
    else:
        set_up(options[0].removeprefix("--") if options else "", verb)
        python = str(VENV_PYTHON)
    return max(call([python, "-m", *command, *forwarded]) for command in commands)


def usage() -> str:
    """What --help prints."""
    verbs = [f"  {verb:<11}{text}" for verb, (text, _) in VERBS.items()]
    options = [f"  {option:<11}{text}" for option, text in OPTIONS.items()]
    head = "usage: python3 run.py [--here | --cpu | --cuda] VERB [arguments]"
    foot = "`python3 run.py VERB --help` explains a verb."
    return "\n".join([head, "", "verbs", *verbs, "", "options, before the verb", *options, "", foot])


def say(sentence: str) -> None:
    """Speak to the user, who may be piping the verb's output elsewhere."""
    sys.stderr.write(f"run.py: {sentence}\n")


def is_ours(module: str) -> bool:
    """Whether a module is, or is in, a package of this checkout."""
    return (ROOT / module.partition(".")[0]).is_dir()


def call(command: list[str]) -> int:
    """Run a command to its end; 128 + n if signal n killed it, 130 after Ctrl-C."""
    # Our names are generic: the checkout goes first and the caller's folder stays out of the module path, so
    # that nobody's scratch.py can take the place of scratch/.
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    if os.pathsep in str(ROOT):
        raise Stop(f"the folder name {ROOT} contains {os.pathsep!r}, which separates folders: rename it.")
    env = {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"}
    process = subprocess.Popen(command, cwd=None if is_ours(command[2]) else ROOT, env=env)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())  # who ends run.py means the verb
    try:
        code = process.wait()
    except KeyboardInterrupt:  # it reaches the child too: let it end in its own way
        process.wait()
        return 130
    return code if code >= 0 else 128 - code


def stamps(build: str) -> tuple[dict[str, str], dict[str, str]]:
    """What .venv was made from ({} if it was never finished), and what it should be made from.

    ``build`` is "cpu", "cuda" or "" (whatever .venv has; at first, what pip takes by itself).
    """
    made: dict[str, str] = {}
    if VENV_PYTHON.exists():
        with contextlib.suppress(OSError, ValueError, TypeError):
            made = dict(json.loads(STAMP.read_text("utf-8")))
    inputs = b"".join((ROOT / name).read_bytes() for name in ("pyproject.toml", "constraints.txt"))
    wanted = {
        "python": sysconfig.get_python_version(),
        "torch": build or made.get("torch", ""),
        "inputs": hashlib.sha256(inputs).hexdigest(),
    }
    return made, wanted


def set_up(build: str, verb: str) -> None:
    """Make .venv what pyproject.toml and constraints.txt ask for, unless it is that already."""
    made, wanted = stamps(build)
    if made == wanted:
        return
    try:
        with one_at_a_time():
            made, wanted = stamps(build)
            if made != wanted:  # another run may have done it meanwhile
                install(made, wanted, verb)
    except OSError as error:
        raise Stop(
            f"cannot write to {error.filename or ROOT} ({error.strerror}): make room, put the checkout where "
            "you may write, or run in a Python that has everything, with --here."
        ) from error


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let two runs that start together install one after the other (not on Windows, which has no flock)."""
    with (ROOT / ".venv.lock").open("w") as lock:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install(made: dict[str, str], wanted: dict[str, str], verb: str) -> None:
    """Make .venv, or bring a finished one up to date, and stamp it."""
    build = wanted["torch"]
    update = made != {} and {**made, "inputs": ""} == {**wanted, "inputs": ""}
    if update:
        say("pyproject.toml or constraints.txt has changed; bringing .venv up to date.")
        STAMP.unlink()
    else:
        say(f"making {VENV}, once; this takes some minutes.")
        make_venv()
    # An older pip would fetch whole wheels to answer what it would fetch.
    pip("--upgrade", "pip")
    cuda = build != "cpu" and sys.platform == "linux" and brings_cuda()  # only for Linux is CUDA on the index
    if cuda and build != "cuda" and not driver_answers():
        raise Stop(
            f"stopped before fetching it: pip would take torch's CUDA build (about {CUDA_SIZE}), and no "
            f"NVIDIA driver answers here; take the CPU build (about {CPU_SIZE}) with "
            f"`python3 run.py --cpu {verb}`, or this one all the same with `python3 run.py --cuda {verb}`."
        )
    if cuda or not update:
        which, size = ("CUDA", CUDA_SIZE) if cuda else ("CPU", CPU_SIZE)
        say(f"installing numpy, torch ({which} build), matplotlib, marimo, pytest, ruff, mypy: about {size}.")
    if build == "cpu":
        pip("--no-deps", "--index-url", CPU_INDEX, "torch")
    pip("--build-constraint", "constraints.txt", "--editable", ".[all]")
    STAMP.write_text(json.dumps(wanted), "utf-8")


def make_venv() -> None:
    """Make an empty .venv in place of whatever is there."""
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise Stop(NO_VENV)
    code, output = quietly([sys.executable, "-m", "venv", "--clear", str(VENV)])
    if code:
        sys.stderr.write(tail(output))
        raise Stop(NO_VENV if "ensurepip" in output else f"could not make {VENV}: delete it and run again.")


def brings_cuda() -> bool:
    """Whether pip would fetch CUDA for torch. This reads descriptions only, no wheel."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        # fast-deps reads the description inside a wheel where the index does not have it beside the wheel.
        pip("--dry-run", "--use-feature=fast-deps", "--report", str(report), "torch")
        found = json.loads(report.read_text("utf-8"))["install"]
    return any(item["metadata"]["name"].lower().startswith(("nvidia-", "cuda-", "triton")) for item in found)


def driver_answers() -> bool:
    """Whether an NVIDIA driver is there and finds a device."""
    try:
        return bool(ctypes.CDLL("libcuda.so.1").cuInit(0) == 0)
    except OSError:
        return False


def pip(*arguments: str) -> None:
    """Run pip install in .venv under the pins; quiet unless it fails."""
    code, output = quietly([str(VENV_PYTHON), "-m", "pip", "install", "-c", "constraints.txt", *arguments])
    if code:
        if "No space left" in output:
            raise Stop(f"the disk is full: .venv needs room ({CPU_SIZE}; with CUDA {CUDA_SIZE}).")
        if "connection broken" in output or "Max retries" in output:
            raise Stop("pip cannot reach the package index: check the network or the proxy, then run again.")
        sys.stderr.write(tail(output))
        raise Stop("pip failed (its last lines are above): mend that, or delete .venv, and run again.")


def quietly(command: list[str]) -> tuple[int, str]:
    """Run a command in the checkout; its exit code and what it wrote. A terminal shows the seconds."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    started = time.monotonic()
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        with subprocess.Popen(
            command, cwd=ROOT, env={**env, "PYTHONSAFEPATH": "1"}, stdout=log, stderr=subprocess.STDOUT
        ) as process:
            while True:
                try:
                    code = process.wait(1 if sys.stderr.isatty() else None)
                    break
                except subprocess.TimeoutExpired:
                    sys.stderr.write(f"\r... {time.monotonic() - started:.0f} s ")
        if sys.stderr.isatty():
            sys.stderr.write("\r" + 12 * " " + "\r")
        log.seek(0)
        return code, log.read()


def tail(output: str) -> str:
    """The last lines, where pip and venv say what went wrong."""
    lines = [line for line in output.splitlines() if line.strip()]
    return "".join(f"  {line}\n" for line in lines[-12:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
