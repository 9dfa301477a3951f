"""The machine: how many threads everybody gets, in which precision, and what is printed about it.

Importing this module loads neither numpy nor torch: what they read from the environment is to be set before.
"""

import contextlib
import os
import platform
import subprocess
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]

BLAS_THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""What NumPy's BLAS reads as it is loaded: OpenBLAS, MKL, Apple's Accelerate."""


def usable_cpus() -> int:
    """How many CPUs this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def prepare_environment(threads: int) -> None:
    """Give BLAS and OpenMP that many threads, let OpenBLAS' idle ones sleep at once, and keep CuPy to full float32.

    BLAS reads this when NumPy loads it, so NumPy must not have been imported. OPENBLAS_THREAD_TIMEOUT is an exponent:
    idle threads then spin for 2**20 cycles, below 1 ms; by default it is about 100 ms.
    """
    for name in ("OMP_NUM_THREADS", *BLAS_THREADS):
        os.environ[name] = str(threads)
    os.environ["OPENBLAS_THREAD_TIMEOUT"] = "20"
    os.environ["CUPY_TF32"] = "0"


def describe(threads: int) -> dict[str, str]:
    """Set everybody's threads, and torch's precision; say what computes here, with how many threads, which versions."""
    import numpy as np
    import scipy
    import torch

    from scratch.images import by_fft

    torch.set_num_threads(threads)
    by_fft.THREADS = min(by_fft.THREADS, threads)
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    blas: Any = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "CPU": cpu_model(),
        "GPU": gpu_models(),
        "threads": f"torch {torch.get_num_threads()}, BLAS {blas_threads(threads)}, our FFT {by_fft.THREADS}",
        "versions": f"Python {platform.python_version()}, numpy {np.__version__} ({blas['name']} {blas['version']}), "
        f"torch {torch.__version__}, scipy {scipy.__version__}",
        "system": f"{platform.system()} {platform.machine()}",
        "commit": commit(),
    }


def commit() -> str:
    """What was measured: the commit of the checkout, and whether anything in it has been changed since."""
    try:
        name, changes = (
            subprocess.run(
                ["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=True, timeout=20
            ).stdout.strip()
            for words in (["rev-parse", "--short", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown, this is no checkout of git"
    return name + ", changed since" * bool(changes)


def free_bytes() -> int | None:
    """How much memory can be had, on Linux; None where nobody tells."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/meminfo").read_text("utf-8").splitlines():
            if line.startswith("MemAvailable:"):
                return 1024 * int(line.split()[1])
    return None


class Neighbours:
    """Watches what other programs take of the CPUs, from its making on; on Linux, where /proc/stat tells.

    A process that is started meanwhile is no other program once it has ended.
    """

    def __init__(self) -> None:
        self.start = self.now()

    def now(self) -> tuple[float, float] | None:
        """The seconds since the start of the machine, of all CPUs, and those in which others computed."""
        try:
            first = Path("/proc/stat").read_text("utf-8").partition("\n")[0]
        except OSError:
            return None
        # user, nice, system, idle, iowait, irq, softirq, steal; what follows is counted in user already
        jiffies = [int(word) for word in first.split()[1:9]]
        total, idle = sum(jiffies) / os.sysconf("SC_CLK_TCK"), sum(jiffies[3:5]) / os.sysconf("SC_CLK_TCK")
        times = os.times()  # of children those that have ended: the clock in a process of its own is one of us
        return total, total - idle - sum(times[:4])

    def share(self) -> float | None:
        """The part of all CPUs that others took, 0 to 1; None where nobody tells."""
        end = self.now()
        if self.start is None or end is None or end[0] <= self.start[0]:
            return None
        return max(0.0, (end[1] - self.start[1]) / (end[0] - self.start[0]))


def blas_threads(threads: int) -> str:
    """How many threads BLAS has: counted by threadpoolctl where it is installed, else what it was told."""
    with contextlib.suppress(ImportError):
        pools = import_module("threadpoolctl").threadpool_info()
        return ", ".join(str(pool["num_threads"]) for pool in pools if pool["user_api"] == "blas")
    return f"{threads} (by {BLAS_THREADS[0]})"


def cpu_model() -> str:
    """The name of the processor, as far as the system tells."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def gpu_models() -> str:
    """The names of the GPUs, as far as the driver tells."""
    from gpu.driver import DriverError, ask_driver

    try:
        return ", ".join(ask_driver().gpus) + ", TF32 off"
    except (OSError, DriverError):
        return "none"
