"""Read a kernel's arguments from the words of a command line: `x=arange:128`, `y+=@start.npy`, `n=128`.

What a word leaves open, the compiled kernel tells: the dtype of an array, and what kind of number a number is.
"""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from gpu.declaration import TYPES
from gpu.emulator.module import Argument, CParameter
from gpu.emulator.signature import Signature, Taken
from scratch.array import HostArray

FILLS = ("arange", "zeros", "ones", "random", "empty")
VECTORS = {"float2": "float32", "float4": "float32", "double2": "float64", "int2": "int32", "int4": "int32",
           "__half2": "float16"}  # fmt: skip
MOST_BYTES = 1 << 30
NAMED = re.compile(r"(\w+)(\+?)=")
STRUCT = "is a struct, which only Python can pass (docs/emulator.md)"


class UsageError(Exception):
    """A sentence for the user: what is wrong with the command line, and what would be right."""


@dataclass(frozen=True)
class Word:
    """One word: for which parameter, what, and whether the kernel updates what it holds (`+=`)."""

    text: str
    what: str
    is_updated: bool


@dataclass(frozen=True)
class Given:
    """The argument that a word gives.

    Attributes
    ----------
    name : of the parameter
    passed : what the launch takes
    array : the same memory in numbers, where the kernel takes vectors such as float4; None for a scalar
    is_output : whether the kernel may write to it
    is_updated : whether what it holds before is of interest
    """

    name: str
    passed: Argument
    array: HostArray | None
    is_output: bool
    is_updated: bool


def sort(signature: Signature, words: Sequence[str]) -> list[Word]:
    """Put the words in the order of the parameters: first those without a name, by position, then those with one.

    Raises
    ------
    UsageError
        for a word too many, a name that is unknown or given twice, or a parameter that nothing is said of
    """
    names = [each.name or f"argument {number}" for number, each in enumerate(signature.parameters)]
    listed = f"{signature.name} takes {', '.join(map(str, signature.parameters)) or 'nothing'}"
    found: dict[str, Word] = {}
    for number, text in enumerate(words):
        named = NAMED.match(text)
        if named is None and number >= len(names):
            raise UsageError(f"{text!r} is one argument too many: {listed}.")
        if named is None and list(found) != names[:number]:
            raise UsageError(f"{text!r} has no name: those without one come first, in the kernel's order.")
        name = names[number] if named is None else named[1]
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            raise UsageError(f"{text!r}: {listed}, not {name}{f'; did you mean {near[0]}?' if near else '.'}")
        if name in found:
            raise UsageError(f"{text!r}: {name} is given already, by {found[name].text!r}.")
        what = text if named is None else text[named.end() :]
        found[name] = Word(text, what, named is not None and named[2] == "+")
    missing = [name for name in names if name not in found]
    if missing:
        raise UsageError(f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing: {listed}.")
    return [found[name] for name in names]


def read(signature: Signature, parameters: Sequence[CParameter], words: Sequence[Word]) -> list[Given]:
    """Make the arguments that the words describe.

    Raises
    ------
    UsageError
        if a word is not understood, or does not fit the parameter
    """
    left = MOST_BYTES
    given = []
    for word, taken, parameter in zip(words, signature.parameters, parameters, strict=True):
        given.append(read_one(word, taken, parameter, left))
        left -= 0 if given[-1].array is None else given[-1].array.nbytes
    return given


def read_one(word: Word, taken: Taken, parameter: CParameter, most_bytes: int) -> Given:
    """Make one argument; see `read`."""
    if not parameter.is_pointer:
        if word.is_updated:
            raise UsageError(f"{word.text!r}: {taken} is a number, which the kernel cannot update: write `=`.")
        return Given(taken.name, number(word, taken, parameter), None, is_output=False, is_updated=False)
    if word.is_updated and parameter.is_const:
        raise UsageError(f"{word.text!r}: {taken} is const, which the kernel cannot update: write `=`.")
    if word.what == "null":
        return Given(taken.name, None, None, is_output=False, is_updated=False)
    array = np.ascontiguousarray(filled(word, taken, parameter, most_bytes))
    passed = array
    if array.dtype.itemsize != parameter.bytes:  # a float4 is four numbers
        if array.size * array.itemsize % parameter.bytes:
            raise UsageError(f"{word.text!r}: {array.size} numbers are no whole number of {taken.type.rstrip('*')}.")
        passed = array.reshape(-1).view(f"V{parameter.bytes}")
    return Given(taken.name, passed, array, is_output=not parameter.is_const, is_updated=word.is_updated)


def number(word: Word, taken: Taken, parameter: CParameter) -> Any:
    """A word as the number that a parameter is."""
    dtype = dtype_of(taken, parameter)
    if dtype is None:
        raise UsageError(f"{word.text!r}: {taken} {STRUCT}.")
    try:
        if dtype.kind == "b":
            return np.bool_({"true": True, "false": False, "1": True, "0": False}[word.what])
        value = float(word.what) if dtype.kind == "f" else int(word.what, 0)
    except (ValueError, KeyError):
        wanted = {"b": "true or false", "f": "a number"}.get(dtype.kind, "a whole number")
        raise UsageError(f"{word.text!r}: {taken} is {wanted}, {word.what!r} is none.") from None
    if dtype.kind in "iu" and not np.iinfo(dtype).min <= value <= np.iinfo(dtype).max:
        raise UsageError(f"{word.text!r}: {word.what} does not fit into {taken}.")
    with np.errstate(over="ignore"):  # infinity then, as in C++
        return dtype.type(value)


def filled(word: Word, taken: Taken, parameter: CParameter, most_bytes: int) -> HostArray:
    """A word as the array that a parameter is."""
    wanted = dtype_of(taken, parameter)
    fill, *rest = word.what.split(":")
    if not word.what.startswith("@") and (fill not in FILLS or not 1 <= len(rest) <= 2):
        fills = ", ".join(FILLS)
        raise UsageError(
            f"{word.text!r}: {taken} is an array: one of {fills}, and its shape, as in arange:128 or zeros:4x32; or "
            "@FILE.npy, or null."
        )
    if word.what.startswith("@"):
        array = loaded(word)
        name = array.dtype.name
    else:
        name = rest[1] if len(rest) == 2 else "" if wanted is None else wanted.name
        if name not in TYPES:
            unknown = f"{name!r} is no dtype" if name else f"{taken.type} says no dtype, as in {fill}:{rest[0]}:float32"
            raise UsageError(f"{word.text!r}: {unknown}; there are {', '.join(TYPES)}.")
    if wanted is not None and name != wanted.name:
        raise UsageError(f"{word.text!r} is of {name}, and {taken} takes {wanted.name}.")
    if word.what.startswith("@"):
        return array
    shape = tuple(int(each) for each in re.split("[x,]", rest[0])) if re.fullmatch(r"\d+([x,]\d+)*", rest[0]) else ()
    if not shape or len(shape) > 32:
        raise UsageError(f"{word.text!r}: {rest[0]!r} is no shape, such as 128 or 4x32.")
    if prod(shape) * np.dtype(name).itemsize > most_bytes:
        raise UsageError(f"{word.text!r}: the emulator is made for small arrays, 1 GiB in all.")
    return make(fill, shape, np.dtype(name))


def loaded(word: Word) -> HostArray:
    """The array of a .npy file."""
    path = Path(word.what[1:])
    try:
        array = np.load(path, allow_pickle=False)
    except OSError as error:
        raise UsageError(f"{word.text!r}: {path} cannot be read ({error.strerror or error}).") from None
    except (ValueError, EOFError):
        array = None
    if not isinstance(array, np.ndarray):
        raise UsageError(f"{word.text!r}: {path} holds no array of numbers as numpy.save writes it.")
    if array.nbytes > MOST_BYTES:
        raise UsageError(f"{word.text!r}: the emulator is made for small arrays, 1 GiB in all.")
    return array


def make(fill: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> HostArray:
    """An array of 0 1 2 ..., of zeros (also for `empty`), of ones, or of random numbers that are always the same.

    >>> make("arange", (2, 3), np.dtype(np.float32)).tolist()
    [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    """
    if fill == "arange":
        return np.arange(prod(shape)).reshape(shape).astype(dtype)
    if fill == "random":
        generator = np.random.default_rng(0)
        drawn = generator.standard_normal(shape) if dtype.kind == "f" else generator.integers(0, 10, shape)
        return drawn.astype(dtype) if dtype.kind != "b" else drawn % 2 == 0
    return np.full(shape, fill == "ones", dtype)


def dtype_of(taken: Taken, parameter: CParameter) -> np.dtype[Any] | None:
    """NumPy's dtype of a parameter's numbers, None for what is neither numbers nor vectors of them."""
    kind = parameter.kind.decode()
    if kind != "V":
        return np.dtype(f"{kind}{parameter.bytes}")
    vector = taken.type.rstrip("*").split()[-1] if parameter.is_pointer and taken.type.rstrip("*") else ""
    return np.dtype(VECTORS[vector]) if vector in VECTORS else None
