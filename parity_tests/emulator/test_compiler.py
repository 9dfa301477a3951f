"""Compiling: what is kept, at the same time too, what does not compile, and machines without a g++."""

import re
import shutil
import subprocess
import sys
from importlib import import_module
from multiprocessing.pool import ThreadPool
from pathlib import Path

import numpy as np
import pytest

from gpu import emulator
from gpu.__main__ import main
from gpu.emulator import CompileError, Module, compiler

pytestmark = pytest.mark.gxx

ROOT = Path(__file__).parents[2]
ADD = "__global__ void add(const float* x, float* y, float by) { y[threadIdx.x] = x[threadIdx.x] + by; }"
X = np.arange(4, dtype=np.float32)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "nn-parity" / "emulator"


def run(source, by=1.0):
    y = np.empty_like(X)
    Module(source, "add.cu", ["add"]).launch("add", (1,), (4,), [X, y, np.float32(by)])
    return y.tolist()


def test_compiled_once(cache, monkeypatch):
    assert run(ADD) == [1, 2, 3, 4]
    monkeypatch.setattr(compiler, "build", lambda *_: pytest.fail("compiled again"))
    assert run(ADD, by=2.0) == [2, 3, 4, 5]
    assert len(list(cache.iterdir())) == 1


def test_compiled_again_for_another_text_or_other_options(cache, monkeypatch):
    assert run(ADD) == [1, 2, 3, 4]
    assert run(ADD.replace("+", "-")) == [-1, 0, 1, 2]
    monkeypatch.setattr(compiler, "OPTIONS", (*compiler.OPTIONS, "-DUNUSED"))
    assert run(ADD) == [1, 2, 3, 4]
    assert len(list(cache.iterdir())) == 3


def test_many_compile_at_the_same_time(cache):
    with ThreadPool(4) as threads:
        assert threads.map(run, [ADD] * 4) == [[1, 2, 3, 4]] * 4
    assert [path.suffix for path in cache.iterdir()] == [".so"]


def test_two_modules_with_the_same_kernel_have_memory_of_their_own():
    text = "__global__ void {0}(float* y) {{ __shared__ float s[2]; {1} y[threadIdx.x] = s[threadIdx.x]; }}"
    writes, reads = text.format("same", "s[threadIdx.x] = 1;"), text.format("same", "")
    y = np.zeros(2, np.float32)
    Module(writes, "one.cu", ["same"]).launch("same", (1,), (2,), [y])
    assert (y == 1).all()
    Module(reads, "two.cu", ["same"]).launch("same", (1,), (2,), [y])
    assert np.isnan(y).all()


def test_without_a_folder_that_can_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert run(ADD) == [1, 2, 3, 4]


def test_what_does_not_compile_says_the_line_of_the_file():
    with pytest.raises(CompileError, match=r"(?s)add\.cu does not compile:.*add\.cu:3:.*nonsense"):
        Module("\n\n" + ADD.replace("by;", "nonsense;"), "add.cu", ["add"])


def test_the_line_that_does_not_compile_is_quoted_whatever_file_of_that_name_lies_here(tmp_path, monkeypatch):
    (tmp_path / "add.cu").write_text("another\nfile\n")
    monkeypatch.chdir(tmp_path)
    text = "__global__ void add(float* y) {\n    int i = threadIdx.x\n    y[i] = 1;\n}"
    with pytest.raises(CompileError, match=r"(?s)add\.cu:3:5: error: .*\n +3 \|     y\[i\] = 1;\n"):
        Module(text, "add.cu", ["add"])


@pytest.mark.parametrize(
    ("kernel", "said"),
    [
        (
            "add<float>",
            "add<float> does not fit the kernel, or it takes what no launch can pass:\n  add<typename T, int",
        ),
        ("add<none, 2>", r"add.cu does not compile:\nentries of add.cu:2:\d+: error: 'none' was not declared[^\n]*\n$"),
        ("many", r"takes what no launch can pass:\n  many\(int a0, "),
        ("mine::sub", r"takes what no launch can pass:\n  sub\(float& x\)\n$"),
    ],
)
def test_nothing_is_said_of_the_headers_that_the_user_has_not_written(kernel, said, tmp_path, capsys):
    (tmp_path / "add.cu").write_text(
        "template <typename T, int N> __global__ void add(T* x) { x[0] += N; }\n"
        f"__global__ void many({', '.join(f'int a{number}' for number in range(33))}) {{}}\n"
        "namespace mine { __global__ void sub(float& x) { x = 0; } }\n"
    )
    words = ["1"] * (33 if kernel == "many" else 1)
    assert main(["emulate", str(tmp_path / "add.cu"), kernel, "--grid", "1", "--block", "1", *words]) == 2
    assert re.search(said, capsys.readouterr().err)


def test_two_names_for_dynamic_shared_memory():
    text = "extern __shared__ float a[];\nextern __shared__ __align__(16) unsigned char b[];\n" + ADD
    with pytest.raises(CompileError, match="a and b are both `extern __shared__`, the same memory on a GPU"):
        Module(text, "add.cu", ["add"])


def test_arithmetic_in_half_precision_does_not_compile():
    text = "#include <cuda_fp16.h>\n__global__ void add(const __half* x, __half* y) { *y = *x + *x; }"
    with pytest.raises(CompileError, match=r"add\.cu:2:"):
        Module(text, "add.cu", ["add"])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ([X, X.copy()], TypeError, "add takes 3 arguments, got 2"),
        (
            [X, X.astype(np.float64), np.float32(1)],
            TypeError,
            "argument 1 has dtype float64, the kernel declares 4 bytes",
        ),
        ([X, X.astype(np.int32), np.float32(1)], TypeError, "argument 1 has dtype int32"),
        ([X, X.copy(), np.float64(1)], TypeError, "argument 2 has dtype float64"),
        ([X, X.copy(), 1.0], TypeError, "argument 2 is a float, a NumPy scalar is needed"),
        ([X, X.copy(), X], TypeError, "argument 2 is a ndarray, a NumPy scalar is needed"),
        ([X, np.float32(1), np.float32(1)], TypeError, "argument 1 is a float32, an array is needed"),
        ([X, X.copy(), None], TypeError, "argument 2 is None, but no pointer"),
        ([X, np.empty(8, np.float32)[::2], np.float32(1)], ValueError, "argument 1 is not in C order"),
        ([X, np.broadcast_to(np.float32(1), 1), np.float32(1)], ValueError, "argument 1 is read-only"),
    ],
)
def test_arguments_that_do_not_fit(arguments, error, message):
    with pytest.raises(error, match=message):
        Module(ADD, "add.cu", ["add"]).launch("add", (1,), (4,), arguments)


@pytest.fixture
def no_compiler(monkeypatch):
    """A machine without g++."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    emulator.why_not.cache_clear()
    yield
    monkeypatch.undo()
    emulator.why_not.cache_clear()


@pytest.mark.usefixtures("no_compiler")
def test_without_gxx_one_sentence():
    with pytest.raises(
        emulator.NoCompiler, match=r"compiles CUDA kernels with g\+\+, which is not installed\. Install"
    ):
        Module(ADD + "\n", "add.cu", ["add"])
    assert "\n" not in emulator.why_not()


@pytest.mark.usefixtures("no_compiler")
def test_without_gxx_the_namespace_is_there_and_the_registry_says_why_not():
    from parity_tests.harness.implementations import IMPLEMENTATIONS

    nn = import_module("gpu.emulated")
    assert nn.Linear(3, 2).weight.shape == (2, 3)
    assert IMPLEMENTATIONS["gpu.emulated"].why_not() == emulator.why_not()


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("10", r"the emulator needs g\+\+ 11 or newer, .* is 10"),
        ("11", None),
        ("12.2.0", None),
        ("Apple", "does not give a"),
    ],
)
def test_versions_of_gxx(version, reason, monkeypatch, tmp_path):
    pretender = tmp_path / "g++"
    pretender.write_text(f"#!/bin/sh\necho {version}\n", encoding="utf-8")
    pretender.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda _: str(pretender))
    emulator.why_not.cache_clear()
    found = emulator.why_not()
    emulator.why_not.cache_clear()
    assert found is None if reason is None else re.search(reason, found)


def test_importing_compiles_nothing():
    code = "import subprocess; subprocess.run = None; import gpu.emulated, gpu.emulator; print(gpu.emulated.ReLU())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("ReLU()\n", "")
