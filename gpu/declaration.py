"""What a kernel takes, declared in Python beside the code that calls it, and held against the text of the .cu file."""

import functools
import hashlib
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gpu.emulator.compiler import headers_of, without_comments

KERNELS = Path(__file__).with_name("kernels")

TYPES = {
    "float16": "__half",
    "float32": "float",
    "float64": "double",
    "bool": "bool",
    "int8": "signed char",
    "int16": "short",
    "int32": "int",
    "int64": "long long",
    "uint8": "unsigned char",
    "uint16": "unsigned short",
    "uint32": "unsigned int",
    "uint64": "unsigned long long",
}
"""What CUDA C++ calls NumPy's dtypes."""

DTYPES = {of: np.dtype(name) for name, of in TYPES.items()}
FLOATS = ("float32", "float64")


class LaunchError(ValueError):
    """An argument does not fit the kernel; nothing has been launched."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a kernel: `const T* x` has the type T, an asterisk, and const."""

    name: str
    type: str
    is_array: bool
    is_const: bool


@dataclass(frozen=True)
class Kernel:
    """A kernel as it is declared in Python.

    Attributes
    ----------
    source : the file it is in
    name : of the template
    parameters : as in the .cu file
    dtypes : those that T may stand for
    sizes : for each array the product that its number of elements is, such as "N C H W": names of scalars and of
        members of structs
    optional : the arrays that may be None
    updated : the arrays that it reads before it writes, or writes in part: they hold something before the launch
    """

    source: "Source"
    name: str
    parameters: tuple[Parameter, ...]
    dtypes: tuple[str, ...]
    sizes: Mapping[str, str]
    optional: tuple[str, ...]
    updated: tuple[str, ...]

    def expression(self, dtype: str) -> str:
        """Its C++ name for one dtype."""
        return f"{self.name}<{TYPES[dtype]}>"


@dataclass(eq=False)
class Source:
    """A .cu file, and what is declared of it.

    Parameters
    ----------
    file : its name in gpu/kernels
    structs : the members of its structs in their order, such as {"Size": "int H, W; long long count"}
    folder : where it is instead; headers that are not there are those of gpu/kernels
    """

    file: str
    structs: Mapping[str, str] = field(default_factory=dict)
    folder: Path = KERNELS
    kernels: list[Kernel] = field(default_factory=list)
    _compiled: dict[Any, Any] = field(default_factory=dict)
    _lock: Any = field(default_factory=threading.Lock)

    def kernel(
        self,
        name: str,
        parameters: str,
        sizes: Mapping[str, str],
        dtypes: Sequence[str] = FLOATS,
        optional: Sequence[str] = (),
        updated: Sequence[str] = (),
    ) -> Kernel:
        """Declare a kernel; see `Kernel`."""
        declared = Kernel(self, name, parse(parameters), tuple(dtypes), sizes, tuple(optional), tuple(updated))
        self.kernels.append(declared)
        return declared

    @property
    def folders(self) -> list[Path]:
        """Where its headers are looked for."""
        return [self.folder, KERNELS]

    @property
    def digest(self) -> str:
        """A hash of its code and that of its headers, without comments: what was run on a device is known by it."""
        text = (self.folder / self.file).read_text(encoding="utf-8")
        parts = [without_comments(each) for each in (text, *sorted(headers_of(text, self.folders).values()))]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    @property
    def text(self) -> str:
        """What is in the file, once it is known to agree with the declarations.

        Its last line tells the headers' texts apart: a compiler that keeps what it made of a text notices new ones.

        Raises
        ------
        LaunchError
            if it does not
        """
        text = (self.folder / self.file).read_text(encoding="utf-8")
        headers = headers_of(text, self.folders)
        plain = without_comments("\n".join([*headers.values(), text]))
        for name, members in self.structs.items():
            found = re.search(rf"struct\s+{name}\s*\{{(.*?)\}}", plain, re.DOTALL)
            theirs = () if found is None else members_of(found[1])
            if theirs != members_of(members):
                raise LaunchError(f"{self.file}: struct {name} has {words(theirs)}, declared is {members}")
        for kernel in self.kernels:
            found = re.search(rf"__global__[^;{{]*?\b{kernel.name}\s*\(([^)]*)\)", plain)
            theirs = () if found is None else parse(found[1])
            if theirs != kernel.parameters:
                raise LaunchError(
                    f"{self.file}: {kernel.name} takes {words(theirs)}, declared is {words(kernel.parameters)}"
                )
        if not headers:
            return text
        digest = hashlib.sha256("\0".join(part for each in sorted(headers.items()) for part in each).encode())
        return f"{text}// headers: {digest.hexdigest()}\n"

    @property
    def expressions(self) -> list[str]:
        """The C++ names of all kernels in all their dtypes."""
        return [kernel.expression(dtype) for kernel in self.kernels for dtype in kernel.dtypes]

    def compiled(self, compile_text: Callable[[str, str, Sequence[str], Sequence[Path]], Any]) -> Any:
        """The compiled file, by one of runtime's two ways; compiled when it is first asked for."""
        with self._lock:
            if compile_text not in self._compiled:
                self._compiled[compile_text] = compile_text(self.text, self.file, self.expressions, self.folders)
            return self._compiled[compile_text]


def parse(parameters: str) -> tuple[Parameter, ...]:
    """Take the parameters of a kernel, or the members of a struct, apart.

    >>> parse("const T* x, long long n")[0]
    Parameter(name='x', type='T', is_array=True, is_const=True)
    """
    found = []
    for each in filter(None, (part.strip() for part in parameters.split(","))):
        match = re.fullmatch(r"(const\s+)?(\w[\w ]*?)\s*(\*?)\s*(?:__restrict__\s+)?(\w+)", each)
        if match is None:
            raise LaunchError(f"{each!r} is not understood: a type, perhaps an asterisk, and a name are")
        found.append(Parameter(match[4], " ".join(match[2].split()), bool(match[3]), bool(match[1])))
    return tuple(found)


@functools.cache
def members_of(body: str) -> tuple[Parameter, ...]:
    """Take the members of a struct apart.

    >>> [(member.type, member.name) for member in members_of("int H, W; bool closed")]
    [('int', 'H'), ('int', 'W'), ('bool', 'closed')]
    """
    found = []
    for line in filter(None, (part.strip() for part in body.split(";"))):
        match = re.fullmatch(r"(\w[\w ]*?)\s+(\w+(?:\s*,\s*\w+)*)", line)
        if match is None:
            raise LaunchError(f"{line!r} is not understood: a type and names are")
        found += [Parameter(name.strip(), match[1], False, False) for name in match[2].split(",")]
    return tuple(found)


def words(parameters: Sequence[Parameter]) -> str:
    """Parameters as they are written in C++."""
    listed = [f"{'const ' * p.is_const}{p.type}{'*' * p.is_array} {p.name}" for p in parameters]
    return "(" + ", ".join(listed) + ")" if listed else "nothing that is found"
