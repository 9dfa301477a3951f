"""`python -m gpu emulate FILE.cu KERNEL`: run one's own kernel on the CPU, and show its mistakes."""

import argparse
import difflib
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from gpu.declaration import LaunchError
from gpu.emulator.arguments import STRUCT, Given, UsageError, read, sort
from gpu.emulator.check import check
from gpu.emulator.compiler import HEADERS, HOST_CODE, CompileError, NoCompiler, headers_of
from gpu.emulator.module import Finding, Module, base_name
from gpu.emulator.show import WIDTH, ended, render
from gpu.emulator.signature import Signature, Taken, signatures
from gpu.runtime import check_sizes

CLEAN, FOUND, USAGE, ENVIRONMENT = 0, 1, 2, 3
MOST_THREADS = 1 << 26  # of a whole grid: what runs in less than a minute
MOST_LINES = 20  # of what a compiler says
LAUNCH = HEADERS / "launch.h"
ALIGNED = 16  # what no vector load needs more than, and what a device's arrays always are

DESCRIPTION = """\
Run a kernel of a .cu file on the CPU, without a GPU, several times in ways that
must not matter, and show what is wrong with it: barriers that not all threads
reach, results that depend on the order of threads, access outside an array,
memory that is read before it is written, and more (docs/emulator.md)."""
EPILOG = """\
arguments of the kernel, in its order or by name:
  x=arange:128         an array 0 1 2 ...; also zeros, ones, random, empty
  x=arange:4x32:int32  with its shape, and the dtype that the kernel needs
  x=@numbers.npy       the array of a file that numpy.save wrote
  y+=zeros:128         an array that the kernel updates; with y= what it holds
                       at first must not matter, and is overwritten
  n=128 negate=true    numbers
  bias=null            a null pointer

example (in docs/kernels there is one that lacks a barrier):
  python3 run.py emulate docs/kernels/reverse.cu reverse --grid 2 --block 64 \\
      x=arange:128 y=empty:128

exit codes: 0 clean, 1 mistakes found, 2 a command line, file or kernel that
cannot be used, 3 no g++ that will do"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Tell argparse the arguments and options."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.usage = "%(prog)s FILE.cu KERNEL --grid N --block N [ARG ...]"
    parser.add_argument("file", metavar="FILE.cu", type=Path, help="CUDA C++")
    parser.add_argument("kernel", metavar="KERNEL", nargs="?", help="its name; of a template, such as 'scale<float>'")
    parser.add_argument("words", metavar="ARG", nargs="*", default=[], help="what the kernel takes, see below")
    parser.add_argument("--grid", metavar="N", type=three, help="blocks; 2x3 for two dimensions")
    parser.add_argument("--block", metavar="N", type=three, help="threads of a block, in all 1024 at most")
    parser.add_argument("--shared", metavar="BYTES", type=int, default=0, help="dynamic shared memory of a block")
    parser.add_argument("--save", metavar="DIR", type=Path, help="write the results there, as NAME.npy")


def three(word: str) -> tuple[int, ...]:
    """Up to three numbers, 2x3 or 2,3."""
    if re.fullmatch(r"\d{1,10}([x,]\d{1,10}){0,2}", word) is None:
        raise argparse.ArgumentTypeError(f"{word!r} is not one to three numbers, such as 64 or 8x8")
    return tuple(int(each) for each in re.split("[x,]", word))


def run(options: argparse.Namespace) -> int:
    """Run the kernel, print what is found, and return the exit code."""
    try:
        ran = emulate(options)
    except UsageError as error:
        return say(str(error), USAGE)
    except CompileError as error:
        return say("\n".join(errors(str(error))), USAGE)
    except NoCompiler as error:
        return say(str(error), ENVIRONMENT)
    print(render(options.kernel, options.grid, options.block, ran.findings, ran.given, ran.saved))
    return FOUND if ran.findings else CLEAN


def errors(text: str) -> list[str]:
    """What a compiler says without its notes: each error, once, and the line that it is in.

    Not what comes of it in launch.h, where no line is the user's.
    """
    first, *lines = text.splitlines()
    kept, is_error = [first], False
    for line in lines:
        is_quoted = re.match(r" *\d* \|", line) is not None
        is_new = (": error:" in line or "undefined reference" in line) and line not in kept
        is_error = (is_new and not line.startswith(f"{LAUNCH}:")) or (is_error and is_quoted)
        if is_error or line == HOST_CODE:
            kept.append(line)
    return [*kept[:MOST_LINES], "..."] if len(kept) > MOST_LINES + 1 else kept


def say(sentence: str, code: int) -> int:
    """Write to stderr what is the matter."""
    sys.stderr.write(f"emulate: {sentence}\n")
    return code


@dataclass(frozen=True)
class Ran:
    """What came of it."""

    findings: Sequence[Finding]
    given: Sequence[Given]
    saved: Sequence[Path]


def emulate(options: argparse.Namespace) -> Ran:
    """Read the command line, compile the kernel, check it, and save its results.

    Raises
    ------
    UsageError, CompileError, NoCompiler
    """
    file: Path = options.file
    try:
        source = file.read_text(encoding="utf-8")
        headers = headers_of(source, [file.parent])
    except OSError as error:
        raise UsageError(f"{error.filename or file} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file} or a header of it is no UTF-8 text.") from None
    signature = chosen(file, options.kernel, signatures("\n".join([*headers.values(), source])))
    if signature.parameters and not options.words:
        raise UsageError(explained(options, signature))
    if not (options.grid and options.block):
        shown = example(options, signature)
        raise UsageError(f"--grid and --block are needed: how many blocks, and threads in each.{shown}")
    words = sort(signature, options.words)
    try:
        check_sizes(options.kernel, options.grid, options.block, options.shared)
    except LaunchError as error:
        raise UsageError(f"{error}.") from None
    if prod(options.grid) * prod(options.block) > MOST_THREADS:
        threads = prod(options.grid) * prod(options.block)
        raise UsageError(f"{threads} threads take too long here: {MOST_THREADS} at most.")
    try:
        module = compiled(source, file, options.kernel, signature)
        parameters = module.parameters(options.kernel)
        if len(parameters) != len(words):
            raise UsageError(f"{signature} was compiled with {len(parameters)} parameters: is it defined twice?")
        given = read(signature, parameters, words)
        if options.save is not None:
            options.save.mkdir(exist_ok=True)
        findings = checked(module, options, given)
        saved = save(options.save, given) if options.save is not None and ended(findings) else []
    except MemoryError:
        raise UsageError("the memory is too small for these arrays.") from None
    except OSError as error:
        raise UsageError(f"{error.filename or options.save}: {error.strerror or error}.") from None
    return Ran(findings, given, saved)


def compiled(source: str, file: Path, kernel: str, signature: Signature) -> Module:
    """Compile the file, and of it the kernel that is asked for."""
    try:
        return Module(source, file.name, [kernel], [file.parent])
    except CompileError as error:
        if f"{LAUNCH}:" in str(error) and len(errors(str(error))) == 1:  # the file is right
            raise UsageError(
                f"{kernel} does not fit the kernel, or it takes what no launch can pass:\n  {signature}"
            ) from None
        raise


def chosen(file: Path, kernel: str | None, found: Mapping[str, Signature]) -> Signature:
    """The kernel that the user names.

    Raises
    ------
    UsageError
        if it is not in the file, or is a template and nothing is said of its types
    """
    if not found:
        raise UsageError(f"{file} has no kernel, `__global__ void name(...)`.")
    listed = "".join(f"\n  {each}" for each in found.values())
    if kernel is None:
        raise UsageError(f"which kernel of {file}? It has:{listed}")
    name = base_name(kernel)
    if name not in found:
        near = difflib.get_close_matches(name, found, n=1)
        raise UsageError(f"{file} has no kernel {name}{f' (did you mean {near[0]}?)' if near else ''}; it has:{listed}")
    if found[name].template and "<" not in kernel:
        types = shlex.quote(f"{kernel}<{', '.join(map(stand_in, found[name].template))}>")
        raise UsageError(f"{name} is a template: say for what, as in {types}, with the quotes; it is\n  {found[name]}")
    return found[name]


def stand_in(parameter: str) -> str:
    """What a template's parameter may stand for.

    >>> stand_in("typename T"), stand_in("int SIZE"), stand_in("bool NEGATE")
    ('float', '64', 'true')
    """
    return {"typename": "float", "class": "float", "bool": "true"}.get(parameter.split(maxsplit=1)[0], "64")


def explained(options: argparse.Namespace, signature: Signature) -> str:
    """What the kernel takes, and a command line that gives it."""
    width = max(len(str(each)) for each in signature.parameters)
    lines = [f"{signature.name} needs its arguments:"]
    for each in signature.parameters:
        word = suggested(each, 1)
        if word is None:
            what = STRUCT
        elif not each.is_array:
            what = "a number"
        else:
            what = "an array that it reads" if "const" in each.type else "an array that it writes"
        lines.append(f"  {each!s:<{width}}  {what}")
    return "\n".join(lines) + example(options, signature)


def example(options: argparse.Namespace, signature: Signature) -> str:
    """A command line for a kernel, "" where nobody can guess its arguments."""
    grid, block = options.grid or (2,), options.block or (64,)
    threads = prod(grid) * prod(block)
    words = [suggested(each, threads) for each in signature.parameters]
    if None in words:
        return ""
    shared = options.shared or (8 * prod(block) if signature.is_dynamic else 0)
    command = ["python3", "run.py", "emulate", str(options.file), options.kernel]
    command += ["--grid", "x".join(map(str, grid)), "--block", "x".join(map(str, block))]
    command += ["--shared", str(shared)] if shared else []
    lines = ["  "]
    for word in map(shlex.quote, command + [word for word in words if word is not None]):
        if len(lines[-1]) + len(word) > WIDTH - 3:
            lines[-1] += "\\"
            lines.append("      ")
        lines[-1] += f"{word} "
    return "\nFor example:\n" + "\n".join(line.rstrip() for line in lines)


def suggested(taken: Taken, count: int) -> str | None:
    """An argument that may do for a parameter, None for a struct."""
    base = taken.type.replace("const", "").replace("volatile", "").strip()
    prefix = f"{taken.name}=" if taken.name else ""
    if taken.is_array:
        return f"{prefix}{'arange' if 'const' in taken.type else 'empty'}:{count}"
    whole = re.fullmatch(r"((un)?signed|short|int|long|size_t|ptrdiff_t|u?int\d+_t|\s)+", base)
    numbers = {"bool": "true", "float": "0.5", "double": "0.5", "T": "0.5"}
    value = str(count) if whole else numbers.get(base)
    return None if value is None else prefix + value


def checked(module: Module, options: argparse.Namespace, given: Sequence[Given]) -> list[Finding]:
    """Check the kernel; its results are in the arrays afterwards."""

    def aligned(alignment: int) -> list[Finding]:
        return check(
            module, options.kernel, options.grid, options.block, [each.passed for each in given],
            shared_bytes=options.shared, alignment=alignment,
            updated=[number for number, each in enumerate(given) if each.is_updated],
        )  # fmt: skip

    # Close to the end of a page a float4 may be misaligned which on a device is not: only then leave some room.
    findings = aligned(1)
    return aligned(ALIGNED) if any(finding.kind == "bad pointer" for finding in findings) else findings


def save(folder: Path, given: Sequence[Given]) -> list[Path]:
    """Write the results as NAME.npy; returns the files."""
    saved = []
    for number, each in enumerate(given):
        if each.is_output and each.array is not None:
            saved.append(folder / f"{each.name or f'argument_{number}'}.npy")
            np.save(saved[-1], each.array)
    return saved
