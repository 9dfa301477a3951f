"""The stand-in for CuPy: it refuses what CuPy refuses, and gives what CuPy gives.

Where a GPU answers, CuPy itself goes through the same tables.
"""

import warnings

import numpy as np
import pytest

from gpu import asarray as to_gpu
from gpu.on_numpy import stand_in

ERRORS = (AttributeError, IndexError, NotImplementedError, TypeError, ValueError)
H = np.arange(-5, 7, dtype=np.float32).reshape(3, 4)


def assign(a, key, value):
    a[key] = value


def add_in_place(a, b):
    a += b


def largest_at(xp, values, places):
    largest = xp.zeros(3, values.dtype)
    xp.maximum.at(largest, places, values)
    return largest


# Each takes a namespace, an array of it, and an array on the host.
REFUSED = {
    "np.asarray(d)": lambda xp, d, h: np.asarray(d),
    "np.array(d)": lambda xp, d, h: np.array(d),
    "d + h": lambda xp, d, h: d + h,
    "h + d": lambda xp, d, h: h + d,
    "d += h": lambda xp, d, h: add_in_place(d, h),
    "h += d": lambda xp, d, h: add_in_place(h, d),
    "d < h": lambda xp, d, h: d < h,
    "d @ h": lambda xp, d, h: d @ h.T,
    "h @ d": lambda xp, d, h: h @ d.T,
    "d[:] = h": lambda xp, d, h: assign(d, slice(None), h),
    "np.add(d, h)": lambda xp, d, h: np.add(d, h),
    "np.add(h, h, out=d)": lambda xp, d, h: np.add(h, h, out=d),
    "exp(h)": lambda xp, d, h: xp.exp(h),
    "maximum(d, h)": lambda xp, d, h: xp.maximum(d, h),
    "maximum.at of integers of 64 bits": lambda xp, d, h: largest_at(xp, xp.arange(2), xp.asarray([0, 0])),
    "maximum(d, d, out=h)": lambda xp, d, h: xp.maximum(d, d, out=h),
    "where(h > 0, d, d)": lambda xp, d, h: xp.where(h > 0, d, d),
    "where(d > 0, d, h)": lambda xp, d, h: xp.where(d > 0, d, h),
    "copyto(d, h, where=d > 0)": lambda xp, d, h: xp.copyto(d, h, where=d > 0),
    "copyto(d, 0, where=h > 0)": lambda xp, d, h: xp.copyto(d, 0, where=h > 0),
    "exp(d, where=d > 0)": lambda xp, d, h: xp.exp(d, where=d > 0),
    "d.sum(where=d > 0)": lambda xp, d, h: d.sum(where=d > 0),
    "d.sum(initial=1)": lambda xp, d, h: d.sum(initial=1),
    "d.max(initial=1)": lambda xp, d, h: d.max(initial=1),
    "maximum.reduce(d)": lambda xp, d, h: xp.maximum.reduce(d),
    "vecdot(d, d)": lambda xp, d, h: xp.vecdot(d, d),
    "rfft2(h)": lambda xp, d, h: xp.fft.rfft2(h),
    "rfft2 of no image": lambda xp, d, h: xp.fft.rfft2(xp.zeros((0, 3, 4))),
    "irfft2 of no image": lambda xp, d, h: xp.fft.irfft2(xp.zeros((0, 3, 4)), s=(3, 4)),
    "an array of text": lambda xp, d, h: xp.asarray(np.array(["a"])),
    "an array of objects": lambda xp, d, h: xp.asarray(np.array([None])),
}

# CuPy takes these; gpu/ has no need of them, or a reason against them.
OWN_RULES = {
    # CuPy answers with its own function, if it has one of that name and arguments: easily a slip in array code.
    "np.exp(d)": lambda xp, d, h: np.exp(d),
    "np.sum(d)": lambda xp, d, h: np.sum(d),
    "np.where(d > 0, d, d)": lambda xp, d, h: np.where(d > 0, d, d),
    "np.zeros_like(d)": lambda xp, d, h: np.zeros_like(d),
    "np.clip(d, 0, 1)": lambda xp, d, h: np.clip(d, 0, 1),
    "np.add.reduce(d)": lambda xp, d, h: np.add.reduce(d),
    # Unordered atomics.
    "np.add.at(d, 0, 1)": lambda xp, d, h: np.add.at(d, 0, 1),
    # A transfer without a word.
    "d[[0, 1]]": lambda xp, d, h: d[[0, 1]],
    "d[h > 0]": lambda xp, d, h: d[h > 0],
    "d[:, [0, 1]]": lambda xp, d, h: d[:, [0, 1]],
    "take(d, positions on the host)": lambda xp, d, h: xp.take(d, np.array([0]), axis=0),
    # CuPy lets NumPy compute.
    "clip(h, 0, 1)": lambda xp, d, h: xp.clip(h, 0, 1),
    # Of a place named twice it is undefined which value wins.
    "d[[0, 0]] = 1": lambda xp, d, h: assign(d, xp.asarray([0, 0]), 1),
    "d[d > 0] = 1": lambda xp, d, h: assign(d, d > 0, 1),
    # Transposed operands are copied.
    "matmul in 3 dimensions": lambda xp, d, h: d[None] @ d.T,
    "einsum": lambda xp, d, h: xp.einsum("ij,ij->i", d, d),
    "tensordot": lambda xp, d, h: xp.tensordot(d, d, 2),
    # Memory of others would be read.
    "as_strided to beyond": lambda xp, d, h: xp.lib.stride_tricks.as_strided(d, (4, 4), d.strides),
    "as_strided to before": lambda xp, d, h: xp.lib.stride_tricks.as_strided(d, (2,), (-4,)),
}

# Each takes a namespace and an array of it; with NumPy as the namespace it gives what is right.
TAKEN = {
    "d * 2": lambda xp, d: d * 2,
    "2.5 - d": lambda xp, d: 2.5 - d,
    "d / np.float64": lambda xp, d: d / np.float64(3),
    "np.float32 * d": lambda xp, d: np.float32(3) * d,
    "d // 2": lambda xp, d: d // 2,
    "d % 2": lambda xp, d: d % 2,
    "d ** 2": lambda xp, d: d**2,
    "-abs(d)": lambda xp, d: -abs(d),
    "d @ d.T": lambda xp, d: d @ d.T,
    "d == d": lambda xp, d: d == d,  # noqa: PLR0124
    "~(d > 0) | (d < -2) & (d != 3)": lambda xp, d: ~(d > 0) | (d < -2) & (d != 3),
    "uint64 >> 32 & d": lambda xp, d: (abs(d).astype("uint64") * (2**32 + 1) >> 32) & 3 ^ 1,
    "2 * bool": lambda xp, d: 2 * ((d > 0) ^ (d <= 3)),
    "d[0]": lambda xp, d: d[0],
    "d[0, -1]": lambda xp, d: d[0, -1],
    "d[..., None, ::-2]": lambda xp, d: d[..., None, ::-2],
    "d[d > 0]": lambda xp, d: d[d > 0],
    "d[positions]": lambda xp, d: d[xp.asarray([2, 0, 0])],
    "d.sum()": lambda xp, d: d.sum(),
    "sum of bool": lambda xp, d: (d > 0).sum(axis=0),
    "d.sum(axis=(0, 1), keepdims=True)": lambda xp, d: d.sum(axis=(0, 1), keepdims=True),
    "d.mean(axis=1)": lambda xp, d: d.mean(axis=1),
    "d.max(axis=1)": lambda xp, d: d.max(axis=1),
    "d.min(axis=1)": lambda xp, d: d.min(axis=1),
    "d.argmax(axis=1)": lambda xp, d: d.argmax(axis=1),
    "d.any()": lambda xp, d: (d > 0).any(),
    "d.all()": lambda xp, d: (d > 0).all(),
    "d.T": lambda xp, d: d.T,
    "d.reshape(2, -1)": lambda xp, d: d.reshape(2, -1),
    "d.reshape((2, 6))": lambda xp, d: d.T.reshape((2, 6)),
    "d.swapaxes": lambda xp, d: d.swapaxes(0, 1),
    "d.copy()": lambda xp, d: d.copy(),
    "d.astype": lambda xp, d: d.astype("int64"),
    "arange": lambda xp, d: xp.arange(5),
    "asarray of a list": lambda xp, d: xp.asarray([0, 1]),
    "asarray of a number": lambda xp, d: xp.asarray(True),
    "asarray with dtype": lambda xp, d: xp.asarray(d[0, 0], dtype=np.float64),
    "ascontiguousarray": lambda xp, d: xp.ascontiguousarray(d.T),
    "broadcast_to": lambda xp, d: xp.broadcast_to(d[0], (2, 4)),
    "clip": lambda xp, d: xp.clip(d / (d != 1), -2.5, 3.0),
    "clip with NaN": lambda xp, d: xp.clip(d * 0 / (d - 1), -2.5, 3.0),
    "concatenate": lambda xp, d: xp.concatenate([d, d[:1]], axis=0),
    "conj": lambda xp, d: xp.conj(d + 1j),
    "exp": lambda xp, d: xp.exp(d * 0),
    "log": lambda xp, d: xp.log(d * 0),
    "sqrt": lambda xp, d: xp.sqrt(d * d),
    "full": lambda xp, d: xp.full((2, 3), -np.inf, d.dtype),
    "isfinite": lambda xp, d: xp.isfinite(d / (d - 1)),
    "linalg.norm": lambda xp, d: xp.linalg.norm(d[:2, :2] * 0 + 4),
    "maximum": lambda xp, d: xp.maximum(d / 0, 0),
    "maximum.at": lambda xp, d: largest_at(xp, d[0], xp.asarray([2, 0, 2, 0])),
    "moveaxis": lambda xp, d: xp.moveaxis(d[None], 0, -1),
    "ones": lambda xp, d: xp.ones(3, dtype=d.dtype),
    "rint": lambda xp, d: xp.rint(d / 2 + 10),
    "roll": lambda xp, d: xp.roll(d, 3, axis=1),
    "roll back": lambda xp, d: xp.roll(d, -1, axis=0),
    "take": lambda xp, d: xp.take(d, xp.asarray([2, 0, 0, 1]), axis=-1),
    "take nothing": lambda xp, d: xp.take(d, xp.arange(0), axis=0),
    "take of no image": lambda xp, d: xp.take(xp.zeros((0, 3)), xp.asarray([2, 0]), axis=-1),
    # Lengths 2 and 4: the transforms' factors are 1 and i, so that nothing is rounded.
    "rfft2, irfft2": lambda xp, d: xp.fft.irfft2(xp.fft.rfft2(d[:2] + 9), s=(2, 4)),
    "rfft2 filled up": lambda xp, d: xp.fft.irfft2(xp.fft.rfft2(d[:, :3] + 9, s=(4, 4)), s=(4, 4))[:3, :3],
    "rfft2 in single precision": lambda xp, d: abs(xp.fft.rfft2(d * 0)),
    "where": lambda xp, d: xp.where(d > 0, d, 0),
    "where with NaN": lambda xp, d: xp.where(d == 0, xp.nan, d),
    "zeros": lambda xp, d: xp.zeros((0, 2)),
    "zeros_like": lambda xp, d: xp.zeros_like(d),
    "as_strided": lambda xp, d: xp.lib.stride_tricks.as_strided(d, (2, 3, 2), (16, 4, 4)),
    "as_strided backwards": lambda xp, d: xp.lib.stride_tricks.as_strided(d[::-1], (2, 4), (-16, 4)),
}


@pytest.fixture(params=["stand_in", pytest.param("cupy", marks=pytest.mark.gpu)])
def side(request):
    """A namespace, and an array of it."""
    if request.param == "stand_in":
        return stand_in, stand_in.asarray(H)
    import cupy

    return cupy, to_gpu(H)


@pytest.mark.parametrize("what", REFUSED)
def test_refused(side, what):
    with pytest.raises(ERRORS):
        REFUSED[what](*side, H.copy())


@pytest.mark.parametrize("what", OWN_RULES)
def test_own_rules(what):
    with pytest.raises(ERRORS):
        OWN_RULES[what](stand_in, stand_in.asarray(H), H.copy())


@pytest.mark.parametrize("what", [*REFUSED, *OWN_RULES])
def test_numpy_alone_would_not_have_noticed(what):
    """Each rule is one that NumPy lacks: code that breaks it runs through on NumPy's arrays."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # exp(where=) without out
        (REFUSED | OWN_RULES)[what](np, H.copy(), H.copy())


@pytest.mark.parametrize("what", TAKEN)
def test_taken(side, what):
    xp, d = side
    got = TAKEN[what](xp, d)
    with np.errstate(all="ignore"):
        right = np.asarray(TAKEN[what](np, H))
    assert type(got) is type(d)
    assert got.dtype == right.dtype
    np.testing.assert_array_equal(got.get(), right)
    assert repr(got) == repr(right)


def test_take_does_not_leave_the_array():
    """As NumPy; CuPy begins again at the other end."""
    with pytest.raises(IndexError):
        stand_in.take(stand_in.asarray(H), stand_in.asarray([3]), axis=0)


def test_scalars_wait_for_the_device(side):
    _, d = side
    assert (float(d.sum()), int(d[0, 0]), bool(d[0, 0])) == (6.0, -5, True)


def test_views_share_memory(side):
    _, d = side
    d[0] += 1
    d[..., 1:2] = -1
    d[2, 0] = d[1, 0]
    single = d[1, 2]
    single *= 7
    right = H.copy()
    right[0] += 1
    right[..., 1:2] = -1
    right[2, 0] = right[1, 0]
    right[1, 2] *= 7
    np.testing.assert_array_equal(d.get(), right)


def test_to_and_from_the_host_is_a_copy(side):
    xp, _ = side
    host = H.copy()
    d = xp.asarray(host)
    host[0] = 99
    d.get()[1] = 99
    np.testing.assert_array_equal(d.get(), H)


def test_asarray_leaves_on_the_gpu_what_is_there(side):
    xp, d = side
    xp.asarray(d)[0, 0] = 99
    assert int(d[0, 0]) == 99


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint8"])
def test_empty_is_not_zero(dtype):
    assert (stand_in.empty((2, 3), dtype).get() != 0).all()


def test_nothing_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        d = stand_in.log(stand_in.asarray(H) * 0) - np.inf
        d /= 0
        d.astype("int64").sum()
