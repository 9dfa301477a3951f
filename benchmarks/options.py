"""The command line: what there is, and what is refused before anything is loaded."""

import argparse
import difflib
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from benchmarks.allocator import ALLOCATORS, why_not
from benchmarks.machine import usable_cpus
from parity_tests.terminal import unwritable

NEEDED = dict.fromkeys(("torch", "scipy", "tabulate", "tqdm"), "torch")
"""Package -> the extra that brings it."""

PLOTS = (".svg", ".png")
DTYPES = ("float32", "float64")
AXES = ("batch", "channels", "size", "kernel")


class Stop(Exception):  # noqa: N818  (a reason to stop, not a defect)
    """One sentence for the user, and the exit code."""

    def __init__(self, sentence: str, code: int = 2) -> None:
        super().__init__(sentence)
        self.code = code


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Time forward and backward of all implementations beside torch, after checking that they are right",
        epilog="Close other programs first: what they take of the cores, they take from one side more than the other.",
    )
    what = made.add_argument_group("what to time")
    what.add_argument(
        "--suite", action="append", metavar="NAME",
        help="layers, more layers, models, images, training; may be repeated",
    )  # fmt: skip
    what.add_argument(
        "--impl", action="append", metavar="NAME",
        help="time this one beside torch, may be repeated; scratch:winograd is an algorithm of scratch, "
        "scratch+fast its faster precision",
    )  # fmt: skip
    what.add_argument("--filter", metavar="TEXT", default="", help="only the rows with this in their name")
    what.add_argument("--dtype", metavar="DTYPE", help="every row in float32, or in float64")
    what.add_argument("--sweep", metavar="AXIS", help="instead: a convolution as batch, channels, size or kernel grows")
    what.add_argument(
        "--crossover", action="store_true", help="instead: each method of filtering images, kernels of 3 to 51 cells"
    )
    how = made.add_argument_group("how")
    how.add_argument(
        "--threads", metavar="N", type=int, default=usable_cpus(), help="of torch, BLAS and our FFT, here %(default)s"
    )
    how.add_argument(
        "--allocator", action="append", metavar="NAME", help="malloc: default or tuned; both, unless --quick is given"
    )
    how.add_argument("--quick", action="store_true", help="three short rounds, good for trying it out")
    out = made.add_argument_group("what becomes of it")
    out.add_argument("--json", action="store_true", help="print JSON rather than text")
    out.add_argument("-o", "--output", metavar="FILE", type=Path, help="write the JSON to a file, too")
    out.add_argument("--plot", metavar="FILE", type=Path, help="draw it to a .svg or .png file")
    out.add_argument("--html", metavar="FILE", type=Path, help="write a page with tables and drawings")
    out.add_argument(
        "--compare",
        metavar="FILE",
        type=Path,
        help="with an earlier JSON: exit code 1 if anything is slower, 3 if that cannot be told",
    )
    out.add_argument(
        "--readme", action="store_true",
        help="instead: write the tables of README.md and docs/benchmarks.md from benchmarks/results",
    )  # fmt: skip
    return made


def refuse(options: argparse.Namespace) -> None:
    """Say no before anything is loaded.

    Raises
    ------
    Stop
        if options contradict each other, a file cannot be written, or a package is missing
    """
    refuse_words(options)
    refuse_combinations(options)
    for option, file in (("-o", options.output), ("--plot", options.plot), ("--html", options.html)):
        if file is not None and (problem := unwritable(file)):
            raise Stop(f"{option} {file}: {problem}.")
    pictures = {} if options.plot is None and options.html is None else {"matplotlib": "plots"}
    pages = {} if options.html is None else {"jinja2": "report"}
    for name, extra in (NEEDED | pictures | pages).items():
        if find_spec(name) is None:
            raise Stop(f'{name} is missing: pip install -c constraints.txt -e ".[{extra}]" brings it.', 3)


def refuse_words(options: argparse.Namespace) -> None:
    """Say no to what no option can be; raises a Stop."""
    if options.threads < 1:
        raise Stop(f"--threads {options.threads}: at least 1 is needed.")
    lists = (("--dtype", "dtype", [options.dtype], DTYPES), ("--sweep", "axis", [options.sweep], AXES))
    for option, what, names, known in (*lists, ("--allocator", "allocator", options.allocator or [], ALLOCATORS)):
        for name in names:
            if name is not None and name not in known:
                raise unknown(option, what, name, known)
    if options.plot is not None and options.plot.suffix not in PLOTS:
        raise Stop(f"--plot {options.plot}: the name of a picture ends in {' or '.join(PLOTS)}.")
    if options.allocator == ["tuned"] and (reason := why_not()):
        raise Stop(f"--allocator tuned: {reason}.", 3)


def refuse_combinations(options: argparse.Namespace) -> None:
    """Say no to what does not go together; raises a Stop."""
    given = {f"--{name}" for name, value in vars(options).items() if value}
    for option, about, others in (
        ("--crossover", "compares the methods of scratch", ("impl", "suite", "dtype", "sweep", "compare", "html")),
        ("--sweep", "has rows of its own", ("suite", "filter", "compare")),
        ("--readme", "measures nothing", ("impl", "suite", "sweep", "compare", "html", "plot", "output", "json")),
    ):
        both = [f"--{name}" for name in others if f"--{name}" in given]
        if option in given and both:
            raise Stop(f"{option} {about}: leave out {' and '.join(both)}.")


def unknown(option: str, what: str, name: str, known: Iterable[str]) -> Stop:
    """What to say of a name that is not known."""
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    return Stop(f"{option}: unknown {what} {name!r}{hint}; there are {', '.join(known)}.")
