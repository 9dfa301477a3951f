"""What a launch on the device hands to CuPy, seen by a module in CuPy's place."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from gpu.declaration import LaunchError
from gpu.emulator import CompileError
from gpu.kernels import activation, gemm
from gpu.runtime import launch


class CompileException(Exception):  # noqa: N818 (as CuPy calls it)
    """CuPy's, which has the compiler's words."""


@pytest.fixture
def cupy(monkeypatch):
    """The module, with the arguments of each RawModule, the kernels that it is asked for, and their launches."""
    module = ModuleType("cupy")
    module.compiled, module.asked, module.launched, module.broken = [], [], [], False

    class RawModule:
        def __init__(self, **arguments):
            module.compiled.append(arguments)

        def compile(self):
            if module.broken:
                raise CompileException('relu.cu(7): error: identifier "y" is undefined')

        def get_function(self, name):
            module.asked.append(name)
            return lambda *arguments, **named: module.launched.append((name, *arguments, named))

    module.RawModule = RawModule
    module.cuda = SimpleNamespace(
        runtime=SimpleNamespace(getDevice=lambda: 0), compiler=SimpleNamespace(CompileException=CompileException)
    )
    monkeypatch.setitem(sys.modules, "cupy", module)
    for kernels in (activation, gemm):
        monkeypatch.setattr(kernels.SOURCE, "_compiled", {})
    return module


class ndarray:  # noqa: N801 (as CuPy calls it)
    """An array of CuPy, as far as a launch looks at it."""

    __module__ = "cupy"

    def __init__(self, host, device=0):
        self.dtype, self.shape, self.size, self.strides, self.flags = (
            host.dtype, host.shape, host.size, host.strides, host.flags,
        )  # fmt: skip
        self.data, self.device = SimpleNamespace(ptr=host.ctypes.data), SimpleNamespace(id=device)


X, Y = (ndarray(np.zeros((3, 4), np.float32)) for _ in range(2))


def test_a_file_is_compiled_once_and_each_kernel_asked_for_once(cupy):
    for _ in range(3):
        launch(activation.RELU, 1, 32, x=X, y=Y, count=12)
    [compiled] = cupy.compiled
    assert compiled["code"].startswith('#line 1 "activation.cu"\n')
    assert compiled["code"].endswith(activation.SOURCE.text)
    assert compiled["options"][0] == "-std=c++17"
    assert all(option.startswith("-I/") for option in compiled["options"][1:])
    assert compiled["name_expressions"] == tuple(activation.SOURCE.expressions)
    assert compiled.keys() == {"code", "options", "name_expressions"}  # `jitify` warns, whatever it is
    assert cupy.asked == activation.SOURCE.expressions
    assert len(cupy.launched) == 3


def test_arguments_of_a_launch(cupy):
    launch(activation.RELU, (2, 3), 32, x=X, y=Y, count=12)
    [(name, grid, block, (x, y, count), named)] = cupy.launched
    assert (name, grid, block, named) == ("relu<float>", (2, 3), (32,), {"shared_mem": 0})
    assert (x, y, type(count), count) == (X, Y, np.int64, 12)


def test_a_struct_is_an_array_without_dimensions_and_nothing_a_null_pointer(cupy):
    g = {"M": 3, "N": 3, "K": 4, "a_row": 4, "a_column": 1, "b_row": 1, "b_column": 4}
    launch(gemm.GEMM, 1, 256, a=X, b=Y, bias=None, c=ndarray(np.zeros((3, 3), np.float32)), g=g)
    [(_, _, _, (*_, bias, _, struct), _)] = cupy.launched
    assert bias is None
    assert (type(struct), struct.shape) == (np.ndarray, ())
    ints, longs = np.array([3, 3, 4], np.int32), np.array([4, 1, 1, 4], np.int64)
    assert struct.tobytes()[:12] + struct.tobytes()[16:] == ints.tobytes() + longs.tobytes()  # 4 bytes of padding
    assert struct.nbytes == 48


def test_a_kernel_that_does_not_compile(cupy):
    cupy.broken = True
    with pytest.raises(CompileError, match=r"activation\.cu does not compile:\nrelu\.cu\(7\): error: identifier"):
        launch(activation.RELU, 1, 32, x=X, y=Y, count=12)
    assert cupy.launched == []


def test_what_is_refused_is_refused_before_anything_is_compiled(cupy):
    with pytest.raises(LaunchError, match="is not in C order"):
        launch(activation.RELU, 1, 32, x=ndarray(np.zeros((4, 3), np.float32).T), y=Y, count=12)
    with pytest.raises(TypeError, match=r"device 0 is in use, the arrays are on \{'x': 1, 'y': 0\}"):
        launch(activation.RELU, 1, 32, x=ndarray(np.zeros((3, 4), np.float32), 1), y=Y, count=12)
    assert cupy.compiled == []
