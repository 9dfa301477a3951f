"""Brings what the lessons need into the Python that runs: what the first cell of each .ipynb calls.

It imports nothing that is not part of Python before it has brought it.
"""

import importlib
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NEEDED = "torch,images"
MODULES = ("numpy", "torch", "scipy", "threadpoolctl", "tabulate", "tqdm", "jinja2", "PIL")
"""What these extras bring."""

CPU_INDEX = "https://download.pytorch.org/whl/cpu"


def install() -> None:
    """Install the project from its checkout where it is not, and with a GPU the CuPy that it needs."""
    if not installed():
        if find_spec("torch") is None and sys.platform == "linux" and not has_gpu():
            pip("--no-deps", "--index-url", CPU_INDEX, "torch")  # PyPI's is a CUDA build of several gigabytes
        pip("--editable", f".[{NEEDED}]")
    extra = cupy_extra() if has_gpu() else ""
    if extra:
        pip("--editable", f".[{extra}]")


def installed() -> bool:
    """Whether the project is, with what the lessons import."""
    try:
        distribution("nn-parity")
    except PackageNotFoundError:
        return False
    return all(find_spec(module) is not None for module in MODULES)


def has_gpu() -> bool:
    """Whether an NVIDIA driver answers and has a GPU."""
    try:
        return subprocess.run(["nvidia-smi", "-L"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def cupy_extra() -> str:
    """The extra that brings CuPy, or a CuPy that is new enough; "" if it is there."""
    from gpu.device import CUPY
    from gpu.install import EXTRAS, cupy_distributions, release, right_extra

    present = cupy_distributions()
    if not present:
        return right_extra()
    name, version = next(iter(present.items()))
    return "" if release(version) >= CUPY else EXTRAS.get(name, "")


def pip(*arguments: str) -> None:
    """Run pip install in the checkout.

    The pins hold everywhere but on Colab, whose packages are new enough, and some of them loaded already.
    """
    pins = [] if "google.colab" in sys.modules else ["--constraint", "constraints.txt"]
    print(f"pip install {' '.join(arguments)} ...", flush=True)
    command = [sys.executable, "-m", "pip", "install", "--quiet", *pins, *arguments]
    subprocess.run(command, cwd=ROOT, check=True)
    importlib.invalidate_caches()
