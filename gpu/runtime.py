"""Compile and launch the kernels of gpu/kernels: on the device, or in the emulator, by the same call.

A raw launch checks nothing: an argument of another type is read as if it were of the right one, and an array in another
order gives wrong numbers. So every kernel is declared once, beside the code that calls it, and `launch` holds each call
against the declaration, which is itself held against the text of the .cu file before it is compiled.

The arrays of a launch say where it runs: CuPy's on the device, those of the stand-in (gpu/on_numpy) in the emulator.
"""

import contextlib
import functools
import threading
from collections.abc import Iterator, Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from gpu import emulator
from gpu.declaration import DTYPES, Kernel, LaunchError, Parameter, Source, members_of
from scratch.array import Array

THREADS = 128  # of a block, where the kernel leaves the choice
LARGEST_GRID = (2**31 - 1, 65535, 65535)
LARGEST_BLOCK, MOST_THREADS = (1024, 1024, 64), 1024
MOST_SHARED_BYTES = 48 * 1024  # what every device grants without being asked for more

LIMITS = {of: np.iinfo(dtype) for of, dtype in DTYPES.items() if dtype.kind in "iu"}

_checked = threading.local()


def blocks_for(count: int, threads: int = THREADS) -> int:
    """How many blocks are needed for one thread for each of `count` numbers."""
    return -(-count // threads)


def threads_for(terms: int) -> int:
    """How many threads of a block add up that many terms: no more than there are, in whole warps, at most 256."""
    return 32 * min(-(-terms // 32) or 1, 8)


def launch(
    kernel: Kernel,
    grid: int | tuple[int, ...],
    block: int | tuple[int, ...] = THREADS,
    /,
    *,
    shared_bytes: int = 0,
    **arguments: Any,
) -> None:
    """Run a kernel; the arrays that it does not take as const are changed in place.

    Parameters
    ----------
    kernel : as it is declared
    grid, block : numbers of blocks and of threads in each
    shared_bytes : dynamic shared memory of a block
    arguments : by their names: arrays, numbers, and for structs a dict of their members

    Raises
    ------
    TypeError
        for another kind of argument than is declared, an array of the host, or arrays from two places
    LaunchError
        for arrays of another dtype, order, size or alignment, for numbers that do not fit their type, or for more
        blocks, threads or shared memory than a device has
    NoCompiler, EmulatorError
        in the emulator
    """
    names = [parameter.name for parameter in kernel.parameters]
    if sorted(arguments) != sorted(names):
        raise TypeError(f"{kernel.name} takes {', '.join(names)}; got {', '.join(arguments)}")
    arrays = {p.name: arguments[p.name] for p in kernel.parameters if p.is_array}
    where = place_of(kernel, arrays)
    dtype = element_type(kernel, arrays)
    name = kernel.expression(dtype)
    scalars = {
        p.name: scalar(kernel.source, f"{name}: {p.name}", p.type, arguments[p.name])
        for p in kernel.parameters
        if not p.is_array
    }
    numbers = {key: value for each in scalars.values() if each.dtype.names for key, value in members(each)}
    numbers |= {key: int(value) for key, value in scalars.items() if value.dtype.kind in "iu"}
    for parameter in kernel.parameters:
        if parameter.is_array:
            check_array(kernel, name, parameter, arrays[parameter.name], dtype, numbers)
    sizes = check_sizes(name, grid, block, shared_bytes)
    ordered = [arguments[p.name] if p.is_array else scalars[p.name] for p in kernel.parameters]
    if where == "device":
        run_on_device(kernel, name, *sizes, ordered, shared_bytes)
    else:
        run_in_emulator(kernel, name, *sizes, ordered, shared_bytes)


def place_of(kernel: Kernel, arrays: Mapping[str, Any]) -> str:
    """Where the arrays of a launch are: "device" or "emulator"."""
    places = {}
    for name, array in arrays.items():
        if array is None:
            if name not in kernel.optional:
                raise TypeError(f"{kernel.name}: {name} is None; only {kernel.optional or 'no argument'} may be")
            continue
        home = type(array).__module__
        if home not in ("cupy", "gpu.on_numpy.stand_in"):
            kind = f"{home}.{type(array).__qualname__}"
            raise TypeError(f"{kernel.name}: {name} is a {kind}; a kernel computes with arrays of the GPU")
        places[name] = "device" if home == "cupy" else "emulator"
    if len(set(places.values())) != 1:
        raise TypeError(f"{kernel.name}: arrays from two places, or from none: {places}")
    if "device" in places.values():
        import cupy

        current = cupy.cuda.runtime.getDevice()
        others = {name: array.device.id for name, array in arrays.items() if array is not None}
        if set(others.values()) != {current}:
            raise TypeError(f"{kernel.name}: device {current} is in use, the arrays are on {others}")
    return next(iter(places.values()))


def element_type(kernel: Kernel, arrays: Mapping[str, Any]) -> str:
    """What T stands for: the dtype of the arrays of T."""
    of_t = [p.name for p in kernel.parameters if p.is_array and p.type == "T" and arrays[p.name] is not None]
    found = {name: arrays[name].dtype.name for name in of_t}
    if len(set(found.values())) != 1:
        raise LaunchError(f"{kernel.name}: arrays of one dtype are needed, got {found}")
    dtype: str = next(iter(found.values()))
    if dtype not in kernel.dtypes:
        raise LaunchError(f"{kernel.name}: {of_t[0]} has dtype {dtype}; there is {', '.join(kernel.dtypes)}")
    return dtype


def scalar(source: Source, name: str, of: str, value: Any) -> Any:
    """A number as the C++ type `of`, or a dict of them as the struct `of`; a NumPy scalar."""
    if of in source.structs:
        declared = members_of(source.structs[of])
        if not isinstance(value, Mapping) or value.keys() != {p.name for p in declared}:
            raise TypeError(f"{name} needs a dict of {', '.join(p.name for p in declared)}; got {value!r}")
        values = tuple(scalar(source, f"{name}.{p.name}", p.type, value[p.name]) for p in declared)
        return np.array(values, struct_dtype(declared))[()]
    dtype = DTYPES[of]
    wanted = {"b": (bool, np.bool_), "f": (int, float, np.integer, np.floating)}.get(dtype.kind, (int, np.integer))
    if not isinstance(value, wanted) or (dtype.kind != "b" and isinstance(value, bool)):
        raise TypeError(f"{name}={value!r} is a {type(value).__name__}, {of} is needed")
    if dtype.kind in "iu" and not LIMITS[of].min <= int(value) <= LIMITS[of].max:
        raise LaunchError(f"{name}={value} does not fit into {of}")
    return dtype.type(value)


@functools.cache
def struct_dtype(declared: tuple[Parameter, ...]) -> np.dtype[np.void]:
    """A struct's members in memory, as C++ lays them out."""
    return np.dtype([(p.name, DTYPES[p.type]) for p in declared], align=True)


def members(struct: Any) -> list[tuple[str, int]]:
    """The whole numbers in a struct."""
    return [(name, int(struct[name])) for name in struct.dtype.names]


def check_array(
    kernel: Kernel, name: str, parameter: Parameter, array: Array | None, dtype: str, numbers: Mapping[str, int]
) -> None:
    """Refuse an array that a kernel cannot read as it is declared."""
    if array is None:
        return
    at = f"{name}: {parameter.name}"
    wanted = np.dtype(dtype) if parameter.type == "T" else DTYPES[parameter.type]
    if array.dtype != wanted:
        raise LaunchError(f"{at} has dtype {array.dtype}, {wanted} is needed")
    host = inside(array)
    if not host.flags.c_contiguous:
        raise LaunchError(f"{at}, of shape {array.shape} and strides {array.strides}, is not in C order")
    size = prod(numbers[each] for each in kernel.sizes[parameter.name].split())
    if array.size != size:
        product = kernel.sizes[parameter.name].replace(" ", " * ")
        raise LaunchError(f"{at} has {array.size} elements, of shape {array.shape}; {product} = {size} are needed")
    address = host.ctypes.data if isinstance(host, np.ndarray) else array.data.ptr  # type: ignore[attr-defined]
    if array.size and address % wanted.alignment:
        raise LaunchError(f"{at} begins at {address:#x}, which is no multiple of {wanted.alignment} bytes")


def check_sizes(
    name: str, grid: int | tuple[int, ...], block: int | tuple[int, ...], shared_bytes: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The grid and the block as tuples, if a device can launch them."""
    sizes = []
    for what, given, largest in (("grid", grid, LARGEST_GRID), ("block", block, LARGEST_BLOCK)):
        size = given if isinstance(given, tuple) else (given,)
        if not all(isinstance(n, int | np.integer) for n in size):
            raise TypeError(f"{name}: {what}={given!r}: a whole number is needed, or a tuple of them")
        if not 1 <= len(size) <= 3 or not all(1 <= n <= most for n, most in zip(size, largest, strict=False)):
            raise LaunchError(f"{name}: {what}={given}: one to three numbers from 1 to {largest} are possible")
        sizes.append(tuple(int(n) for n in size))
    if prod(sizes[1]) > MOST_THREADS:
        raise LaunchError(f"{name}: block={block} has {prod(sizes[1])} threads, {MOST_THREADS} are possible")
    if not 0 <= shared_bytes <= MOST_SHARED_BYTES:
        raise LaunchError(f"{name}: shared_bytes={shared_bytes}: 0 to {MOST_SHARED_BYTES} are possible")
    return sizes[0], sizes[1]


def inside(array: Any) -> Any:
    """What knows an array's order in memory: CuPy's array itself, or NumPy's array in the stand-in."""
    if type(array).__module__ == "cupy":
        return array
    from gpu.on_numpy.stand_in_array import unwrap

    return unwrap(array)


def compile_for_device(text: str, file: str, expressions: Sequence[str], folders: Sequence[Path]) -> dict[str, Any]:
    """Hand a .cu file to CuPy, which compiles it for the device in use and keeps the result on the disk.

    Returns
    -------
    the kernels by name: to ask CuPy for one takes longer than to launch it, so each is asked for once
    """
    import cupy

    options = ("-std=c++17", *(f"-I{folder}" for folder in folders))
    named = f'#line 1 "{file}"\n{text}'  # for messages: CuPy compiles a copy, whose name is a hash
    module = cupy.RawModule(code=named, options=options, name_expressions=tuple(expressions))
    try:
        module.compile()
    except cupy.cuda.compiler.CompileException as error:
        raise emulator.CompileError(f"{file} does not compile:\n{error}") from error
    return {expression: module.get_function(expression) for expression in expressions}


def run_on_device(
    kernel: Kernel, name: str, grid: tuple[int, ...], block: tuple[int, ...], arguments: list[Any], shared_bytes: int
) -> None:
    """Launch on CuPy's current stream. A struct has to be an array without dimensions for CuPy."""
    passed = [np.asarray(each) if isinstance(each, np.void) else each for each in arguments]
    kernel.source.compiled(compile_for_device)[name](grid, block, tuple(passed), shared_mem=shared_bytes)


def run_in_emulator(
    kernel: Kernel, name: str, grid: tuple[int, ...], block: tuple[int, ...], arguments: list[Any], shared_bytes: int
) -> None:
    """Run on the CPU; within `checked_launches` several times, in every way that must not matter."""
    module = kernel.source.compiled(emulator.Module)
    passed = [each if each is None or isinstance(each, np.generic) else inside(each) for each in arguments]
    if not getattr(_checked, "on", False):
        module.launch(name, grid, block, passed, shared_bytes=shared_bytes)
        return
    updated = [number for number, parameter in enumerate(kernel.parameters) if parameter.name in kernel.updated]
    for finding in emulator.check(module, name, grid, block, passed, shared_bytes=shared_bytes, updated=updated):
        raise emulator.EmulatorError(finding)


@contextlib.contextmanager
def checked_launches() -> Iterator[None]:
    """Let the emulator check every launch of this thread, see `emulator.check`; what it finds is raised.

    >>> from gpu import emulated as nn
    >>> with checked_launches():
    ...     y = nn.ReLU()(nn.asarray([-1.0, 2.0]))  # doctest: +SKIP
    """
    before, _checked.on = getattr(_checked, "on", False), True
    try:
        yield
    finally:
        _checked.on = before
