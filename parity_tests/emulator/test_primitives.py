"""Each primitive that the emulator models, against its definition in the CUDA C++ Programming Guide."""

import numpy as np
import pytest

from gpu.emulator import Module, check
from gpu.emulator.check import SHARED_UNSET
from gpu.emulator.module import GUARDED_END, NAN_BYTE
from parity_tests.emulator.kernels import ASYNC_COPY, PRIMITIVES
from parity_tests.kernels import nvrtc

pytestmark = pytest.mark.gxx

NAMES = [
    "indices", "reverse_static<float>", "reverse_static<double>", "reverse_dynamic", "poison", "steps", "block_votes",
    "shuffles<float>", "shuffles<double>", "half_warps", "warp_votes", "warp_tile", "atomics", "to_half", "from_half",
    "vectors", "bits", "by_value", "shuffles<__half>", "warp_sums", "active", "atomic_bits", "histogram<int>",
    "histogram<unsigned>", "histogram<float>", "histogram<double>", "half_pairs",
]  # fmt: skip
ORDERS = [0, 1, 2, 3]


@pytest.fixture(scope="module")
def kernels():
    return Module(PRIMITIVES, "primitives.cu", NAMES)


@pytest.mark.parametrize("order", ORDERS)
def test_indices(kernels, order):
    out = np.full((4, 3, 2, 3, 2, 5, 6), -1, np.int32)  # grid z, y, x, block z, y, x
    kernels.launch("indices", (2, 3, 4), (5, 2, 3), [out], order=order)
    z, y, x, tz, ty, tx = np.indices(out.shape[:-1])
    np.testing.assert_array_equal(out, np.stack([x, y, z, tx, ty, tz], axis=-1))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_static_shared_memory_and_barrier(kernels, dtype, order):
    x = np.arange(288, dtype=dtype)
    y = np.empty_like(x)
    kernels.launch(
        "reverse_static<float>" if dtype == "float32" else "reverse_static<double>", (3,), (96,), [x, y], order=order
    )
    np.testing.assert_array_equal(y.reshape(3, 96), x.reshape(3, 96)[:, ::-1])


@pytest.mark.parametrize("threads", [1, 31, 33, 1024])
def test_dynamic_shared_memory(kernels, threads):
    x = np.arange(2.0 * threads, dtype=np.float32)
    y = np.empty_like(x)
    kernels.launch("reverse_dynamic", (2,), (threads,), [x, y], shared_bytes=4 * threads)
    np.testing.assert_array_equal(y.reshape(2, -1), x.reshape(2, -1)[:, ::-1])


def test_shared_memory_is_poisoned_before_each_block(kernels):
    y = np.zeros(6, np.float32)
    kernels.launch("poison", (3,), (6,), [y])
    assert np.isnan(y).all()
    kernels.launch("poison", (3,), (6,), [y], poison=1)
    assert (y.view(np.uint8) == 1).all()
    assert NAN_BYTE == 0xFF


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("threads", [1, 7, 32, 40])
def test_many_barriers(kernels, threads, order):
    x = np.arange(threads, dtype=np.int32)
    y, right = np.empty_like(x), x
    for _ in range(9):
        right = right + np.roll(right, -1)
    kernels.launch("steps", (1,), (threads,), [x, y, np.int32(9)], order=order)
    np.testing.assert_array_equal(y, right)


@pytest.mark.parametrize("votes", [np.ones(45), np.zeros(45), np.arange(45) % 3])
def test_votes_of_a_block(kernels, votes):
    x, y = votes.astype(np.int32), np.empty((45, 3), np.int32)
    kernels.launch("block_votes", (1,), (45,), [x, y])
    assert (y == [np.count_nonzero(x), x.all(), x.any()]).all()


def shuffled(x, argument, width):
    """The definition: which lane each of the four shuffles reads from, within segments of `width`."""
    lane = np.arange(32)
    segment, inside = lane - lane % width, lane % width
    sources = [
        segment + argument % width,
        np.where(inside >= argument, lane - argument, lane),
        np.where(inside + argument < width, lane + argument, lane),
        # "Can read from earlier groups, but not from later ones: then their own value."
        np.where((lane ^ argument) // width <= lane // width, lane ^ argument, lane),
    ]
    return np.stack([x.reshape(-1, 32)[:, source].ravel() for source in sources])


@pytest.mark.parametrize(("dtype", "of"), [("float32", "float"), ("float64", "double"), ("float16", "__half")])
@pytest.mark.parametrize("width", [32, 8])
@pytest.mark.parametrize("argument", [0, 1, 5, 16])
def test_shuffles(kernels, argument, width, dtype, of):
    x = np.random.default_rng(0).standard_normal(64).astype(dtype)
    y = np.empty((4, 64), x.dtype)
    kernels.launch(f"shuffles<{of}>", (1,), (64,), [x, y, np.int32(argument), np.int32(width)])
    if argument < width:  # beyond, up and down are not asked for
        np.testing.assert_array_equal(y, shuffled(x, argument, width))
    np.testing.assert_array_equal(y[[0, 3]], shuffled(x, argument, width)[[0, 3]])


def test_a_lane_that_does_not_exist_shows_nan(kernels):
    """On a GPU it is undefined what is read there, and `check` finds it; 20 threads have no lane 20."""
    x, y = np.ones(20, np.float32), np.empty((4, 20), np.float32)
    kernels.launch("shuffles<float>", (1,), (20,), [x, y, np.int32(16), np.int32(32)])
    np.testing.assert_array_equal(np.isnan(y[2]), [lane + 16 >= 20 and lane + 16 < 32 for lane in range(20)])
    (finding,) = check(kernels, "shuffles<float>", (1,), (20,), [x, y, np.int32(16), np.int32(32)])
    assert finding.kind == SHARED_UNSET


@pytest.mark.parametrize("order", ORDERS)
def test_parts_of_a_warp_exchange_by_themselves(kernels, order):
    x = np.arange(32, dtype=np.int32) ** 2
    y = np.empty_like(x)
    kernels.launch("half_warps", (1,), (32,), [x, y], order=order)
    pairs = x.reshape(-1, 2).sum(axis=1).repeat(2)
    np.testing.assert_array_equal(y, np.where(np.arange(32) < 16, pairs, 4 * pairs))


@pytest.mark.parametrize("votes", [np.ones(40), np.zeros(40), np.arange(40) % 3 == 0])
def test_votes_of_a_warp(kernels, votes):
    x, y = votes.astype(np.int32), np.empty((40, 3), np.uint32)
    kernels.launch("warp_votes", (1,), (40,), [x, y])
    for warp in (slice(0, 32), slice(32, 40)):
        ballot = sum(int(vote) << lane for lane, vote in enumerate(x[warp]))
        assert (y[warp] == [ballot, x[warp].any(), x[warp].all()]).all()


@pytest.mark.parametrize("order", ORDERS)
def test_sums_of_a_warp(kernels, order):
    x = np.random.default_rng(0).integers(-(2**31), 2**31, 64).astype(np.int32)
    y = np.empty((6, 64), np.int32)
    kernels.launch("warp_sums", (1,), (64,), [x, y], order=order)
    for which, function in enumerate([np.add, np.minimum, np.maximum, np.bitwise_and, np.bitwise_or, np.bitwise_xor]):
        right = function.reduce(x.reshape(4, 16), axis=1, dtype=np.int32).repeat(16)
        np.testing.assert_array_equal(y[which], right)


@pytest.mark.parametrize("order", ORDERS)
def test_active_lanes(kernels, order):
    count, y = np.zeros(1, np.int32), np.full(64, -1, np.int32)
    kernels.launch("active", (1,), (64,), [count, y], order=order)
    assert count == 64
    np.testing.assert_array_equal(np.sort(y), np.arange(64) // 2)


def test_syncwarp_is_enough_within_a_warp(kernels):
    x, y = np.arange(64, dtype=np.int32), np.empty(64, np.int32)
    assert check(kernels, "warp_tile", (1,), (64,), [x, y]) == []
    np.testing.assert_array_equal(y.reshape(2, 32), x.reshape(2, 32)[:, ::-1])


@pytest.mark.parametrize("order", ORDERS)
def test_atomics(kernels, order):
    x, y = np.arange(-50, 70, dtype=np.int32), np.array([0, 0, 0, 0, 0, 0], np.int32)
    kernels.launch("atomics", (3,), (40,), [x, y], order=order)
    np.testing.assert_array_equal(y, [x.sum(), -x.sum(), 69, -50, 77, 3])


def test_atomics_of_bits(kernels):
    x = np.random.default_rng(0).integers(0, 2**32, 5, np.uint32)
    y = np.array([2**32 - 1, 0, 0, 2**32 - 1], np.uint32)
    kernels.launch("atomic_bits", (1,), (5,), [x, y])
    np.testing.assert_array_equal(y, [np.bitwise_and.reduce(x), np.bitwise_or.reduce(x), np.bitwise_xor.reduce(x), 4])


@pytest.mark.parametrize(
    ("dtype", "of"), [("int32", "int"), ("uint32", "unsigned"), ("float32", "float"), ("float64", "double")]
)
def test_atomics_in_shared_memory(kernels, dtype, of):
    x = np.random.default_rng(0).integers(0, 8, 50).astype(np.int32)
    y = np.empty(8, dtype)
    assert check(kernels, f"histogram<{of}>", (1,), (32,), [x, y, np.int32(50)]) == []
    np.testing.assert_array_equal(y, np.bincount(x, minlength=8))


def test_pairs_of_halves(kernels):
    x = np.random.default_rng(0).standard_normal((8, 2)).astype(np.float16)
    y, sums = np.empty((8, 2, 2), np.float16), np.empty(8, np.float32)
    pairs = [x.view(np.float32).reshape(8), y.view(np.float32).reshape(16)]  # 4 bytes each
    kernels.launch("half_pairs", (1,), (8,), [*pairs, sums])
    np.testing.assert_array_equal(y[:, 0], x[:, ::-1])
    np.testing.assert_array_equal(y[:, 1], (x.astype(np.float32) / np.float32(3)).astype(np.float16))
    np.testing.assert_array_equal(sums, x[:, 0].astype(np.float32) + 2 * x[:, 1].astype(np.float32))


def test_half_precision_rounds_as_numpy_does():
    """All halves, and floats around each of them: between two halves, just beside, subnormal, too large, NaN."""
    kernels = Module(PRIMITIVES, "primitives.cu", NAMES)
    halves = np.arange(65536, dtype=np.uint16).view(np.float16)
    floats = np.empty(65536, np.float32)
    kernels.launch("from_half", (256,), (256,), [halves, floats])
    np.testing.assert_array_equal(floats, halves.astype(np.float32))
    finite = floats[np.isfinite(floats)]
    with np.errstate(over="ignore", invalid="ignore"):
        middle = (finite + np.nextafter(halves[np.isfinite(halves)], np.float16(np.inf)).astype(np.float32)) / 2
        x = np.concatenate(
            [floats, middle, np.nextafter(middle, np.float32(np.inf)), np.nextafter(middle, -np.float32(np.inf))]
        )
        x = np.resize(np.concatenate([x, np.float32([1e-8, 65519, 65520, 1e30, -1e30])]), (1024, 256)).astype(
            np.float32
        )
        y, right = np.empty(x.shape, np.float16), x.astype(np.float16)
    kernels.launch("to_half", (1024,), (256,), [x, y])
    np.testing.assert_array_equal(y, right)
    np.testing.assert_array_equal(np.signbit(y), np.signbit(right))


def test_vector_loads(kernels):
    x, y = np.arange(32, dtype=np.float32), np.empty(32, np.float32)
    kernels.launch("vectors", (1,), (8,), [x, y], guarded=GUARDED_END, alignment=16)
    np.testing.assert_array_equal(y.reshape(8, 4), x.reshape(8, 4)[:, ::-1])


def test_bits(kernels):
    x = np.array([1, 2, 12345, -7, 1 << 30], np.int32)
    y = np.empty((5, 5), np.int32)
    kernels.launch("bits", (1,), (5,), [np.where(x == 1 << 30, 8, x).astype(np.int32), y])
    for v, got in zip(np.where(x == 1 << 30, 8, x).tolist(), y.tolist(), strict=True):
        unsigned = v & 0xFFFFFFFF
        assert got == [unsigned.bit_count(), (unsigned & -unsigned).bit_length(), 32 - unsigned.bit_length(), 2 * v, v]


def test_structs_and_scalars_by_value(kernels):
    x, y = np.arange(4.0), np.empty(4)
    line = np.zeros((), np.dtype([("slope", np.int32), ("offset", np.float64)], align=True))
    line["slope"], line["offset"] = -3, 0.5
    kernels.launch("by_value", (1,), (4,), [x, y, line[()], np.bool_(True)])
    np.testing.assert_array_equal(y, -(-3 * x + 0.5))


COPIES = ["batches<float>", "batches<double>", "batches<float4>", "prefetch"]


@pytest.fixture(scope="module")
def copies():
    return Module(ASYNC_COPY, "copies.cu", COPIES)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("of", "floats"), [("float", 1), ("double", 2), ("float4", 4)])
@pytest.mark.parametrize("zeros", [0, 3, 4])
def test_a_copy_arrives_at_its_wait(copies, of, floats, zeros, order):
    """Before it there is poison; afterwards there is what x holds, its last bytes 0 if that is asked for."""
    x = np.random.default_rng(0).standard_normal((3, 20, floats)).astype(np.float32)
    y = np.zeros((4, 3, 20, floats), np.float32)
    view = np.float64 if of == "double" else np.float32
    passed = [each.reshape(-1).view(view) for each in (x, y)]
    if of == "float4":
        passed = [each.view([("", np.float32, 4)]) for each in passed]
    copies.launch(f"batches<{of}>", (1,), (20,), [*passed, np.int32(zeros)], order=order)
    right = x.copy()
    if zeros:
        right[2].reshape(20, floats).view(np.uint8)[:, -zeros:] = 0
    for waited in range(4):
        np.testing.assert_array_equal(y[waited, :waited], right[:waited])
        assert (y[waited, waited:].view(np.uint8) == NAN_BYTE).all()


def test_a_row_is_copied_ahead(copies):
    x, y = np.arange(7 * 40, dtype=np.float32).reshape(7, 40), np.empty(40, np.float32)
    assert check(copies, "prefetch", (1,), (40,), [x, y, np.int32(7)]) == []
    np.testing.assert_array_equal(y, x.sum(axis=0)[::-1])


@pytest.mark.skipif(not nvrtc.installed(), reason="NVRTC is not installed: the extra kernels brings it")
@pytest.mark.parametrize("architecture", ["sm_75", "sm_80", "sm_90"])
def test_cudas_own_compiler_knows_these_kernels(architecture):
    """Below compute capability 8.0 CUDA's header copies at once: the same results, without the overlap."""
    ok, log = nvrtc.compile_for(architecture, ASYNC_COPY, "copies.cu", COPIES)
    assert ok, log
    if architecture != "sm_75":
        ok, log = nvrtc.compile_for(architecture, PRIMITIVES, "primitives.cu", NAMES)
        assert ok, log
