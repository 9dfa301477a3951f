"""Compiled kernels, and launches of them on NumPy arrays."""

import ctypes
import mmap
import re
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from gpu.emulator.compiler import HEADERS, compile_kernels, headers_of
from gpu.emulator.signature import signatures
from scratch.array import HostArray

Argument: TypeAlias = HostArray | np.generic | None
"""An array, a scalar (for a struct a structured one, of dtype.names), or None for a null pointer."""

Dim3: TypeAlias = tuple[int, ...]
Place: TypeAlias = tuple[int, int, int]

NAN_BYTE = 0xFF  # all bytes of this value make a NaN of any floating type
SECONDS = 60  # that a guarded launch may take
UNGUARDED, GUARDED_END, GUARDED_BEGINNING = 0, 1, 2
KINDS = (
    "nothing",
    "barrier divergence",
    "early return before a barrier",
    "overflow",
    "index out of bounds",
    "bad pointer",
    "access outside an array",
    "shared memory overrun",
    "asynchronous copy",
    "crash",
)


class Settings(ctypes.Structure):
    """Settings of launch.h."""

    _fields_ = (
        ("grid", ctypes.c_uint * 3),
        ("block", ctypes.c_uint * 3),
        ("shared_bytes", ctypes.c_uint64),
        ("order", ctypes.c_int),
        ("poison", ctypes.c_int),
        ("guarded", ctypes.c_int),
        ("seconds", ctypes.c_int),
        ("watched_argument", ctypes.c_int),
        ("watched_bytes", ctypes.c_int),
        ("watched_offset", ctypes.c_uint64),
    )


class CArgument(ctypes.Structure):
    """Argument of launch.h."""

    _fields_ = (
        ("pointer", ctypes.c_void_p),
        ("bytes", ctypes.c_uint64),
        ("alignment", ctypes.c_int),
        ("is_array", ctypes.c_int),
    )


class CParameter(ctypes.Structure):
    """Parameter of launch.h."""

    _fields_ = (
        ("bytes", ctypes.c_int),
        ("is_pointer", ctypes.c_int),
        ("is_const", ctypes.c_int),
        ("kind", ctypes.c_char),
    )


class CReport(ctypes.Structure):
    """Report of report.h."""

    _fields_ = (
        ("kind", ctypes.c_int),
        ("line", ctypes.c_int),
        ("block", ctypes.c_uint * 3),
        ("thread", ctypes.c_uint * 3),
        ("argument", ctypes.c_int),
        ("access", ctypes.c_int),
        ("offset", ctypes.c_int64),
        ("code", ctypes.c_uint64),
        ("writer_block", ctypes.c_uint * 3),
        ("writer_thread", ctypes.c_uint * 3),
        ("written", ctypes.c_int),
        ("text", ctypes.c_char * 320),
        ("file", ctypes.c_char * 512),
    )


@dataclass(frozen=True)
class Finding:
    """What is wrong with a kernel.

    Attributes
    ----------
    kind : in a few words, one of KINDS or of `check.KINDS`
    kernel : its C++ name
    detail : what happened
    block, thread : who did it, None where nobody can be named
    line : where it happened, None where that is unknown
    source_line : that line
    file : that it is in: the .cu file or a header, by the names that the module and `#include` give them
    """

    kind: str
    kernel: str
    detail: str
    block: Place | None = None
    thread: Place | None = None
    line: int | None = None
    source_line: str = ""
    file: str = ""

    def __str__(self) -> str:
        who = "" if self.block is None else f", block {self.block}, thread {self.thread}"
        where = "" if self.line is None else f"\n    {self.file}, line {self.line}: {self.source_line}"
        return f"{self.kernel}{who}: {self.kind}: {self.detail}{where}"


class EmulatorError(Exception):
    """A kernel did what it must not; `finding` says what, and who did it."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


class Module:
    """Kernels of one .cu file, compiled for the CPU.

    Parameters
    ----------
    source : the text of the file
    name : of the file, for messages
    expressions : the C++ names of the kernels to compile, such as "scale<float>"
    folders : where its own headers are, `#include "..."`

    Raises
    ------
    NoCompiler, CompileError
        see `compiler.compile_kernels`
    """

    def __init__(self, source: str, name: str, expressions: Sequence[str], folders: Sequence[Path] = ()) -> None:
        self.expressions = list(expressions)
        self.texts = {name: source} | headers_of(source, folders)
        self.signatures = signatures("\n".join(reversed(self.texts.values())))
        self.path = compile_kernels(source, name, expressions, folders)
        self._library = ctypes.CDLL(str(self.path))
        self._lock = threading.Lock()  # a library runs one kernel at a time

    @classmethod
    def from_file(cls, path: str | Path, expressions: Sequence[str]) -> "Module":
        """Read and compile a file."""
        return cls(Path(path).read_text(encoding="utf-8"), Path(path).name, expressions, [Path(path).parent])

    def parameters(self, expression: str) -> list[CParameter]:
        """What the compiled kernel declares."""
        found = (CParameter * 32)()
        count = getattr(self._library, f"emulator_parameters_{self.expressions.index(expression)}")(found)
        return list(found)[:count]

    def words(self, expression: str, number: int) -> str:
        """What to call a parameter: by its name, or by its number where it has none or a macro has made it."""
        signature = self.signatures.get(base_name(expression))
        named = signature is not None and len(signature.parameters) == len(self.parameters(expression))
        return (signature.parameters[number].name if signature and named else "") or f"argument {number}"

    def launch(
        self,
        expression: str,
        grid: Dim3,
        block: Dim3,
        arguments: Sequence[Argument],
        *,
        shared_bytes: int = 0,
        order: int = 0,
        poison: int = NAN_BYTE,
        guarded: int = UNGUARDED,
        alignment: int = 1,
        watched: tuple[int, int, int] | None = None,
    ) -> CReport:
        """Run a kernel; arrays that it does not take as const are changed in place.

        Parameters
        ----------
        expression : which kernel
        grid, block : blocks in the grid, threads in a block, one to three numbers each
        arguments : arrays (C order), NumPy scalars and None, checked against the kernel's parameters
        shared_bytes : dynamic shared memory of a block
        order : in which threads and blocks run: 0 forward, 1 reverse, from 2 on a seed for a random order
        poison : what each byte of shared memory is before it is written
        guarded : GUARDED_END or GUARDED_BEGINNING to run in a child process, where an access outside of an array
            is found, up to a GiB away: right behind its end or right before its beginning, and from less than 64 KiB
            on at the other side
        alignment : of the guarded copies, in bytes, at least that of an element
        watched : argument, offset and number of bytes of which the report names the last writer (guarded launches)

        Raises
        ------
        EmulatorError
            if the kernel does what it must not
        TypeError, ValueError
            if the arguments do not fit the kernel
        """
        parameters = self.parameters(expression)
        check_arguments(expression, parameters, arguments)
        if not 1 <= int(np.prod(block)) <= 1024:
            raise ValueError(f"{expression}: block={block}: 1 to 1024 threads are possible")
        argument, offset, size = watched or (-1, 0, 0)
        settings = Settings(
            three(grid), three(block), shared_bytes, order, poison, guarded, SECONDS, argument, size, offset
        )
        shared = mmap.mmap(-1, ctypes.sizeof(CReport))  # the child process writes into the same memory
        report = CReport.from_buffer(shared)
        held = [None if each is None else np.asarray(each) for each in arguments]  # where scalars lie during the launch
        values = (CArgument * max(1, len(arguments)))()
        for value, each, memory in zip(values, arguments, held, strict=False):
            value.is_array = int(not isinstance(each, np.generic))
            if memory is not None:
                value.pointer, value.bytes = memory.ctypes.data, memory.nbytes
                value.alignment = max(alignment, memory.dtype.alignment)
        entry = getattr(self._library, f"emulator_launch_{self.expressions.index(expression)}")
        with self._lock:
            entry(ctypes.byref(settings), values, ctypes.byref(report))
        copy = CReport.from_buffer_copy(report)
        if copy.kind:
            raise EmulatorError(self._finding(expression, copy, arguments))
        return copy

    def _finding(self, kernel: str, report: CReport, arguments: Sequence[Argument]) -> Finding:
        kind, detail = KINDS[report.kind], report.text.decode(errors="replace")
        file, line = self._known(report.file.decode(errors="replace")), report.line or None
        if file is None:
            file, line = self._place_of(report.code)
        if kind == "access outside an array":
            what = {0: "reads", 1: "writes", -1: "reads or writes"}[report.access]
            array = arguments[report.argument] if report.argument >= 0 else None
            if array is None:
                detail = f"{what} memory that is not near any argument, or its stack is full"
            elif 0 <= report.offset < array.nbytes:
                detail = f"writes to {self.words(kernel, report.argument)}, which is const"
            else:
                name = self.words(kernel, report.argument)
                detail = f"{what} {name}[{report.offset // array.itemsize}]; {name} has {array.size} elements"
        who = place(report.block), place(report.thread)
        return Finding(kind, kernel, detail, *who, line, self.source_line(file, line), file)

    def source_line(self, file: str, line: int | None) -> str:
        """A line of the .cu file or of one of its headers, the first being 1."""
        lines = self.texts[file].splitlines() if file else []
        return lines[line - 1].strip() if line is not None and 0 < line <= len(lines) else ""

    def _known(self, path: str) -> str | None:
        """By which name the module has a file that the compiler names; None if it is none of the learner's."""
        if f"{HEADERS.parent.name}/{HEADERS.name}/" in path:
            return None
        ends = [name for name in self.texts if path == name or path.endswith(f"/{name}")]
        return max(ends, key=len, default=None)

    def _place_of(self, code: int) -> tuple[str, int | None]:
        """File and line of an address in the compiled file, if binutils can tell.

        Code of the emulator's headers is often inlined into the kernel: then the line into which it is inlined.
        """
        command = ["addr2line", "--inlines", "-e", str(self.path), hex(code)]
        try:
            found = subprocess.run(command, capture_output=True, text=True, check=False).stdout if code else ""
        except OSError:
            found = ""
        for path, number in re.findall(r"^(.+):(\d+)", found, re.MULTILINE):
            file = self._known(path)
            if file is not None and int(number) > 0:
                return file, int(number)
        return "", None


def base_name(expression: str) -> str:
    """The name of a kernel alone.

    >>> base_name("filters::scale<float>")
    'scale'
    """
    return expression.partition("<")[0].rpartition("::")[2].strip()


def three(sizes: Dim3) -> Any:
    """A grid or a block as three numbers."""
    return (ctypes.c_uint * 3)(*sizes, *(1,) * (3 - len(sizes)))


def place(values: Any) -> Place:
    """The three numbers of a block or a thread."""
    x, y, z = values
    return x, y, z


def check_arguments(kernel: str, parameters: Sequence[CParameter], arguments: Sequence[Argument]) -> None:
    """Refuse arguments that do not fit what the compiled kernel declares.

    Raises
    ------
    TypeError
        for another number of arguments, a scalar for an array or the reverse, or another dtype
    ValueError
        for an array that is not in C order, or read-only where the kernel writes
    """
    if len(parameters) != len(arguments):
        raise TypeError(f"{kernel} takes {len(parameters)} arguments, got {len(arguments)}")
    for i, (parameter, argument) in enumerate(zip(parameters, arguments, strict=True)):
        if argument is None:
            if not parameter.is_pointer:
                raise TypeError(f"{kernel}: argument {i} is None, but no pointer")
            continue
        if not isinstance(argument, np.ndarray if parameter.is_pointer else np.generic):
            wanted = "an array" if parameter.is_pointer else "a NumPy scalar"
            raise TypeError(f"{kernel}: argument {i} is a {type(argument).__name__}, {wanted} is needed")
        kind = parameter.kind.decode()
        if argument.dtype.itemsize != parameter.bytes or kind not in ("V", argument.dtype.kind):
            size = f"{parameter.bytes} bytes of kind {kind!r}"
            raise TypeError(f"{kernel}: argument {i} has dtype {argument.dtype}, the kernel declares {size}")
        if isinstance(argument, np.ndarray):
            if not argument.flags.c_contiguous:
                raise ValueError(f"{kernel}: argument {i} is not in C order")
            if not (argument.flags.writeable or parameter.is_const):
                raise ValueError(f"{kernel}: argument {i} is read-only, and the kernel may write to it")
