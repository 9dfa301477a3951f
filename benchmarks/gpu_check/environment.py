"""What runs here: the GPU and its clocks, driver, versions, the kernels' texts, the commit."""

import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import metadata
from typing import Any

from benchmarks.gpu_check.deadline import Deadline
from benchmarks.gpu_check.device import Device
from benchmarks.gpu_check.parts import ROOT
from benchmarks.gpu_check.record import digests
from benchmarks.machine import cpu_model, usable_cpus
from gpu.install import cupy_distributions, dotted

ASKED = (
    "name", "driver_version", "pstate", "clocks.sm", "clocks.mem", "clocks.max.sm", "clocks.max.mem",
    "temperature.gpu", "power.draw", "power.limit", "utilization.gpu", "memory.used", "memory.total",
)  # fmt: skip
"""What nvidia-smi is asked; it only answers, no setting is changed."""

PACKAGES = (
    "numpy",
    "torch",
    "scipy",
    "pytest",
    "hypothesis",
    "nvidia-cuda-nvrtc",
    "nvidia-cublas",
    "nvidia-cudnn-cu13",
)


def items(device: Device) -> Sequence[str]:
    """Each is recorded by itself, so that one that cannot be found out does not hide the others."""
    return list(QUESTIONS)


def run(item: str, device: Device, deadline: Deadline) -> Iterator[dict[str, Any]]:
    """Find one thing out."""
    yield {"what": item, **QUESTIONS[item]()}


def of_device() -> dict[str, Any]:
    """Ask the driver."""
    from gpu.driver import ask_driver

    driver = ask_driver()
    return {"gpus": list(driver.gpus), "capability": dotted(driver.capability), "driver for CUDA": dotted(driver.cuda)}


def versions() -> dict[str, str]:
    """Of Python and of what is installed; what is not is left out."""
    found = {"Python": platform.python_version(), **cupy_distributions()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, Any]:
    """The processor, and the threads that torch's CPU side may have."""
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    compiler = shutil.which("g++")
    return {"CPU": cpu_model(), "usable CPUs": usable_cpus(), "system": system, "g++": compiler or "not installed"}


def commit() -> dict[str, str]:
    """Ask git; where there is no repository the texts' hashes have to do."""
    if not (ROOT / ".git").exists():
        return {"commit": "unknown: this checkout has no .git"}
    try:
        name = git("rev-parse", "HEAD")
        changed = git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError) as error:
        return {"commit": f"unknown: git does not tell ({error})"}
    return {"commit": name + (", with changes" if changed else "")}


def git(*arguments: str) -> str:
    """What git answers about the checkout."""
    return subprocess.run(
        ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True, timeout=20
    ).stdout.strip()


def kernels() -> dict[str, dict[str, str]]:
    """The code that ran: a kernel that is changed is known then not to have run."""
    return {"digests": digests()}


def clocks() -> dict[str, str]:
    """What nvidia-smi says now about the first GPU that is used, or why nothing is known."""
    which = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")[0]
    command = ["nvidia-smi", f"--query-gpu={','.join(ASKED)}", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(
            [*command, *([f"--id={which}"] if which else [])], capture_output=True, text=True, check=False, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return {"unknown": f"nvidia-smi does not tell: {error}"}
    return read_clocks(done.stdout, done.stderr)


def read_clocks(answer: str, complaint: str = "") -> dict[str, str]:
    """Read nvidia-smi's line.

    >>> read_clocks("NVIDIA H200, 580.1, P0, 345, 3201, 1980, 3201, 30, 75.9, 700.0, 0, 4, 143771")["clocks.sm"]
    '345'
    >>> read_clocks("No devices were found")
    {'unknown': 'nvidia-smi says: No devices were found'}
    """
    values = [value.strip() for value in answer.partition("\n")[0].split(",")]
    if len(values) != len(ASKED):
        return {"unknown": f"nvidia-smi says: {(answer + complaint).strip()[:200]}"}
    return dict(zip(ASKED, values, strict=True))


QUESTIONS: dict[str, Callable[[], Mapping[str, Any]]] = {
    "device": of_device,
    "nvidia-smi": clocks,
    "versions": versions,
    "machine": machine,
    "commit": commit,
    "kernels": kernels,
}
