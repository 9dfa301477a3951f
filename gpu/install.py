"""Which CuPy is installed, which one is right for this machine, and the pip lines that bring it.

CuPy comes as one distribution per CUDA version. They install the same files, so two of them overwrite each
other, and pip lets them. The extras cuda12 and cuda13 of pyproject.toml bring one each, with the libraries
and headers of CUDA that it needs ([ctk]).
"""

import contextlib
import re
import shutil
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from gpu.driver import ask_driver

# The distributions for NVIDIA that exist for some Python >= 3.11; `cupy` is built from source, or by conda.
CUPYS = ["cupy", "cupy-cuda102", *(f"cupy-cuda{version}" for version in ("110", "111", "11x", "12x", "13x"))]
EXTRAS = {"cupy-cuda12x": "cuda12", "cupy-cuda13x": "cuda13"}
# CUDA 13 compiles for nothing older than Turing: Pascal and Volta need CUDA 12, whatever their driver serves.
CAPABILITY_OF_CUDA_13 = (7, 5)


def cupy_distributions() -> dict[str, str]:
    """Name and version of every installed distribution that supplies the module cupy."""
    found = {}
    for name in CUPYS:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def release(version: str) -> tuple[int, ...]:
    """The first two numbers of a version.

    >>> release("14.2.0rc1")
    (14, 2)
    """
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def dotted(version: tuple[int, ...]) -> str:
    """A version as one writes it.

    >>> dotted((13, 0))
    '13.0'
    """
    return ".".join(map(str, version))


def right_extra() -> str:
    """The extra whose CuPy the driver and the GPU can serve."""
    driver = ask_driver()
    new = driver.cuda >= (13, 0) and driver.capability >= CAPABILITY_OF_CUDA_13
    return "cuda13" if new else "cuda12"


def pip() -> str:
    """How to call the pip of the Python that runs: plain `pip` may belong to another one."""
    found = shutil.which("pip")
    same = found is not None and Path(found).parent == Path(sys.executable).parent
    return "pip" if same else f"{sys.executable} -m pip"


def install(extra: str = "") -> str:
    """The pip line, for the root of the checkout, that brings an extra, or what the project always needs."""
    return f"{pip()} install -c constraints.txt -e " + (f'".[{extra}]"' if extra else ".")


def replace(distributions: Iterable[str], extra: str) -> str:
    """The sentence that removes distributions and brings an extra in their place."""
    return f"Run `{pip()} uninstall -y {' '.join(distributions)}`, then `{install(extra)}`."


def replace_cupy() -> str:
    """The sentence that puts the right CuPy in the place of whatever CuPy there is."""
    return replace(cupy_distributions(), right_extra())


def add_cuda_libraries() -> str:
    """The sentence that brings NVRTC, cuBLAS and CUDA's headers to the CuPy that is installed."""
    [name] = cupy_distributions()
    if name in EXTRAS:
        return f"Run `{install(EXTRAS[name])}`, which adds CUDA's libraries and headers ([ctk])."
    return f"Install the CUDA toolkit (NVRTC, cuBLAS, headers) that {name} was built with."
