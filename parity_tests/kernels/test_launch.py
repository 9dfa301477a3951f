"""What launch() refuses, always with the name of the kernel, and before anything has run."""

import re

import numpy as np
import pytest

from gpu.declaration import KERNELS, LaunchError, Source, members_of, parse
from gpu.emulator import EmulatorError
from gpu.kernels import activation, gemm, modules, pool
from gpu.on_numpy.stand_in import asarray, empty
from gpu.runtime import blocks_for, checked_launches, launch

RIGHT = "const T* x, T* y, long long count"
X = asarray(np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4))


def unaligned():
    """A float32 array that begins one byte after a multiple of four."""
    memory = asarray(np.zeros(49, np.uint8))
    return type(memory)(memory._host[1:].view(np.float32).reshape(3, 4))


def relu(**changed):
    """Launch ReLU with some arguments changed; `grid` and `block` too."""
    arguments = {"x": X, "y": empty((3, 4), np.float32), "count": 12} | changed
    launch(activation.RELU, arguments.pop("grid", 1), arguments.pop("block", 32), **arguments)


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"x": np.zeros(12)}, TypeError, "relu: x is a numpy.ndarray; a kernel computes with arrays of the GPU"),
        ({"x": [1.0]}, TypeError, "relu: x is a builtins.list"),
        ({"x": None}, TypeError, "relu: x is None; only no argument may be"),
        ({"z": 1}, TypeError, "relu takes x, y, count; got x, y, count, z"),
        ({"x": asarray(np.zeros(12))}, LaunchError, "one dtype are needed, got {'x': 'float64', 'y': 'float32'}"),
        (dict.fromkeys(["x", "y"], asarray(np.zeros(12, bool))), LaunchError, "x has dtype bool; there is float32,"),
        ({"x": X.reshape(4, 3).T}, LaunchError, "x, of shape (3, 4) and strides (4, 12), is not in C order"),
        ({"y": empty((12, 2), np.float32)[:, 0]}, LaunchError, "y, of shape (12,) and strides (8,), is not in C order"),
        ({"count": 13}, LaunchError, "relu<float>: x has 12 elements, of shape (3, 4); count = 13 are needed"),
        ({"y": empty(15, np.float32)}, LaunchError, "y has 15 elements, of shape (15,); count = 12 are needed"),
        ({"x": unaligned()}, LaunchError, "which is no multiple of 4 bytes"),
        ({"count": 12.0}, TypeError, "relu<float>: count=12.0 is a float, long long is needed"),
        ({"count": True}, TypeError, "relu<float>: count=True is a bool, long long is needed"),
        ({"count": 2**63}, LaunchError, "relu<float>: count=9223372036854775808 does not fit into long long"),
        ({"grid": 0}, LaunchError, "grid=0: one to three numbers from 1 to (2147483647, 65535, 65535) are possible"),
        ({"grid": (1, 65536)}, LaunchError, "relu<float>: grid=(1, 65536)"),
        ({"grid": (1, 1, 1, 1)}, LaunchError, "relu<float>: grid=(1, 1, 1, 1)"),
        ({"grid": 1.0}, TypeError, "relu<float>: grid=1.0: a whole number is needed, or a tuple of them"),
        ({"block": "32"}, TypeError, "relu<float>: block='32': a whole number is needed"),
        ({"block": 1025}, LaunchError, "relu<float>: block=1025"),
        ({"block": (32, 1, 65)}, LaunchError, "relu<float>: block=(32, 1, 65)"),
        ({"block": (64, 32)}, LaunchError, "relu<float>: block=(64, 32) has 2048 threads, 1024 are possible"),
        ({"shared_bytes": 49153}, LaunchError, "relu<float>: shared_bytes=49153: 0 to 49152 are possible"),
    ],
)
def test_refused(changed, error, message):
    y = asarray(np.full((3, 4), 7, np.float32))
    with pytest.raises(error, match=re.escape(message)):
        relu(**{"y": y} | changed)
    assert (y.get() == 7).all()


@pytest.mark.gxx
def test_arrays_of_two_dtypes_where_one_is_fixed():
    x, y = asarray(np.zeros((1, 2, 2), np.float32)), empty((1, 1, 1), np.float32)
    g = dict.fromkeys(["planes", "outH", "outW", "sH", "sW", "dH", "dW"], 1)
    g |= dict.fromkeys(["H", "W", "kH", "kW"], 2) | dict.fromkeys(["top", "bottom", "left", "right"], 0)
    with pytest.raises(LaunchError, match=r"max_pool<float>: indices has dtype int32, int64 is needed"):
        launch(pool.MAX, 1, x=x, y=y, indices=empty((1, 1, 1), np.int32), g=g)
    with pytest.raises(LaunchError, match=r"max_pool<float>: g\.sH=4294967296 does not fit into int"):
        launch(pool.MAX, 1, x=x, y=y, indices=empty((1, 1, 1), np.int64), g=g | {"sH": 2**32})
    with pytest.raises(TypeError, match=r"max_pool<float>: g needs a dict of planes, H, W, outH, .*; got"):
        launch(pool.MAX, 1, x=x, y=y, indices=empty((1, 1, 1), np.int64), g={"H": 1})
    indices = empty((1, 1, 1), np.int64)
    launch(pool.MAX, 1, x=x, y=y, indices=indices, g=g)
    assert (y.get().ravel(), indices.get().ravel()) == ([0], [0])


@pytest.mark.gxx
def test_launches_stay_checked_behind_a_block_that_checks_within_another():
    with checked_launches():
        with checked_launches():
            pass
        with pytest.raises(EmulatorError, match="unwritten output"):
            launch(activation.RELU, 1, 8, x=X, y=empty((3, 4), np.float32), count=12)


@pytest.mark.gxx
def test_only_a_bias_may_be_left_out():
    g = {"M": 3, "N": 3, "K": 4, "a_row": 4, "a_column": 1, "b_row": 1, "b_column": 4}
    c = empty((3, 3), np.float32)
    with pytest.raises(TypeError, match=r"gemm: a is None; only \('bias',\) may be"):
        launch(gemm.GEMM, 1, 256, a=None, b=X, bias=None, c=c, g=g)
    launch(gemm.GEMM, 1, 256, a=X, b=X, bias=None, c=c, g=g)
    np.testing.assert_allclose(c.get(), X.get() @ X.get().T, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("count", "threads", "blocks"), [(1, 128, 1), (128, 128, 1), (129, 128, 2), (2**40, 1024, 2**30)]
)
def test_blocks(count, threads, blocks):
    assert blocks_for(count, threads) == blocks


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.SOURCE.file)
def test_declarations_agree_with_the_files(module):
    assert module.SOURCE.text
    names = {
        parameter.name for kernel in module.SOURCE.kernels for parameter in kernel.parameters if parameter.is_array
    }
    assert all(names & kernel.sizes.keys() for kernel in module.SOURCE.kernels)


def test_every_file_is_declared_and_says_what_it_must():
    declared = {module.SOURCE.file for module in modules()}
    assert {path.name for path in KERNELS.glob("*.cu")} == declared
    for file in declared:
        head = (KERNELS / file).read_text(encoding="utf-8").split("\n\n")[0].replace("\n// ", " ")
        assert all(words in head for words in ("Lowest architecture: ", "To gain: "))


@pytest.mark.parametrize(
    ("parameters", "structs", "message"),
    [
        (RIGHT, {"Size": "int W, H"}, None),
        (
            RIGHT.replace("long long", "int"),
            {},
            r"\(const T\* x, T\* y, long long count\), declared is \(.*, int count\)",
        ),
        (RIGHT.replace("const T", "T"), {}, r"declared is \(T\* x, T\* y, long long count\)"),
        (RIGHT.replace("x", "y", 1).replace("* y", "* x", 2), {}, "declared is"),
        (RIGHT, {"Size": "int H, W"}, r"struct Size has \(int W, int H\), declared is int H, W"),
        (RIGHT, {"Shape": "int H, W"}, "struct Shape has nothing that is found"),
    ],
)
def test_declarations_that_do_not_agree(tmp_path, parameters, structs, message):
    text = "struct Size { int W, /* and */ H; };\ntemplate <typename T>\n__global__ void __launch_bounds__(8)\n"
    text += "scale(const T* __restrict__ x,  // in\n      T* y, long long count) { }"
    (tmp_path / "scale.cu").write_text(text, encoding="utf-8")
    source = Source("scale.cu", structs, tmp_path)
    source.kernel("scale", parameters, {})
    if message is None:
        assert source.text == text
    else:
        with pytest.raises(LaunchError, match=message):
            _ = source.text


@pytest.mark.parametrize("text", ["const T& x", "T x[3]", "x"])
def test_what_is_not_understood(text):
    with pytest.raises(LaunchError, match="is not understood"):
        parse(text)


def test_members():
    assert [(p.type, p.name) for p in members_of("unsigned int a;long long b , c;")] == [
        ("unsigned int", "a"), ("long long", "b"), ("long long", "c"),
    ]  # fmt: skip
    with pytest.raises(LaunchError, match="is not understood"):
        members_of("int a[3]")
