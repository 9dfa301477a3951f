"""Dropout counts its random numbers: the published words, the same masks everywhere, as many as there should be."""

from contextlib import nullcontext
from importlib import import_module
from math import log, sqrt

import numpy as np
import pytest

import scratch
from gpu import emulator
from gpu.declaration import KERNELS
from gpu.on_numpy import stand_in
from parity_tests.modules.models import HOST_NAMESPACES
from scratch import random
from scratch.array import to_host
from scratch.backend import backend_of
from scratch.fast.philox import philox4x32 as vectorised
from scratch.naive.dropout import kept, philox4x32

each_namespace = pytest.mark.parametrize("namespace", HOST_NAMESPACES)
each_algorithm = pytest.mark.parametrize(
    ("namespace", "algorithm"),
    [(namespace, name) for namespace in HOST_NAMESPACES for name in backend_of(namespace).dropout],
)

# Random123, tests/kat_vectors: philox4x32 with 10 rounds, counter, key, words.
# https://github.com/DEShawResearch/random123
KNOWN = {
    "zeros": ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    "ones": ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    "pi": ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
}
known = pytest.mark.parametrize(
    ("counter", "key", "words"),
    [tuple(tuple(int(word, 16) for word in part.split()) for part in row) for row in KNOWN.values()],
    ids=KNOWN,
)

WORDS = """
#include "philox.cuh"
__global__ void published(const unsigned int* counter, unsigned int* y, unsigned int key0, unsigned int key1) {
    const Words found = philox4x32({{counter[0], counter[1], counter[2], counter[3]}}, key0, key1);
    for (int n = 0; n < 4; n++) y[n] = found.word[n];
}
"""


@known
def test_published_words(counter, key, words):
    assert philox4x32(counter, key) == words


@known
@pytest.mark.parametrize("xp", [np, stand_in], ids=["NumPy", "the stand-in for CuPy"])
def test_published_words_on_arrays(counter, key, words, xp):
    given = [xp.asarray(np.array([word, word], np.uint64)) for word in counter]
    assert [to_host(word).tolist() for word in vectorised(given, key)] == [[word, word] for word in words]
    assert [to_host(word).tolist() for word in given] == [[word, word] for word in counter]


@known
@pytest.mark.gxx
def test_published_words_in_a_kernel(counter, key, words):
    module = emulator.Module(WORDS, "published.cu", ["published"], [KERNELS])
    y = np.empty(4, np.uint32)
    module.launch("published", (1,), (1,), [np.array(counter, np.uint32), y, *map(np.uint32, key)])
    assert tuple(y.tolist()) == words


@each_algorithm
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
@pytest.mark.parametrize("p", [0.3, 0.5, 1e-12, 1 - 1e-12, 1.0])
def test_every_algorithm_gives_the_same_bits(namespace, algorithm, dtype, p):
    """Both ways, with a last group of three numbers, and with what no product with 0 removes."""
    x = np.random.default_rng(0).standard_normal((5, 3, 9)).astype(dtype)
    x[0, 0, :8] = [np.nan, np.inf, -np.inf, -0.0] * 2
    x = x[:, ::-1].swapaxes(0, 2)
    nn, key = import_module(namespace), (0x01234567, 0x89ABCDEF)
    layer = nn.backend.dropout[algorithm]
    with np.errstate(invalid="ignore", over="ignore"):
        wanted, _ = scratch.naive.backend.dropout["loops"].dropout(x, p, key)
        y, saved = layer.dropout(nn.asarray(x), p, key)
        dx = layer.dropout_backward(nn.asarray(x), saved)
    unsigned = f"u{x.itemsize}"
    for got in (to_host(y), to_host(dx)):
        assert got.dtype == dtype
        assert np.isnan(got).any()
        np.testing.assert_array_equal(np.isnan(got), np.isnan(wanted))
        bits = [np.nan_to_num(each, posinf=7, neginf=-7).view(unsigned) for each in (got, np.array(wanted))]
        np.testing.assert_array_equal(*bits)


def test_the_counter_has_64_bits():
    """Numbers so far out are too many to be computed here; of a kernel's arithmetic UBSan sees what overflows."""
    assert kept(2**34, 0.5, (3, 4)) == (philox4x32((0, 1, 0, 0), (3, 4))[0] >= 2**31)
    assert [kept(2**34 + i, 0.5, (3, 4)) for i in range(64)] != [kept(i, 0.5, (3, 4)) for i in range(64)]


@each_namespace
def test_the_same_seed_drops_the_same_numbers_in_every_namespace(namespace):
    x = np.ones((50, 40), np.float32)
    results = []
    for name in (namespace, "scratch"):
        nn = import_module(name)
        nn.manual_seed(11)
        results.append(to_host(nn.Dropout(0.25)(nn.asarray(x))))
    np.testing.assert_array_equal(*results)
    np.testing.assert_array_equal(results[0][results[0] != 0], np.float32(1 / 0.75))
    scratch.manual_seed(12)
    assert not np.array_equal(scratch.Dropout(0.25)(x), results[0])


def test_every_forward_draws_a_key_of_64_bits():
    random.manual_seed(0)
    keys = np.array([random.philox_key() for _ in range(1000)])
    assert len(np.unique(keys)) == 2000
    assert (keys >= 0).all()
    assert (keys < 2**32).all()
    set_bits = (keys[:, :, None] >> np.arange(32) & 1).mean(axis=0)  # each bit in half of them
    assert np.abs(set_bits - 0.5).max() < hoeffding(1000, 64)


def hoeffding(count, tests):
    """How far a mean of `count` independent zeros and ones may be from its expectation, in any of some tests.

    P(|mean - expectation| >= t) <= 2 exp(-2 count t**2), for every probability of a one (Hoeffding, 1963); this is the
    t for which that is one in a million for all tests together. The binomial law's own tail is below.
    """
    return sqrt(log(2 * tests * 1e6) / (2 * count))


@each_namespace
@pytest.mark.parametrize("p", [0.02, 0.25, 0.5, 0.9])
def test_as_many_are_kept_as_should_be(p, namespace):
    """Of all, of each of the four words, and of neighbours both: what a shared bit would show."""
    nn, count = import_module(namespace), 4000 if namespace == "scratch.naive" else 400_000
    nn.manual_seed(5)
    keep = (to_host(nn.Dropout(p)(nn.asarray(np.ones(count, np.float32)))) != 0).reshape(-1, 4)
    q = 1 - p
    assert abs(keep.mean() - q) < hoeffding(count, 1)
    assert np.abs(keep.mean(axis=0) - q).max() < hoeffding(count // 4, 4)
    neighbours = [(keep[:, n] & np.roll(keep, -1, axis=1)[:, n]).mean() for n in range(4)]
    assert np.abs(np.array(neighbours) - q**2).max() < hoeffding(count // 4, 4)


@each_algorithm
def test_backward_belongs_to_its_own_forward(namespace, algorithm):
    """The key is kept with the forward: another layer's forward in between changes nothing."""
    nn = import_module(namespace)
    x = nn.asarray(np.ones((6, 7), np.float32))
    one, other = nn.Dropout(), nn.Dropout()
    one.algorithm = other.algorithm = algorithm
    y = one(x)
    other(x)
    np.testing.assert_array_equal(to_host(one.backward(x)), to_host(y))
    assert one.ran == algorithm


@each_namespace
def test_an_unknown_algorithm(namespace):
    nn = import_module(namespace)
    layer = nn.Dropout().eval()
    layer.algorithm = "mask"
    with pytest.raises(ValueError, match=rf"algorithm='mask': {namespace} has .* for Dropout"):
        layer(nn.asarray(np.ones(3, np.float32)))


@each_namespace
def test_channels_are_counted_as_numbers_are(namespace):
    """Dropout2d keeps channel n * C + c where Dropout keeps that number, in 3 and in 2 dimensions, too."""
    nn, key = import_module(namespace), (1, 2)
    keep = np.array([kept(i, 0.4, key) for i in range(6 * 5)]).reshape(6, 5)
    for shape, warns in (((6, 5, 2, 3), nullcontext()), ((6, 5, 2), pytest.warns(match="Dropout2d: x of shape")),
                         ((6, 5), pytest.warns(match="use Dropout"))):  # fmt: skip
        layer = nn.Dropout2d(0.4)
        layer.draw_key = lambda: key
        with warns:
            y = to_host(layer(nn.asarray(np.ones(shape))))
        np.testing.assert_array_equal(y, np.broadcast_to(keep.reshape(6, 5, *(1 for _ in shape[2:])) / 0.6, shape))
