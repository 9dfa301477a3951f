"""`python -m gpu emulate`: what it says of kernels right and wrong, and what it refuses in one sentence."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from gpu import emulator
from gpu.__main__ import main
from parity_tests.command_line.reading import ROOT

pytestmark = pytest.mark.gxx

KERNELS = r"""
#include <cuda_runtime.h>
#include "shift.cuh"
struct Pair { int a, b; };

template <typename T, int TIMES>
__global__ void __launch_bounds__(256) scale(const T* __restrict__ x, T *y, float by, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = x[i] * by * TIMES;
}
__global__ void add(float* x, const double by) { x[threadIdx.x] += by; }
__global__ void vectors(const float4* x, float4* y, int n) { if (threadIdx.x < n) y[threadIdx.x] = x[threadIdx.x]; }
__global__ void dynamic(float* y) {
    extern __shared__ float s[];
    s[threadIdx.x] = shift(threadIdx.x);
    __syncthreads();
    y[threadIdx.x] = s[threadIdx.x];
}
__global__ void kinds(bool b, unsigned char* u, long long* l, double d, unsigned n, const bool* q) {
    u[0] = n;
    l[0] = b + (q != nullptr && q[1]);
}
__global__ void by_value(float* y, Pair pair) { y[0] = pair.a; }
__global__ void nothing() {}
__global__ void endless(volatile int* y) { while (y[0] >= 0) y[0] = 1; }
"""
SHIFT = "#pragma once\n__device__ float shift(int i) {\n    return i * 1000000000;\n}\n"
SCALE = ["scale<float, 2>", "--grid", "2", "--block", "64"]


@pytest.fixture
def emulate(tmp_path, monkeypatch, capsys):
    """Run the verb on KERNELS in a folder of its own; gives exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.cu").write_text(KERNELS, encoding="utf-8")
    (tmp_path / "shift.cuh").write_text(SHIFT, encoding="utf-8")

    def run(*words, file="mine.cu"):
        try:
            code = main(["emulate", file, *words])
        except SystemExit as ending:
            code = ending.code
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        assert max(map(len, out.splitlines()), default=0) <= 80
        return code, out, err

    return run


def row(out, name):
    """The first values of a result."""
    (found,) = re.findall(rf"^{name} +\w+ +\w+ +(.*)$", out, re.MULTILINE)
    return found


def test_clean(emulate):
    code, out, err = emulate(*SCALE, "x=arange:128", "y=empty:128", "by=0.5", "n=128")
    assert (code, err) == (0, "")
    assert out.startswith("clean: nothing found in scale<float, 2>, 2 blocks of 64 threads")
    assert row(out, "y").startswith("0 1 2 3 4 ")


def test_found_with_its_source_line_in_a_header(emulate):
    code, out, _ = emulate("dynamic", "--grid", "1", "--block", "8", "--shared", "32", "y=empty:8")
    assert code == 1
    assert out.startswith("not clean: 1 finding in dynamic, 1 block of 8 threads\n\noverflow\n")
    assert "  shift.cuh, line 3: return i * 1000000000;\n  block (0, 0, 0), thread (3, 0, 0)\n" in out
    assert "3 * 1000000000 does not fit into 'int'" in out
    assert "No results" in out


def test_found_by_comparing_and_shown_all_the_same(emulate):
    code, out, _ = emulate(*SCALE, "x=arange:128", "y=empty:128", "by=0.5", "n=127")
    assert code == 1
    assert "unwritten output\n  y: 1 of 128 elements, the first at (127,)\n" in out
    assert row(out, "y").startswith("0 1 2 3 4 ")


def test_what_is_updated_keeps_what_it_holds(emulate):
    code, out, _ = emulate("add", "--grid", "1", "--block", "4", "x=ones:4", "by=2")
    assert code == 1
    assert "output read before it is written" in out
    assert "give it\n  with += rather than =" in out
    code, out, _ = emulate("add", "--grid", "1", "--block", "4", "x+=ones:2x2", "by=2")
    assert code == 0
    assert row(out, "x") == "3 3 3 3"


@pytest.mark.parametrize(
    "words",
    [
        ["arange:128", "empty:128", "0.5", "128"],
        ["arange:128", "empty:128", "n=0x80", "by=0.5"],
        ["n=128", "by=5e-1", "y=zeros:2x64:float32", "x=arange:8,16"],
    ],
)
def test_by_position_and_by_name(emulate, words):
    code, out, _ = emulate(*SCALE, *words)
    assert code == 0
    assert row(out, "y").startswith("0 1 2 3 4 ")


def test_numbers_and_pointers_of_all_kinds(emulate):
    kinds = ["kinds", "--grid", "1", "--block", "1", "true", "empty:1", "empty:1", "-3.5"]
    code, out, _ = emulate(*kinds, "7", "q=null")
    assert (code, row(out, "u"), row(out, "l")) == (0, "7", "1")
    assert row(emulate(*kinds, "7", "ones:2")[1], "l") == "2"


def test_vectors_are_given_as_numbers_and_need_no_page_to_end_behind_them(emulate):
    code, out, _ = emulate("vectors", "--grid", "1", "--block", "8", "random:28", "empty:28", "7")
    assert code == 0
    assert row(out, "y").startswith("0.12573 -0.132105 0.640423 ")


def test_arrays_from_files_and_into_files(emulate, tmp_path):
    np.save(tmp_path / "x.npy", np.asfortranarray(np.arange(128, dtype=np.float32).reshape(2, 64)))
    code, out, _ = emulate(*SCALE, "@x.npy", "y=empty:2x64", "0.5", "128", "--save", "out")
    assert code == 0
    assert out.endswith("\nsaved:\n  out/y.npy\n")
    np.testing.assert_array_equal(np.load(tmp_path / "out" / "y.npy"), np.arange(128).reshape(2, 64))


def test_nothing_is_saved_of_a_kernel_that_was_stopped(emulate, tmp_path):
    code, _, _ = emulate("dynamic", "--grid", "1", "--block", "8", "--shared", "32", "y=empty:8", "--save", "out")
    assert code == 1
    assert list((tmp_path / "out").iterdir()) == []


def test_without_arguments_it_says_what_is_needed_and_what_it_proposes_runs(emulate):
    code, out, err = emulate("scale<float, 2>")
    assert (code, out) == (2, "")
    assert "scale needs its arguments:\n  const T* x  an array that it reads\n" in err
    proposed = err.split("For example:\n")[1].replace("\\\n", "")
    assert proposed.split() == [
        "python3", "run.py", "emulate", "mine.cu", "'scale<float,", "2>'", "--grid", "2", "--block", "64",
        "x=arange:128", "y=empty:128", "by=0.5", "n=128",
    ]  # fmt: skip
    assert emulate(*SCALE, *proposed.split()[-4:])[0] == 0
    assert "emulate mine.cu dynamic --grid 2 --block 8x8 --shared 512 \\\n" in emulate("dynamic", "--block", "8x8")[2]
    assert emulate("nothing", "--grid", "1", "--block", "1")[0] == 0


NUMBERS = ["x=arange:128", "y=empty:128", "by=0.5", "n=128"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "which kernel of mine.cu? It has:\n  scale<typename T, int TIMES>(const T* x, T* y, "),
        (["vector"], "mine.cu has no kernel vector (did you mean vectors?); it has:\n"),
        (["scale"], "scale is a template: say for what, as in 'scale<float, 64>', with the quotes"),
        ([*SCALE[:1], *NUMBERS], "--grid and --block are needed"),
        ([*SCALE, *NUMBERS[:3]], "n is missing: scale takes const T* x, T* y, float by, int n."),
        ([*SCALE, "x=zeros:1"], "y, by, n are missing"),
        ([*SCALE, *NUMBERS, "7"], "'7' is one argument too many: scale takes const T* x"),
        ([*SCALE, "n=1", "zeros:8"], "'zeros:8' has no name: those without one come first"),
        ([*SCALE, *NUMBERS, "n=7"], "'n=7': n is given already, by 'n=128'"),
        ([*SCALE, *NUMBERS[:3], "m=7"], "float by, int n, not m."),
        ([*SCALE, *NUMBERS[:3], "n=12.5"], "int n is a whole number, '12.5' is none"),
        ([*SCALE, *NUMBERS[:3], "n=3000000000"], "3000000000 does not fit into int n"),
        ([*SCALE, *NUMBERS[:3], "n=arange:3"], "int n is a whole number, 'arange:3' is none"),
        ([*SCALE, *NUMBERS[:3], "n+=3"], "int n is a number, which the kernel cannot update"),
        ([*SCALE, "x+=ones:4", *NUMBERS[1:]], "const T* x is const, which the kernel cannot update"),
        ([*SCALE, "x=128", *NUMBERS[1:]], "const T* x is an array: one of arange, zeros"),
        ([*SCALE, "x=sines:128", *NUMBERS[1:]], "one of arange, zeros, ones, random, empty"),
        ([*SCALE, "x=ones:4by4", *NUMBERS[1:]], "'4by4' is no shape, such as 128 or 4x32"),
        ([*SCALE, "x=ones:4:float64", *NUMBERS[1:]], "is of float64, and const T* x takes float32"),
        ([*SCALE, "x=ones:4:real", *NUMBERS[1:]], "'real' is no dtype; there are float16, float32, "),
        ([*SCALE, "x=ones:99999999999", *NUMBERS[1:]], "made for small arrays, 1 GiB in all"),
        ([*SCALE, "x=@none.npy", *NUMBERS[1:]], "none.npy cannot be read (No such file"),
        ([*SCALE, "x=@mine.cu", *NUMBERS[1:]], "mine.cu holds no array of numbers"),
        (["by_value", "--grid", "1", "--block", "1", "empty:1", "3"], "Pair pair is a struct, which only Python can"),
        (["by_value"], "Pair pair  is a struct, which only Python can pass"),
        (["vectors", "--grid", "1", "--block", "1", "ones:7", "ones:7", "1"], "7 numbers are no whole number of"),
        ([*SCALE[:3], "--block", "2048", *NUMBERS], "one to three numbers from 1 to"),
        ([*SCALE[:1], "--grid", "0", "--block", "4", *NUMBERS], "grid=(0,): one to three numbers from 1 to"),
        ([*SCALE[:1], "--grid", "9999999", "--block", "64", *NUMBERS], "threads take too long here"),
        ([*SCALE, "--shared", "1000000", *NUMBERS], "shared_bytes=1000000"),
        ([*SCALE, "--save", "mine.cu", *NUMBERS], "mine.cu: File exists"),
        (["scale<nonsense, 2>", *SCALE[1:], *NUMBERS], "'nonsense' was not declared"),
    ],
)  # fmt: skip
def test_refused_in_a_sentence(emulate, words, sentence):
    code, out, err = emulate(*words)
    assert (code, out) == (2, "")
    assert err.startswith("emulate: ")
    assert sentence in err


@pytest.mark.parametrize(
    "words", [["--grid", "two"], ["--grid", "1x2x3x4"], ["--block", "-1"], ["--shared", "much"], ["--nonsense"]]
)
def test_refused_by_the_parser(emulate, words):
    code, out, err = emulate("nothing", *words)
    assert (code, out) == (2, "")
    assert "usage: python -m gpu" in err


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("int n;", "has no kernel"),
        ("__global__ void k(float* y) {\n    y[0] = nonsense;\n}", r"(?s)other\.cu:2:12: error: .*nonsense.*\n.*2 \|"),
        ("__device__ float f();\n__global__ void k(float* y) { y[0] = f(); }", "undefined reference to `f"),
        (
            "__global__ void k(float* y) {}\nint main() { float* y; k<<<1, 1>>>(y); }",
            "(?s)host code.*#ifdef __CUDACC__",
        ),
        ("__global__ void k(float* y) {}\n#ifdef __CUDACC__\nint main() { k<<<1, 1>>>(0); }\n#endif\n", None),
    ],
)
def test_files_of_other_kinds(emulate, tmp_path, text, sentence):
    (tmp_path / "other.cu").write_text(text, encoding="utf-8")
    code, _, err = emulate("k", "--grid", "1", "--block", "1", "y+=ones:1", file="other.cu")
    assert code == (0 if sentence is None else 2)
    assert sentence is None or re.search(sentence, err), err
    assert len(err.splitlines()) < 25


def test_files_that_cannot_be_read(emulate, tmp_path):
    (tmp_path / "binary.cu").write_bytes(b"\xff\xfe")
    assert "binary.cu or a header of it is no UTF-8 text" in emulate("k", file="binary.cu")[2]
    assert "none.cu cannot be read (No such file or directory)" in emulate("k", file="none.cu")[2]
    assert ". cannot be read (Is a directory)" in emulate("k", file=".")[2]


@pytest.fixture
def no_compiler(monkeypatch):
    """A machine without g++."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    emulator.why_not.cache_clear()
    yield
    monkeypatch.undo()
    emulator.why_not.cache_clear()


@pytest.mark.usefixtures("no_compiler")
def test_without_a_compiler(emulate):
    code, out, err = emulate("nothing", "--grid", "1", "--block", "1")
    assert (code, out) == (3, "")
    assert err == f"emulate: {emulator.why_not()}\n"


def test_help(emulate):
    code, out, err = emulate("--help")
    assert (code, err) == (0, "")
    assert "python3 run.py emulate docs/kernels/reverse.cu reverse --grid 2 --block 64" in out


def process(*words, **options):
    command = [sys.executable, "-m", "gpu", "emulate", "mine.cu", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def test_ctrl_c_ends_an_endless_kernel(emulate):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # or a run in the background ignores it
    try:
        words = ["endless", "--grid", "1", "--block", "1", "y+=ones:1"]
        emulator.Module(KERNELS, "mine.cu", ["endless"], ["."])  # compiled, so that the next seconds are the kernel's
        with process(*words, start_new_session=True) as running:
            time.sleep(2)
            os.killpg(running.pid, signal.SIGINT)
            assert running.wait(10) == 130
            assert running.stderr.read() == b""
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_reader_that_has_seen_enough(emulate):
    with process("nothing", "--grid", "1", "--block", "1") as running:
        running.stdout.close()
        assert running.wait(30) == 0
        assert running.stderr.read() == b""
