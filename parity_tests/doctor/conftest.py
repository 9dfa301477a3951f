"""A machine made of stand-ins, on which every rung of the doctor's ladder holds until a test breaks one.

The driver is a stand-in for libcuda behind ctypes; CuPy and torch are NumPy under their names, so that the
real checks run. What this cannot show is whether a real driver, NVRTC and cuBLAS answer.
"""

import ctypes
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from gpu import device, install


@dataclass
class Libcuda:
    """The part of libcuda that `ask_driver` calls. A device's handle is not its number."""

    gpus: tuple = ("NVIDIA H200",)
    version: int = 13000
    capability: tuple = (9, 0)
    init: int = 0

    def cuInit(self, flags):
        return self.init

    def cuGetErrorString(self, code, text):
        text._obj.value = {100: b"no CUDA-capable device is detected", 803: b"system mismatch"}.get(code)
        return 0 if text._obj.value else 1

    def cuDriverGetVersion(self, version):
        version._obj.value = self.version
        return 0

    def cuDeviceGetCount(self, count):
        count._obj.value = len(self.gpus)
        return 0

    def cuDeviceGet(self, handle, ordinal):
        handle._obj.value = 40 + ordinal
        return 0

    def cuDeviceGetName(self, text, length, handle):
        text.value = self.gpus[handle - 40].encode()
        return 0

    def cuDeviceGetAttribute(self, answer, attribute, handle):
        answer._obj.value = self.capability[attribute - 75] if handle == 40 else -1
        return 0


def elementwise_kernel(inputs, outputs, body, name):
    """CuPy's ElementwiseKernel on NumPy arrays: a body that is Python as well as C."""

    def run(x):
        scope = {"x": x}
        exec(body, scope)
        return scope["y"]

    return run


class Machine:
    """A machine on which everything works; tests change its attributes."""

    def __init__(self, monkeypatch, folder):
        self.monkeypatch, self.folder = monkeypatch, folder
        self.libcuda = Libcuda()
        self.distributions = {"cupy-cuda13x": "14.2.0"}
        self.cupy = SimpleNamespace(
            __version__="14.2.0",
            asarray=np.array,
            asnumpy=np.array,
            from_dlpack=lambda x: x,
            ElementwiseKernel=elementwise_kernel,
            cuda=SimpleNamespace(runtime=SimpleNamespace(memGetInfo=lambda: (138 << 30, 139 << 30))),
        )
        self.torch = SimpleNamespace(
            __version__="2.11.0",
            version=SimpleNamespace(cuda="13.0"),
            cuda=SimpleNamespace(is_available=lambda: True),
            from_dlpack=lambda x: x,
        )

    def module(self, name, source):
        """Let `import name` run this source."""
        (self.folder / f"{name}.py").write_text(source)
        self.monkeypatch.delitem(sys.modules, name)
        self.monkeypatch.syspath_prepend(self.folder)

    def version(self, name):
        if name not in self.distributions:
            raise metadata.PackageNotFoundError(name)
        return self.distributions[name]


@pytest.fixture
def machine(monkeypatch, tmp_path):
    it = Machine(monkeypatch, tmp_path)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: it.libcuda)
    monkeypatch.setattr(metadata, "version", it.version)
    monkeypatch.setitem(sys.modules, "cupy", it.cupy)
    monkeypatch.setitem(sys.modules, "torch", it.torch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(device, "KERNEL_DRIVER", Path("nvidiactl"))
    monkeypatch.setattr(install, "pip", lambda: "pip")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    device.why_not.cache_clear()
    yield it
    device.why_not.cache_clear()
