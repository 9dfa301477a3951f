"""Which GPU, and why not: a ladder of rungs from Python up to a matrix product on the device.

"CuPy is installed" is not "a GPU answers". Between the two stand the driver, the CUDA that it serves, a
second CuPy that overwrote the first one's files, missing headers, a cuBLAS that does not load. Each is a rung
of `RUNGS`: a small function that returns what it found, or raises `Absent` or `Broken`. The ladder is climbed
up to the first rung that does not hold; `python -m gpu doctor` prints it all, `why_not` says it in one line.

Importing this module loads neither cupy nor torch.
"""

import functools
import importlib
import os
import platform
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gpu.driver import LIBRARY, NO_DEVICE, DriverError, ask_driver
from gpu.install import (
    CAPABILITY_OF_CUDA_13,
    add_cuda_libraries,
    cupy_distributions,
    dotted,
    install,
    release,
    replace,
    replace_cupy,
    right_extra,
)

PYTHON, NUMPY, CUPY, CUDA = (3, 11), (2, 0), (14, 0), (12, 0)  # the oldest that will do
KERNEL_DRIVER = Path("/dev/nvidiactl")  # on Linux: the kernel's half of the driver
ON_NUMPY = "gpu.on_numpy stands in, the same array code on NumPy arrays."
LOOK_AT_GPU = "See in `nvidia-smi` whether another program fills or holds the GPU, else restart the machine."


class NoDevice(RuntimeError):  # noqa: N818 (what is the matter)
    """No GPU can be used; the message names the rung that does not hold, and the remedy."""


class Broken(Exception):  # noqa: N818 (what the rung is)
    """The rung does not hold; where `remedy`, one sentence, is left out, the rung's own serves."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.remedy = remedy


class Absent(Broken):
    """The machine does not have what the rung looks for, and need not."""


@dataclass(frozen=True)
class Rung:
    """One rung of the ladder.

    `check` returns a detail to show. If it raises, no matter what, `remedy()` is the sentence that mends it.
    The gpu package works without an `optional` rung: the ladder goes on past its absence, `why_not` skips it.
    """

    name: str
    check: Callable[[], str]
    remedy: Callable[[], str]
    optional: bool = False


@dataclass(frozen=True)
class Step:
    """What a rung turned out to be."""

    rung: str
    state: Literal["ok", "absent", "broken", "not reached"]
    detail: str = ""
    remedy: str = ""


def check_python() -> str:
    """Python is new enough."""
    if sys.version_info < PYTHON:
        raise Broken(f"{platform.python_version()} is older than {dotted(PYTHON)}")
    return platform.python_version()


def check_numpy() -> str:
    """NumPy is new enough."""
    if release(np.__version__) < NUMPY:
        raise Broken(f"{np.__version__} is older than {dotted(NUMPY)}")
    return np.__version__


def check_torch() -> str:
    """The torch that tests and benchmarks compare with imports."""
    torch = import_torch()
    build = "a CPU build" if torch.version.cuda is None else f"built for CUDA {torch.version.cuda}"
    return f"{torch.__version__}, {build}"


def check_driver() -> str:
    """The NVIDIA driver answers, has a GPU, and serves a CUDA that CuPy is built for."""
    try:
        driver = ask_driver()
    except OSError as error:
        if not KERNEL_DRIVER.exists():
            raise Absent(f"no NVIDIA driver, {LIBRARY} does not load", ON_NUMPY) from error
        remedy = "Install the driver's CUDA library, or start the container with its GPU (`--gpus all`)."
        raise Broken(f"{KERNEL_DRIVER} is there, but {error}", remedy) from error
    except DriverError as error:
        if error.code != NO_DEVICE:
            raise
        hidden = os.environ.get("CUDA_VISIBLE_DEVICES")
        why = "" if hidden is None else f", CUDA_VISIBLE_DEVICES is {hidden!r}"
        raise Absent(f"the NVIDIA driver finds no GPU{why}", ON_NUMPY) from error
    gpus = ", ".join(f"{many} x {gpu}" if many > 1 else gpu for gpu, many in Counter(driver.gpus).items())
    served = f"{gpus}, compute capability {dotted(driver.capability)}, driver for CUDA {dotted(driver.cuda)}"
    if driver.cuda < CUDA:
        raise Broken(f"{served}, older than {dotted(CUDA)}", "Update the NVIDIA driver.")
    return served


def check_one_cupy() -> str:
    """Exactly one distribution of CuPy is installed: two overwrite each other's files, and pip lets them."""
    found = cupy_distributions()
    if not found:
        raise Broken("CuPy is not installed", f"Run `{install(right_extra())}`.")
    if len(found) > 1:
        raise Broken(f"{' and '.join(found)} overwrite each other's files")
    return next(iter(found))


def check_cupy_version() -> str:
    """CuPy is new enough: where 14 does not fit, pip takes 13 without a word."""
    [(name, version)] = cupy_distributions().items()
    if release(version) < CUPY:
        raise Broken(f"{name} {version} is older than {dotted(CUPY)}")
    return version


def check_cuda_version() -> str:
    """Driver and GPU serve the CUDA that this CuPy is built for; the distribution's name says which."""
    [name] = cupy_distributions()
    in_name = re.search(r"-cuda(\d\d)", name)
    if in_name is None:
        return f"{name} does not say which CUDA it is built for"
    major, driver = int(in_name[1]), ask_driver()
    if driver.cuda[0] < major:
        raise Broken(f"{name} needs CUDA {major}, the driver serves {dotted(driver.cuda)}")
    if major > 12 and driver.capability < CAPABILITY_OF_CUDA_13:
        needed, given = dotted(CAPABILITY_OF_CUDA_13), dotted(driver.capability)
        raise Broken(f"{name} needs compute capability {needed}, the GPU has {given}")
    return f"CuPy needs {major}, the driver serves {dotted(driver.cuda)}"


def check_import() -> str:
    """CuPy imports."""
    return str(importlib.import_module("cupy").__version__)


def check_allocate() -> str:
    """An array goes to the device and comes back."""
    cupy = importlib.import_module("cupy")
    x = np.arange(6, dtype=np.float32)
    expect(x, cupy.asnumpy(cupy.asarray(x)))
    free, total = cupy.cuda.runtime.memGetInfo()
    return f"{free / 2**30:.1f} of {total / 2**30:.1f} GiB free"


def check_kernel() -> str:
    """NVRTC compiles a kernel, for which it needs CUDA's headers, and the device runs it."""
    cupy = importlib.import_module("cupy")
    x = np.arange(6, dtype=np.float32)
    # Compile anew: a kernel that CuPy once stored on the disk would hide that the headers are gone.
    stored = os.environ.get("CUPY_CACHE_IN_MEMORY")
    os.environ["CUPY_CACHE_IN_MEMORY"] = "1"
    try:
        y = cupy.ElementwiseKernel("float32 x", "float32 y", "y = 2 * x + 1", "doctor")(cupy.asarray(x))
    finally:
        del os.environ["CUPY_CACHE_IN_MEMORY"]
        if stored is not None:
            os.environ["CUPY_CACHE_IN_MEMORY"] = stored
    expect(2 * x + 1, cupy.asnumpy(y))
    return "compiled and run"


def check_matmul() -> str:
    """The library cuBLAS loads and multiplies; integers this small are exact in TF32 too."""
    cupy = importlib.import_module("cupy")
    a, b = np.arange(12).reshape(3, 4), np.arange(20).reshape(4, 5)
    expect(a @ b, cupy.asnumpy(cupy.asarray(a, np.float32) @ cupy.asarray(b, np.float32)))
    return "exact on small integers"


def check_dlpack() -> str:
    """CuPy and torch see the same memory, both ways and without a copy."""
    cupy, torch = importlib.import_module("cupy"), import_torch()
    if torch.version.cuda is None:
        raise Absent(f"torch {torch.__version__} is a CPU build")
    if not torch.cuda.is_available():
        what = f"torch {torch.__version__}, built for CUDA {torch.version.cuda}, sees no GPU"
        raise Broken(what, f"Update the NVIDIA driver, or install a torch for CUDA {ask_driver().cuda[0]}.")
    x = np.arange(6, dtype=np.float32)
    on_cupy = cupy.asarray(x)
    on_torch = torch.from_dlpack(on_cupy)
    on_torch += 1
    back = cupy.from_dlpack(on_torch)  # also lets CuPy wait for torch
    expect(x + 1, cupy.asnumpy(on_cupy))
    expect(x + 1, cupy.asnumpy(back))
    return "one memory for CuPy and torch"


RUNGS = (
    Rung("Python", check_python, lambda: f"Install Python {dotted(PYTHON)} or newer."),
    Rung("NumPy", check_numpy, lambda: f"Run `{install()}`."),
    Rung("PyTorch", check_torch, lambda: replace(["torch"], "torch"), optional=True),
    Rung("NVIDIA driver", check_driver, lambda: LOOK_AT_GPU),
    Rung("one CuPy", check_one_cupy, replace_cupy),
    Rung("CuPy version", check_cupy_version, replace_cupy),
    Rung("CUDA version", check_cuda_version, replace_cupy),
    Rung("CuPy import", check_import, replace_cupy),
    Rung("allocate", check_allocate, lambda: LOOK_AT_GPU),
    Rung("kernel", check_kernel, add_cuda_libraries),
    Rung("matmul", check_matmul, add_cuda_libraries),
    Rung("DLPack to torch", check_dlpack, lambda: f"Run `{install('torch')}`.", optional=True),
)


def import_torch() -> ModuleType:
    """Import torch, or say that it is absent."""
    try:
        return importlib.import_module("torch")
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise Absent("not installed, the extra torch brings it") from error


def expect(right: NDArray[Any], got: NDArray[Any]) -> None:
    """Refuse wrong values from the device."""
    if not np.array_equal(right, got):
        raise Broken(f"wrong values, {got.ravel().tolist()} for {right.ravel().tolist()}", LOOK_AT_GPU)


def words(error: BaseException) -> str:
    """One line for an error, that of its first cause: CuPy wraps the cause in a page of advice."""
    while error.__cause__ is not None:
        error = error.__cause__
    first_line = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {first_line}"


def stand_on(rung: Rung) -> Step:
    """Try one rung."""
    try:
        return Step(rung.name, "ok", rung.check())
    except Absent as absent:
        return Step(rung.name, "absent", str(absent), absent.remedy)
    except Broken as broken:
        return Step(rung.name, "broken", str(broken), broken.remedy or rung.remedy())
    except Exception as error:  # noqa: BLE001 (whatever it is, it is the diagnosis)
        return Step(rung.name, "broken", words(error), rung.remedy())


def climb(rungs: Sequence[Rung] = RUNGS) -> list[Step]:
    """Try the rungs in order, up to the first that does not hold; one step for each rung, reached or not."""
    steps: list[Step] = []
    holds = True
    for rung in rungs:
        steps.append(stand_on(rung) if holds else Step(rung.name, "not reached"))
        holds = steps[-1].state == "ok" or (rung.optional and steps[-1].state == "absent")
    return steps


@functools.cache
def why_not() -> str | None:
    """Why no GPU can be used, in one line, or None if one can; found once, then remembered."""
    for step in climb([rung for rung in RUNGS if not rung.optional]):
        if step.state != "ok":
            return f"{step.rung}: {step.detail}. {step.remedy}"
    return None


def require_device() -> None:
    """Raise NoDevice, with the rung that does not hold and the remedy, unless a GPU can be used."""
    reason = why_not()
    if reason is not None:
        raise NoDevice(f"no GPU to compute on. {reason}")
