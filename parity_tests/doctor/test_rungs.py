"""Every rung of the ladder broken in turn: which rung is named, why, with what remedy and what exit code."""

import ctypes
import os
import re
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from gpu import device
from gpu.__main__ import main
from parity_tests.doctor.conftest import elementwise_kernel

NAMES = [rung.name for rung in device.RUNGS]


def put(**values):
    """Break a machine by setting attributes of it: `libcuda_init` is its libcuda.init."""

    def plant(machine):
        for name, value in values.items():
            owner, _, attribute = name.partition("_")
            if attribute:
                setattr(getattr(machine, owner), attribute, value)
            else:
                setattr(machine, owner, value)

    return plant


def oldest(name, version):
    """Break a machine by asking for a newer Python or NumPy than there is."""
    return lambda machine: machine.monkeypatch.setattr(device, name, version)


def module(name, source):
    """Break a machine by what the import of a module runs."""
    return lambda machine: machine.module(name, source)


def refuse(error):
    """Something that raises when it is called."""

    def call(*arguments, **keywords):
        raise error

    return call


def matmul(product):
    """Break a machine by its arrays' matrix product."""

    class Array(np.ndarray):
        def __matmul__(self, other):
            return product(np.asarray(self), np.asarray(other))

    return put(cupy_asarray=lambda x, dtype=None: np.array(x, dtype).view(Array))


def no_library(machine):
    machine.monkeypatch.setattr(ctypes, "CDLL", refuse(OSError("libcuda.so.1: cannot open shared object file")))


def half_a_driver(machine):
    no_library(machine)
    device.KERNEL_DRIVER.touch()


def all_hidden(machine):
    machine.libcuda.init = 100
    machine.monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")


CUDA12, CUDA13 = (f'pip install -c constraints.txt -e ".[cuda{major}]"`' for major in (12, 13))
ADDS_12, ADDS_13 = (f"Run `{line}, which adds CUDA's libraries and headers" for line in (CUDA12, CUDA13))
INSTEAD_12, INSTEAD_13 = (f"Run `pip uninstall -y cupy-cuda13x`, then `{line}" for line in (CUDA12, CUDA13))
BOTH = {"cupy-cuda12x": "14.2.0", "cupy-cuda13x": "14.2.0"}
PAGE = 'raise ImportError("=====\\nFailed to import CuPy.") from OSError("libnvrtc.so.13: not found")'
NO_HEADER = put(cupy_ElementwiseKernel=refuse(RuntimeError('cannot open source file "vector_types.h"\n  at')))
NO_TORCH_GPU = put(torch_cuda=SimpleNamespace(is_available=lambda: False))


def on(plant, *distributions):
    """Break a machine that has these distributions of CuPy."""

    def plants(machine):
        machine.distributions = dict.fromkeys(distributions, "14.2.0")
        plant(machine)

    return plants


# the rung that breaks, how, a part of what is said about it, a part of the remedy
BROKEN = [
    ("Python", oldest("PYTHON", (9, 1)), "older than 9.1", "Install Python 9.1 or newer"),
    ("NumPy", oldest("NUMPY", (9, 1)), "older than 9.1", "`pip install -c constraints.txt -e .`"),
    (
        "PyTorch",
        module("torch", "raise OSError('no libtorch')"),
        "OSError: no libtorch",
        "uninstall -y torch",
    ),
    ("PyTorch", module("torch", "import sympy_"), "No module named 'sympy_'", "uninstall -y torch"),
    ("NVIDIA driver", put(libcuda_init=803), "cuInit returned 803, system mismatch", "restart the machine"),
    ("NVIDIA driver", put(libcuda_init=77), "cuInit returned 77, an unknown error", "restart the machine"),
    ("NVIDIA driver", half_a_driver, "nvidiactl is there, but libcuda.so.1: cannot open", "`--gpus all`"),
    (
        "NVIDIA driver",
        put(libcuda_version=11040),
        "driver for CUDA 11.4, older than 12.0",
        "Update the NVIDIA",
    ),
    ("one CuPy", put(distributions={}), "CuPy is not installed", f"Run `{CUDA13}"),
    ("one CuPy", put(distributions={}, libcuda_version=12040), "CuPy is not installed", f"Run `{CUDA12}"),
    ("one CuPy", put(distributions={}, libcuda_capability=(7, 0)), "CuPy is not installed", f"Run `{CUDA12}"),
    (
        "one CuPy",
        put(distributions=BOTH),
        "cupy-cuda12x and cupy-cuda13x overwrite",
        "-y cupy-cuda12x cupy-cuda13x`",
    ),
    ("CuPy version", put(distributions={"cupy-cuda13x": "13.6.0"}), "13.6.0 is older than 14.0", INSTEAD_13),
    ("CUDA version", put(libcuda_version=12090), "needs CUDA 13, the driver serves 12.9", INSTEAD_12),
    (
        "CUDA version",
        put(libcuda_capability=(7, 0)),
        "needs compute capability 7.5, the GPU has 7.0",
        INSTEAD_12,
    ),
    ("CuPy import", module("cupy", PAGE), "OSError: libnvrtc.so.13: not found", INSTEAD_13),
    ("allocate", put(cupy_asarray=refuse(MemoryError("full"))), "MemoryError: full", "`nvidia-smi`"),
    ("allocate", put(cupy_asnumpy=np.zeros_like), "wrong values, [0.0, 0.0", "`nvidia-smi`"),
    ("kernel", NO_HEADER, 'RuntimeError: cannot open source file "vector_types.h"', ADDS_13),
    ("kernel", on(NO_HEADER, "cupy-cuda12x"), '"vector_types.h"', ADDS_12),
    ("kernel", on(NO_HEADER, "cupy"), '"vector_types.h"', "Install the CUDA toolkit"),
    (
        "kernel",
        put(cupy_ElementwiseKernel=lambda *_: np.zeros_like),
        "wrong values, [0.0, 0.0",
        "`nvidia-smi`",
    ),
    ("matmul", matmul(refuse(OSError("no libcublas"))), "OSError: no libcublas", ADDS_13),
    ("matmul", matmul(lambda a, b: a @ b + 1), "wrong values, [71.0, ", "`nvidia-smi`"),
    ("DLPack to torch", NO_TORCH_GPU, "2.11.0, built for CUDA 13.0, sees no GPU", "a torch for CUDA 13."),
    ("DLPack to torch", put(torch_from_dlpack=refuse(BufferError("no"))), "BufferError: no", '".[torch]"`'),
    ("DLPack to torch", put(torch_from_dlpack=np.copy), "wrong values, [0.0, 1.0, ", "`nvidia-smi`"),
]

# how the GPU is missing, and what is said about it
ABSENT = [
    (no_library, f"no NVIDIA driver, {device.LIBRARY} does not load"),
    (put(libcuda_init=100), "the NVIDIA driver finds no GPU"),
    (put(libcuda_gpus=()), "the NVIDIA driver finds no GPU"),
    (all_hidden, "the NVIDIA driver finds no GPU, CUDA_VISIBLE_DEVICES is ''"),
]

# what torch there is beside a GPU that works, and the two rungs about it
READY = [
    (put(), ("ok", "2.11.0, built for CUDA 13.0"), ("ok", "one memory for CuPy and torch")),
    (
        put(torch_version=SimpleNamespace(cuda=None)),
        ("ok", "2.11.0, a CPU build"),
        ("absent", "torch 2.11.0 is a CPU build"),
    ),
    (
        lambda machine: machine.monkeypatch.setitem(sys.modules, "torch", None),
        ("absent", "not installed, the extra torch brings it"),
        ("absent", "not installed, the extra torch brings it"),
    ),
]


def doctor(capsys):
    """Exit code, first line, and the whole text with line breaks made spaces."""
    code = main(["doctor"])
    printed = capsys.readouterr()
    verdict, empty, *lines = printed.out.splitlines()
    assert (printed.err, empty) == ("", "")
    assert [line for line in lines if len(line) > 80] == []
    text = " ".join(printed.out.split())
    assert [command for command in re.findall("`.*?`", text) if command not in printed.out] == []  # on one line
    return code, verdict, text


@pytest.mark.parametrize(("rung", "plant", "reason", "remedy"), BROKEN)
def test_a_broken_rung_is_named_with_its_remedy(machine, capsys, rung, plant, reason, remedy):
    plant(machine)
    steps = device.climb()
    below = NAMES.index(rung)
    states = ["ok"] * below + ["broken"] + ["not reached"] * (len(NAMES) - below - 1)
    assert [(step.rung, step.state) for step in steps] == list(zip(NAMES, states, strict=True))
    assert reason in steps[below].detail
    assert remedy in steps[below].remedy

    code, verdict, text = doctor(capsys)
    assert code == 3
    kind = "Set-up" if rung in {"Python", "NumPy", "PyTorch"} else "GPU"
    assert verdict == f"{kind} broken: {rung}: {steps[below].detail}"
    assert text.endswith(steps[below].remedy)


@pytest.mark.parametrize(("rung", "plant", "reason", "remedy"), BROKEN)
def test_the_package_needs_every_rung_but_those_of_torch(machine, rung, plant, reason, remedy):
    plant(machine)
    if rung in {"PyTorch", "DLPack to torch"}:
        assert device.why_not() is None
        device.require_device()
        return
    with pytest.raises(device.NoDevice) as refusal:
        device.require_device()
    assert str(refusal.value).startswith(f"no GPU to compute on. {rung}: ")
    assert reason in str(refusal.value)
    assert remedy in str(refusal.value)


@pytest.mark.parametrize(("plant", "reason"), ABSENT)
def test_no_gpu_is_no_fault(machine, capsys, plant, reason):
    plant(machine)
    code, verdict, text = doctor(capsys)
    assert (code, verdict) == (0, f"No GPU here: {reason}")
    assert f"NVIDIA driver absent {reason} one CuPy not reached" in text
    skipped = "Skipped here: the tests marked gpu and the GPU columns of the benchmark;"
    assert text.endswith(f"{skipped} {device.ON_NUMPY}")
    assert device.why_not() == f"NVIDIA driver: {reason}. {device.ON_NUMPY}"


@pytest.mark.parametrize(("plant", "torch", "dlpack"), READY)
def test_a_gpu_is_ready_whatever_torch_there_is(machine, capsys, plant, torch, dlpack):
    plant(machine)
    steps = {step.rung: (step.state, step.detail) for step in device.climb()}
    assert (steps.pop("PyTorch"), steps.pop("DLPack to torch")) == (torch, dlpack)
    assert {state for state, _ in steps.values()} == {"ok"}
    code, verdict, _ = doctor(capsys)
    assert code == 0
    assert verdict == "GPU ready: NVIDIA H200, compute capability 9.0, driver for CUDA 13.0, CuPy 14.2.0"
    assert device.why_not() is None


def test_several_gpus_and_a_cupy_built_from_source(machine):
    machine.libcuda.gpus = ("NVIDIA L4", "NVIDIA H200", "NVIDIA L4")
    machine.libcuda.version = 12090
    machine.distributions = {"cupy": "14.2.0"}
    details = {step.rung: step.detail for step in device.climb()}
    assert details["NVIDIA driver"].startswith("2 x NVIDIA L4, NVIDIA H200, ")
    assert details["NVIDIA driver"].endswith(" CUDA 12.9")
    assert details["CUDA version"] == "cupy does not say which CUDA it is built for"


def test_the_answer_is_found_once(machine):
    assert device.why_not() is None
    no_library(machine)
    assert device.why_not() is None
    device.why_not.cache_clear()
    assert device.why_not() is not None


@pytest.mark.parametrize("before", [None, "0"])
def test_the_kernel_is_compiled_anew(machine, monkeypatch, before):
    """CuPy keeps compiled kernels on the disk unless CUPY_CACHE_IN_MEMORY is 1; the setting is put back."""
    seen = []

    def kernel(*arguments):
        seen.append(os.environ["CUPY_CACHE_IN_MEMORY"])
        return elementwise_kernel(*arguments)

    monkeypatch.setenv("CUPY_CACHE_IN_MEMORY", "0")
    if before is None:
        monkeypatch.delenv("CUPY_CACHE_IN_MEMORY")
    machine.cupy.ElementwiseKernel = kernel
    device.check_kernel()
    assert (seen, os.environ.get("CUPY_CACHE_IN_MEMORY")) == (["1"], before)
