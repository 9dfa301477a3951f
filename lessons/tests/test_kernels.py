"""A kernel that a learner wrote, whatever it is, and the counting of reads."""

import numpy as np
import pytest

from gpu import emulator
from lessons import kernels, reads
from lessons.exercises import to_gpu
from lessons.kernels import in_each_order, tried

pytestmark = pytest.mark.skipif(bool(emulator.why_not()), reason=f"{emulator.why_not()}")

X = np.arange(16, dtype=np.float32)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (to_gpu.REVERSE, "clean: nothing found"),
        (to_gpu.RACY_REVERSE, "result depends on the order of threads\n  block (0, 0, 0), thread (0, 0, 0)"),
        ("no kernel", "kernel.cu does not compile:\n"),
        (
            to_gpu.REVERSE.replace("const float* x", "const int* x"),
            "It cannot be launched: reverse: argument 0 has dtype",
        ),
    ],
)
def test_what_is_said_of_a_kernel(text, words):
    trial = tried(text, "reverse", (1,), (16,), [X, np.zeros_like(X)])
    assert words in trial.words
    assert trial.clean == words.startswith("clean")
    assert words.split("\n")[0] in trial.shown().html


def test_without_a_compiler_it_says_so(monkeypatch):
    def refuses(*_):
        raise emulator.NoCompiler("there is no g++.")

    monkeypatch.setattr(kernels.emulator, "Module", refuses)
    trial = tried(to_gpu.REVERSE, "reverse", (1,), (16,), [X, np.zeros_like(X)])
    assert trial.words == "Not run: there is no g++."
    assert not trial.clean
    assert to_gpu.block_sum(to_gpu.MY_SUM).state == "open"


def test_the_order_of_threads_shows_in_a_race_and_nowhere_else():
    assert all(np.array_equal(y, X[::-1]) for y in in_each_order(to_gpu.REVERSE, "reverse", X).values())
    first, last, _ = in_each_order(to_gpu.RACY_REVERSE, "reverse", X).values()
    assert np.array_equal(np.where(X < 8, last, first), X[::-1])
    assert np.isnan(np.where(X < 8, first, last)).all()


@pytest.mark.parametrize("shape", [(2, 3, 5, 7), (1, 1, 4, 4)])
def test_by_one_thread_each_reads_are_twice_the_products(shape):
    draw = np.random.default_rng(0).integers
    x, weight = draw(-3, 4, shape).astype(np.float32), draw(-3, 4, (4, shape[1], 2, 3)).astype(np.float32)
    y, count = reads.by_direct(x, weight)
    windows = np.lib.stride_tricks.sliding_window_view(x, (2, 3), (2, 3))
    assert np.array_equal(y, np.einsum("ncijuv,ocuv->noij", windows, weight))
    assert count == 2 * y.size * weight[0].size


def test_a_block_that_hangs_over_the_edge_reads_less():
    picture, kernel = np.arange(35.0).reshape(5, 7), np.arange(6.0).reshape(2, 3)
    y, count = reads.by_stencil(picture, kernel, 4)
    windows = np.lib.stride_tricks.sliding_window_view(picture, (2, 3))
    assert np.array_equal(y, (windows * kernel).sum(axis=(2, 3)))
    assert count == 5 * 6 + 5 * 3 + 2 * 6  # two tiles of 5 rows, of which one ends with the picture; twice the weights


def test_tiles_that_hang_over_the_edge_read_less():
    a, b = np.arange(65.0 * 3).reshape(65, 3), np.arange(6.0).reshape(3, 2)
    c, count = reads.by_gemm(a, b)
    assert np.array_equal(c, (a @ b).astype(np.float32))
    assert count == a.size + 2 * b.size  # two tiles down, each with all of b


@pytest.mark.parametrize(("apart", "pieces", "fullest"), [(1, 4, 1), (2, 8, 2), (32, 32, 32), (33, 32, 1)])
def test_what_a_warp_asks_for(apart, pieces, fullest):
    found, banks = reads.of_a_warp(apart)
    assert (found, banks.max(), banks.sum()) == (pieces, fullest, 32)
