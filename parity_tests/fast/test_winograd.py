"""Winograd's convolution: every geometry, every way to cut the work, and numbers that it must leave to others."""

import tracemalloc
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scratch
from parity_tests.harness.case import Spec
from parity_tests.harness.cases import CASES
from parity_tests.harness.comparison import Verdict
from parity_tests.harness.implementations import IMPLEMENTATIONS
from parity_tests.harness.inputs import layouts
from parity_tests.harness.laws.winograd import growth
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import judge, judge_tensor, reference
from scratch.fast import cook_toom as transforms
from scratch.fast import threads, winograd, winograd_blocks, winograd_both
from scratch.fast.winograd import LENGTHS, LESS_STRICT, STRICT
from scratch.geometry import Window2d

S = Spec.of
US = IMPLEMENTATIONS["scratch"]
NAMES = ("winograd", "winograd_fast")
SERVED = [
    case
    for case in CASES
    if isinstance(case, LayerCase) and "winograd" in case.algorithms(US) and case.data not in ("nan", "inf")
]
LARGER = [
    LayerCase(S("Conv2d", 16, 12, 3, padding=1), (7, 16, 15, 18)),
    LayerCase(S("Conv2d", 16, 12, 3, padding=1), (7, 16, 15, 18), "images"),
    LayerCase(S("Conv2d", 16, 12, 3, padding=1), (7, 16, 15, 18), "large mean"),
    LayerCase(S("Conv2d", 16, 12, 3, padding=1), (7, 16, 15, 18), "integers"),
    LayerCase(S("Conv2d", 9, 11, 5, padding=2), (6, 9, 13, 17)),
    LayerCase(S("Conv2d", 9, 11, 5, padding=2), (6, 9, 13, 17), "integers"),
    LayerCase(S("Conv2d", 9, 11, (3, 5), padding=(0, 7)), (6, 9, 13, 17)),
    LayerCase(S("Conv2d", 1, 2, (5, 3), bias=False), (1, 1, 30, 41)),
]
"""So many tiles that those of four outputs are taken."""

WAYS = {
    "as it is": {},
    "by filters": {"KERNEL_BYTES": 0},
    "small blocks": {"BLOCK_BYTES": 320_000},
    "smallest blocks": {"MOST_BYTES": 1},
    "smallest blocks, by filters": {"KERNEL_BYTES": 0, "MOST_BYTES": 1},
}
"""How the work is cut."""


def disagreements(case, dtype, algorithm, layout=None):
    findings = judge(case, US, dtype, algorithm=algorithm, layout=layout)
    assert {"y", "dx", "dweight"} <= {f.tensor for f in findings}
    return [f"{f.tensor}: {f.ours}" for f in findings if not f.ours.verdict.agrees]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("algorithm", NAMES)
@pytest.mark.parametrize("case", [*SERVED, *LARGER], ids=str)
def test_however_the_work_is_cut(case, algorithm, way, monkeypatch):
    for name, value in WAYS[way].items():
        monkeypatch.setattr(winograd_blocks, name, value)
    for dtype in case.dtypes:
        assert not disagreements(case, dtype, algorithm)


@pytest.mark.parametrize(
    ("algorithm", "case", "way", "blocks"),
    [
        ("winograd_fast", LARGER[0], "as it is", [7]),
        ("winograd_fast", LARGER[0], "small blocks", [2, 2, 2, 1]),
        ("winograd_fast", LARGER[0], "smallest blocks", []),
        ("winograd_fast", LARGER[0], "by filters", []),
        ("winograd_fast", LARGER[4], "as it is", []),  # its bound would be above that of the law
        ("winograd", LARGER[0], "as it is", []),
    ],
)
def test_where_both_gradients_come_from_the_same_tiles(algorithm, case, way, blocks, monkeypatch):
    for name, value in WAYS[way].items():
        monkeypatch.setattr(winograd_blocks, name, value)
    found, of_block = [], winograd_both.Spread.block

    def noting(self, block, size):
        found.append(block.shape[0])
        return of_block(self, block, size)

    monkeypatch.setattr(winograd_both.Spread, "block", noting)
    assert not disagreements(case, "float32", algorithm)
    assert found == blocks


def test_the_bounds_of_dx_are_those_of_its_law_or_less():
    """dx = B.T ((A dy) * (G weight)): what the overlapping tiles of an axis add up to."""
    for F in (F for table in (STRICT, LESS_STRICT) for some in table for F in some):
        A, B, G = (np.abs(matrix) for matrix in transforms.arrays(F, np.float64))
        each = B.T @ (A.sum(axis=1) * G.sum(axis=1))  # of the cells of a tile
        cells = np.zeros(3 * F.m + len(each))
        for tile in range(4):
            cells[tile * F.m : tile * F.m + len(each)] += each
        assert winograd_both.errs_no_more(F) == (cells.max() <= growth(F))


@pytest.mark.parametrize("algorithm", NAMES)
@pytest.mark.parametrize("case", LARGER, ids=str)
def test_in_any_memory_layout(case, algorithm):
    for place in layouts(np.asarray).values():
        assert not disagreements(case, "float32", algorithm, place)


def numbers(finding):
    """How many numbers a tensor has."""
    return sum(finding.ours.counts)


lengths = st.sampled_from(LENGTHS)


@settings(deadline=None)
@given(st.data(), st.sampled_from(NAMES), st.sampled_from(list(WAYS.values())))
def test_any_geometry(data, algorithm, way):
    kernel = data.draw(st.tuples(lengths, lengths))
    padding = data.draw(st.tuples(st.integers(0, 7), st.integers(0, 7)))
    size = tuple(data.draw(st.integers(max(1, k - 2 * p), 14)) for k, p in zip(kernel, padding, strict=True))
    C, O, N = (data.draw(st.integers(1, 4)) for _ in range(3))
    case = LayerCase(S("Conv2d", C, O, kernel, padding=padding), (N, C, *size))
    with patch.multiple(winograd_blocks, **{"KERNEL_BYTES": winograd_blocks.KERNEL_BYTES} | way):
        findings = judge(case, US, "float32", algorithm=algorithm)
    # The index is the root mean square of a tensor's errors, in which one or a few may be large by chance.
    bad = [f for f in findings if f.ours.verdict is Verdict.WRONG or (not f.ours.verdict.agrees and numbers(f) >= 64)]
    assert not [f"{f.tensor}: {f.ours}" for f in bad]


@pytest.mark.parametrize(
    "transforms", [some for table in (STRICT, LESS_STRICT) for some in zip(LENGTHS, table, strict=True)]
)
def test_all_transforms_of_the_tables(transforms, monkeypatch):
    """Each of them alone, whatever the choice would be."""
    k, choices = transforms
    case = LayerCase(S("Conv2d", 5, 6, k, padding=1), (3, 5, 11, 14))
    for F in choices:
        table = tuple((F,) if F.r == r else () for r in LENGTHS)
        for algorithm, name in ((winograd.strict, "winograd"), (winograd.fast, "winograd_fast")):
            if F in algorithm.table[LENGTHS.index(k)]:
                only = winograd.Winograd(table, algorithm.precisions)
                monkeypatch.setitem(scratch.backend.conv2d, name, only)
                assert not disagreements(case, "float32", name)


def run(x, weight, dy, algorithm="winograd", padding=1, bias=None):
    """Every tensor, and what ran."""
    layer = scratch.Conv2d(weight.shape[1], len(weight), weight.shape[2:], padding=padding, dtype=x.dtype)
    layer.weight.data = weight
    layer.bias.data = np.zeros(len(weight), x.dtype) if bias is None else bias
    layer.algorithm = algorithm
    with np.errstate(all="ignore"):
        y = layer(x)
        dx = layer.backward(dy)
    return {"y": y, "dx": dx, "dweight": layer.weight.grad, "dbias": layer.bias.grad}, layer.ran


def arrays(dtype=np.float32):
    generator = np.random.default_rng(1)
    shapes = (2, 4, 9, 11), (5, 4, 3, 3), (2, 5, 9, 11)
    return [generator.standard_normal(shape).astype(dtype) for shape in shapes]


@pytest.mark.parametrize("where", range(3))
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_goes_the_direct_way(value, where):
    """One number: the same outputs are finite, bit for bit those of direct convolution."""
    numbers = arrays()
    numbers[where][1, 2, 1, 2] = value
    (ours, ran), (direct, _) = run(*numbers), run(*numbers, algorithm="im2col")
    assert ran == ("winograd" if where == 2 else "im2col")
    for name in direct:
        if where == 2 and name == "y":
            continue
        np.testing.assert_array_equal(ours[name], direct[name], err_msg=name)


def test_no_warning_of_an_infinity_that_direct_convolution_has_none_of():
    """The transforms would multiply it by 0: it is found before."""
    x, weight, _ = arrays()
    x[1, 2, 4, 5] = np.inf
    with np.errstate(all="raise"):
        winograd.strict.conv2d(x, weight, None, Window2d.of(3, padding=1))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("factor", [1.0, 1e-2, 1e-4])
@pytest.mark.parametrize("where", [(0,), (1,), (0, 1), (0, 2), (1, 2)])
@pytest.mark.parametrize("algorithm", NAMES)
def test_no_infinity_that_direct_convolution_would_not_make(algorithm, where, factor, dtype):
    """Numbers near the largest float, or whose products are: the transforms would overflow."""
    numbers = arrays(dtype)
    size = float(np.finfo(dtype).max) / 100 * factor
    for each in where:
        numbers[each] *= dtype(size ** (1 / len(where)))
    with scratch.precision("fast"):
        (ours, _), (direct, _) = run(*numbers, algorithm), run(*numbers, "im2col")
    for name, want in direct.items():
        assert np.array_equal(np.isfinite(ours[name]), np.isfinite(want)), name
        finite = want[np.isfinite(want)]
        assert np.isfinite(ours[name]).any()
        np.testing.assert_allclose(
            ours[name][np.isfinite(want)], finite, rtol=0, atol=1e-5 * float(np.abs(finite).max()), err_msg=name
        )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("partner", ["weight", "dy"])
@pytest.mark.parametrize("F", [F for table in (STRICT, LESS_STRICT) for some in table for F in some])
def test_no_infinity_of_numbers_that_fit_the_transforms_best(F, partner, dtype, monkeypatch):
    """Signs like a row of B, and of G or A, make the largest numbers in between: that overflows, no output does."""
    only = winograd.Winograd(tuple((F,) if F.r == r else () for r in LENGTHS), ("strict",))
    monkeypatch.setitem(scratch.backend.conv2d, "winograd", only)
    A, B, G = transforms.arrays(F, dtype)
    other = G if partner == "weight" else A
    t = int(np.argmax(np.abs(B).sum(axis=1) * np.abs(other).sum(axis=1)))
    root = np.sqrt(np.finfo(dtype).max)

    def fitting(matrix, norm):
        pattern = np.sign(np.outer(matrix[t], matrix[t]))
        return (pattern / np.linalg.norm(pattern) * norm).astype(dtype)[None, None]

    x, y = fitting(B, 0.9 * root), fitting(other, 0.9 * root)
    with np.errstate(all="ignore"):
        assert not np.isfinite((B[t] @ x[0, 0] @ B[t]) * (other[t] @ y[0, 0] @ other[t]))
    weight, dy = (
        (y, np.zeros((1, 1, F.m, F.m), dtype)) if partner == "weight" else (np.zeros((1, 1, F.r, F.r), dtype), y)
    )
    ours, direct = (run(x, weight, dy, algorithm, padding=0)[0] for algorithm in ("winograd", "im2col"))
    for name, want in direct.items():
        assert np.isfinite(want).all(), name
        np.testing.assert_array_equal(ours[name], want, err_msg=name)


def test_a_bias_that_is_not_finite_stays_in_its_channel():
    x, weight, dy = arrays()
    bias = np.array([0, np.inf, 1, np.nan, -2], np.float32)
    (ours, ran), (direct, _) = run(x, weight, dy, bias=bias), run(x, weight, dy, "im2col", bias=bias)
    assert ran == "winograd"
    assert np.array_equal(np.isfinite(ours["y"]), np.isfinite(direct["y"]))


@pytest.mark.parametrize("way", WAYS)
def test_in_any_number_of_threads(way, monkeypatch):
    """BLAS adds in another order for matrices of another shape; more than that does not change."""
    for name, value in WAYS[way].items():
        monkeypatch.setattr(winograd_blocks, name, value)
    for count in (1, 2, 3):
        monkeypatch.setattr(
            threads, "parts", lambda N, flops, k=count: [slice(N * i // k, N * (i + 1) // k) for i in range(k)]
        )
        for case in (LARGER[0], LARGER[6], LARGER[7]):
            assert not disagreements(case, "float32", "winograd")


@pytest.mark.parametrize(("C", "O", "size"), [(8, 12, (48, 64)), (160, 200, (5, 4)), (300, 400, (3, 3))])
def test_memory_does_not_grow_with_the_batch(C, O, size):
    peaks = []
    for batch in (40, 120):
        generator = np.random.default_rng(0)
        x = generator.random((batch, C, *size), np.float32)
        layer = scratch.Conv2d(C, O, 3, padding=1)
        layer.algorithm = "winograd"
        scratch.fast.workspace.clear()
        tracemalloc.start()
        try:
            y = layer(x)
            forward = tracemalloc.get_traced_memory()[1] - y.nbytes
            dy = generator.random(y.shape, np.float32)
            before = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
            layer.backward(dy)
            backward = tracemalloc.get_traced_memory()[1] - before - x.nbytes - 2 * layer.weight.data.nbytes
        finally:
            tracemalloc.stop()
        peaks.append((forward, backward))
    assert max(*peaks[0], *peaks[1]) < 64 * 2**20, peaks


def test_the_forward_keeps_references_only():
    x, weight, _ = arrays()
    _, saved = winograd.strict.conv2d(x, weight, None, Window2d.of(3))
    assert saved[0] is x
    assert saved[1] is weight


@pytest.mark.parametrize(
    ("window", "groups", "served"),
    [
        (Window2d.of(3), 1, True),
        (Window2d.of((5, 3), padding=9), 1, True),
        (Window2d.of(3, stride=(1, 2)), 1, False),
        (Window2d.of(3, dilation=(2, 1)), 1, False),
        (Window2d.of((3, 4)), 1, False),
        (Window2d.of(7), 1, False),
        (Window2d.of(3), 2, False),
    ],
    ids=str,
)
def test_what_it_serves(window, groups, served):
    shape = (8, 8 // groups, *window.kernel_size)
    assert winograd.strict.serves(shape, window, groups) == served
    assert not winograd.fast.serves(shape, window, groups)
    with scratch.precision("fast"):
        assert winograd.strict.serves(shape, window, groups) == winograd.fast.serves(shape, window, groups) == served


@pytest.mark.parametrize(
    ("N", "C", "size", "precision", "ran"),
    [
        (2, 64, 30, "strict", "winograd"),
        (2, 64, 30, "fast", "winograd_fast"),
        (2, 8, 30, "fast", "banded"),
        (1, 64, 14, "strict", "im2col"),
    ],
)
def test_it_is_chosen_where_it_is_worth_it(N, C, size, precision, ran):
    layer = scratch.Conv2d(C, C, 3, padding=1)
    with scratch.precision(precision):
        layer(np.zeros((N, C, size, size), np.float32))
    assert layer.ran == ran


def test_the_fast_one_errs_more_than_the_strict_one_and_less_than_its_law_allows():
    """Else its law, or its name, would be idle."""
    case = LARGER[0]
    strict, fast = ({f.tensor: f.ours for f in judge(case, US, "float32", algorithm=name)} for name in NAMES)
    should = reference(case, "float32", 0)
    for tensor in ("y", "dx", "dweight"):
        scales = [np.mean(np.square(should.laws_of(name)[tensor].scale)) ** 0.5 for name in NAMES]
        assert fast[tensor].index * scales[1] > 2 * strict[tensor].index * scales[0]
        assert 0.02 < fast[tensor].index < 1


@pytest.mark.parametrize("case", [*SERVED, *LARGER], ids=str)
def test_the_strict_one_is_as_accurate_as_direct_convolution_on_finite_data(case):
    """By the precision index of the ordinary law, in float32: at most 1, and exact where sums of integers are."""
    should = reference(case, "float32", 0)
    ours = case.run(scratch, should.inputs, "winograd")
    for tensor in ("y", "dx", "dweight"):
        found = judge_tensor(ours[tensor], should.oracle[tensor], should.laws, tensor, "float32")
        assert found.index <= 1, tensor
        if case.data == "integers":
            assert found.verdict is Verdict.EXACT, tensor
