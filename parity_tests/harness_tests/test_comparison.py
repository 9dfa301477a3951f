"""The verdicts, from errors of known size on both sides of each threshold, and everything that is wrong at once;
how many elements have which error, and where."""

import math

import numpy as np
import pytest

from parity_tests.harness.comparison import EDGES, EXACT, Law, Verdict, as_dict, compare

SHAPE = (2, 3)
HARD, SCALE = 1.0, 0.25
LAW = Law(np.full(SHAPE, HARD), np.full(SHAPE, SCALE))
ZERO = np.zeros(SHAPE)


def above(value: float) -> float:
    """The next float32."""
    return float(np.nextafter(np.float32(value), np.float32(np.inf)))


def below(value: float) -> float:
    """The float32 before."""
    return float(np.nextafter(np.float32(value), np.float32(0)))


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (0.0, "exact"),
        (-0.0, "exact"),  # a zero has no sign here: no two libraries agree on that of ReLU(-0.0)
        (1e-45, "accurate"),
        (below(SCALE), "accurate"),
        (SCALE, "accurate"),
        (above(SCALE), "imprecise"),
        (below(HARD), "imprecise"),
        (HARD, "imprecise"),
        (above(HARD), "wrong"),
        (1e30, "wrong"),
    ],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_an_error_everywhere(error: float, verdict: str, sign: int):
    found = compare(np.full(SHAPE, sign * error, np.float32), ZERO, LAW, np.float32)
    assert found.verdict == verdict
    assert found.verdict.agrees == (verdict in ("exact", "accurate"))
    assert (found.worst, found.index) == pytest.approx((error / HARD, error / SCALE))


@pytest.mark.parametrize(
    ("error", "verdict"),
    [(0.6, "accurate"), (0.62, "imprecise"), (1.0, "imprecise"), (1.01, "wrong")],
)
def test_an_error_in_one_of_six(error: float, verdict: str):
    """The hard bound is for each element, the index is a root mean square: sqrt(1/6) of the error here."""
    got = np.zeros(SHAPE, np.float32)
    got[1, 0] = error
    found = compare(got, ZERO, LAW, np.float32)
    assert found.verdict == verdict
    assert found.worst == pytest.approx(error)
    assert found.index == pytest.approx(error / math.sqrt(6) / SCALE)
    assert (found.at, found.got, found.want) == ((1, 0), float(np.float32(error)), 0.0)


def test_exact_is_the_correctly_rounded_result():
    want = np.array([1 / 3, math.pi, -1e-10])
    rounded = want.astype(np.float32)
    law = Law(1e-6 * np.abs(want), 1e-6 * np.abs(want))
    assert compare(rounded, want, EXACT, np.float32).verdict is Verdict.EXACT
    assert compare(rounded, want, law, np.float32).verdict is Verdict.EXACT
    neighbour = np.nextafter(rounded, np.float32(9))
    assert compare(neighbour, want, law, np.float32).verdict is Verdict.ACCURATE
    found = compare(neighbour, want, EXACT, np.float32)
    assert (found.verdict, found.worst, found.index) == (Verdict.IMPRECISE, math.inf, math.inf)


def test_norm_wise_right_is_imprecise_and_not_wrong():
    """Every error is beyond its own bound here; what counts then is the largest number of the tensor, 4."""
    want = np.array([4.0, 1e-9, -1e-9])
    for law in (EXACT, Law(1e-12 * np.abs(want), 1e-12 * np.abs(want))):
        for epsilons, verdict in ((7.9, Verdict.IMPRECISE), (8.1, Verdict.WRONG)):
            error = epsilons * 4 * np.finfo(np.float32).eps
            found = compare((want + np.array([0, error, 0])).astype(np.float32), want, law, np.float32)
            assert (found.verdict, found.at) == (verdict, (1,))


def test_the_worst_place_is_the_worst_by_the_law():
    """An error that is small in size and large beside its bound is worse than the reverse."""
    hard = np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 1e-3]])
    got = np.array([[0.0, 0.5, 0.0], [0.0, 0.0, 0.9e-3]])
    found = compare(got, ZERO, Law(hard, LAW.scale), np.float64)
    assert (found.at, found.got, found.want, found.worst) == ((1, 2), 0.9e-3, 0.0, pytest.approx(0.9))


def test_no_error_is_allowed_where_the_bound_is_zero():
    hard = np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]])
    got = np.array([[0.5, 0.0, 0.0], [0.0, 0.0, 1e-300]])
    found = compare(got, ZERO, Law(hard, LAW.scale), np.float64)
    assert (found.verdict, found.worst, found.at) == (Verdict.WRONG, math.inf, (1, 2))


@pytest.mark.parametrize("shape", [(3, 2), (6,), (1, 2, 3), (2, 1), (), (0, 3)])
def test_another_shape_is_wrong(shape: tuple[int, ...]):
    found = compare(np.zeros(shape, np.float32), ZERO, LAW, np.float32)
    assert (found.verdict, found.at) == (Verdict.WRONG, None)
    assert found.reason == f"has shape {shape}, should have (2, 3)"


@pytest.mark.parametrize("dtype", ["float64", "float16", "int64", "complex64", "bool", ">f4", "object"])
def test_another_dtype_is_wrong(dtype: str):
    found = compare(np.zeros(SHAPE, dtype), ZERO, LAW, np.float32)
    assert found.verdict is Verdict.WRONG
    assert "should have float32" in found.reason


@pytest.mark.parametrize("got", [None, 0.0, [[0.0] * 3] * 2, "zeros"])
def test_what_is_no_array_is_wrong(got: object):
    found = compare(got, ZERO, LAW, np.float32)
    assert (found.verdict, found.reason) == (Verdict.WRONG, f"is a {type(got).__name__}, not an array")


@pytest.mark.parametrize(
    ("got", "want", "agree"),
    [
        (np.nan, np.nan, True),
        (np.inf, np.inf, True),
        (-np.inf, -np.inf, True),
        (np.nan, 0.0, False),
        (0.0, np.nan, False),
        (np.inf, 0.0, False),
        (0.0, np.inf, False),
        (np.inf, -np.inf, False),
        (np.nan, np.inf, False),
        (np.inf, np.nan, False),
    ],
)
@pytest.mark.parametrize("law", [EXACT, LAW], ids=["exact", "law"])
@pytest.mark.parametrize("elsewhere", [0.0, 0.1])
def test_what_is_not_finite_has_to_be_the_same(got: float, want: float, agree: bool, law: Law | None, elsewhere: float):
    mine, its = np.zeros(SHAPE, np.float32), ZERO.copy()
    mine[0, 2], its[0, 2], mine[1, 1] = got, want, 0.0 if law is EXACT else elsewhere
    found = compare(mine, its, law, np.float32)
    assert found.verdict.agrees == agree
    if not agree:
        assert (found.at, found.reason) == ((0, 2), "differs in what is finite")
        assert (str(found.got), str(found.want)) == (str(got), str(want))


def test_the_index_counts_finite_elements_only():
    """One NaN among errors does not hide them, and does not thin them out."""
    got, want = np.full(SHAPE, above(SCALE), np.float32), ZERO.copy()
    got[0, 0] = want[0, 0] = np.nan
    scale = np.where(np.isnan(want), np.nan, SCALE)
    assert compare(got, want, Law(np.where(np.isnan(want), np.nan, HARD), scale), np.float32).verdict == "imprecise"


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0, 4)])
@pytest.mark.parametrize("law", [EXACT, "empty"], ids=str)
def test_empty_arrays_agree_if_they_are_alike(shape: tuple[int, ...], law: object):
    bounds = EXACT if law is EXACT else Law(np.zeros(shape), np.zeros(shape))
    assert compare(np.zeros(shape, np.float32), np.zeros(shape), bounds, np.float32).verdict is Verdict.EXACT
    assert compare(np.zeros(shape, np.float64), np.zeros(shape), bounds, np.float32).verdict is Verdict.WRONG
    assert compare(np.zeros((*shape, 1), np.float32), np.zeros(shape), bounds, np.float32).verdict is Verdict.WRONG


def test_a_single_number():
    law = Law(np.array(1.0), np.array(0.25))
    assert compare(np.float32(0.1), np.array(0.0), law, np.float32).at == ()
    assert compare(np.float32(2.0), np.array(0.0), law, np.float32).verdict is Verdict.WRONG


@pytest.mark.parametrize("which", ["hard", "scale"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_law_without_a_bound_is_refused(which: str, value: float):
    """It would let anything pass where the oracle is finite; where it is not, no bound is needed."""
    law = Law(LAW.hard.copy(), LAW.scale.copy())
    getattr(law, which)[1, 1] = value
    got, want = np.full(SHAPE, 0.1, np.float32), ZERO.copy()
    with pytest.raises(ValueError, match="mend the law"):
        compare(got, want, law, np.float32)
    got[1, 1] = want[1, 1] = np.inf
    assert compare(got, want, law, np.float32).verdict is Verdict.ACCURATE


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int64"])
def test_integers_have_to_be_equal(dtype: str):
    limits = np.iinfo(dtype)
    want = np.array([1, 2, limits.min, 4], dtype)
    assert compare(want.copy(), want, EXACT, dtype).verdict is Verdict.EXACT
    got = want.copy()
    got[2] = limits.max  # a difference that does not fit into the dtype
    got[3] = 5
    found = compare(got, want, EXACT, dtype)
    assert (found.verdict, found.at) == (Verdict.WRONG, (2,))
    assert (found.got, found.want) == (float(limits.max), float(limits.min))


BINS = len(EDGES) + 2


def histogram(bins: dict[int, int]) -> tuple[int, ...]:
    """Counts, from those that are not 0."""
    return tuple(bins.get(position, 0) for position in range(BINS))


@pytest.mark.parametrize(
    ("fraction", "position"),
    [(1e-9, 1), (1e-4, 1), (1.1e-4, 2), (0.3, 8), (0.9, 9), (1.0, 9), (1.1, 10), (10.0, 10), (11.0, 11)],
)
def test_the_histogram_has_each_element_in_its_bin(fraction: float, position: int):
    got = np.zeros(SHAPE)
    got[1, 2] = fraction * HARD
    found = compare(got, ZERO, LAW, np.float64)
    assert found.counts == histogram({0: 5, position: 1})


def test_the_histogram_of_what_is_not_a_matter_of_size():
    """Exact is a rounded third; what is finite and should not be, or the reverse, is beyond everything."""
    want = np.array([[1 / 3, np.nan, np.nan], [np.inf, 1.0, 2.0]])
    got = np.array([[1 / 3, np.nan, 1.0], [-np.inf, np.inf, 2.5]], np.float32)
    assert compare(got, want, LAW, np.float32).counts == histogram({0: 2, 9: 1, BINS - 1: 3})
    assert compare(got, want, EXACT, np.float32).counts == histogram({0: 2, BINS - 1: 4})
    assert compare(ZERO, ZERO, LAW, np.float64).counts == histogram({0: 6})
    assert compare(np.zeros((0, 3)), np.zeros((0, 3)), LAW, np.float64).counts == histogram({})
    assert compare(np.zeros((3, 2)), ZERO, LAW, np.float64).counts == ()


@pytest.mark.parametrize(("error", "agree"), [(0.5, True), (2.0, False)])
def test_where_the_errors_are_is_kept_of_what_disagrees(error: float, agree: bool):
    shape = (2, 3, 4, 5)
    got = np.zeros(shape)
    got[1, 0, 2, 3], got[1, 0, 3, 0], got[0, 0, 0, 0] = error, 0.25, 0.125
    plane = compare(got, np.zeros(shape), Law(np.ones(shape), np.ones(shape)), np.float64).plane
    assert (plane is None) == agree
    if plane is not None:
        assert plane.corner == (1, 0, 0, 0)
        assert np.array_equal(plane.fractions, got[1, 0])


@pytest.mark.parametrize(
    ("shape", "at", "corner", "kept"),
    [
        ((), (), (), (1, 1)),
        ((3,), (2,), (0,), (1, 3)),
        ((100,), (99,), (76,), (1, 24)),
        ((2, 100, 30), (1, 50, 0), (1, 38, 0), (24, 24)),
        ((100, 10), (3, 9), (0, 0), (24, 10)),
    ],
)
@pytest.mark.parametrize("law", [EXACT, "a law"], ids=str)
def test_of_a_large_plane_the_surroundings_of_the_worst_element(
    shape: tuple[int, ...], at: tuple[int, ...], corner: tuple[int, ...], kept: tuple[int, int], law: object
):
    got = np.zeros(shape)
    got[at] = 3.0
    bounds = EXACT if law is EXACT else Law(np.ones(shape), np.ones(shape))
    found = compare(got, np.zeros(shape), bounds, np.float64)
    assert found.at == at
    assert found.plane is not None
    assert (found.plane.corner, found.plane.fractions.shape) == (corner, kept)
    inside = tuple(place - start for place, start in zip(at[-2:], corner[-2:], strict=True))
    assert found.plane.fractions[(0,) * (2 - len(inside)) + inside] == (np.inf if law is EXACT else 3.0)
    assert found.plane.fractions.sum() == found.plane.fractions.max()


def test_as_a_dictionary_without_the_picture():
    found = compare(np.full(SHAPE, 2.0), ZERO, LAW, np.float64)
    expected = {"verdict": "wrong", "worst": 2.0, "at": (0, 0), "got": 2.0, "want": 0.0, "reason": ""}
    described = as_dict(found)
    assert described == expected | {"index": 8.0, "counts": histogram({10: 6})}
