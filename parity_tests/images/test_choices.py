"""Which method runs, what dtype comes back, and what is refused."""

import numpy as np
import pytest

from scratch.images import choose_method, convolve2d, correlate2d, kernels, output_size
from scratch.images import filters as module
from scratch.images.borders import pad
from scratch.images.by_fft import serves
from scratch.images.separable import factors

IMAGE = np.random.default_rng(0).standard_normal((40, 30))
FULL_RANK = np.random.default_rng(1).standard_normal((31, 31))
BELL = np.outer(*[np.exp(-(np.arange(-12.0, 13) ** 2) / 18)] * 2)

CHOICES = [
    (IMAGE, kernels.LAPLACIAN, 1, "direct"),
    (IMAGE, np.ones((1, 7)), 1, "direct"),
    (IMAGE, np.ones((9, 9)), 1, "separable"),
    (IMAGE, BELL[:, :13], 1, "separable"),
    (IMAGE, BELL, 1, "fft"),
    (IMAGE, BELL, 2, "separable"),
    (IMAGE, kernels.GAUSSIAN, 1, "direct"),
    (IMAGE, FULL_RANK, 1, "fft"),
    (IMAGE, FULL_RANK, 20, "direct"),
    (np.where(IMAGE > 2, np.nan, IMAGE), FULL_RANK, 1, "direct"),
    (np.where(IMAGE > 2, -np.inf, IMAGE), FULL_RANK, 1, "direct"),
    (IMAGE * 1e305, FULL_RANK, 1, "direct"),
    (IMAGE.astype(np.float32) * 1e35, FULL_RANK, 1, "direct"),
    (IMAGE[..., None], FULL_RANK, 1, "fft"),
    (np.zeros((0, 40, 30, 1)), FULL_RANK, 1, "fft"),
]


@pytest.mark.parametrize(("image", "kernel", "stride", "method"), CHOICES)
def test_auto_runs_what_choose_method_tells(image, kernel, stride, method, monkeypatch):
    ran = []
    for name, its_module in module.METHODS.items():
        original = its_module.correlate

        def noting(*arguments, name=name, original=original):
            ran.append(name)
            return original(*arguments)

        monkeypatch.setattr(its_module, "correlate", noting)
    assert choose_method(image, kernel, stride=stride) == method
    correlate2d(image, kernel, stride=stride)
    assert ran[0] == method


def test_a_nan_stays_where_it_is():
    image = IMAGE.copy()
    image[20, 15] = np.nan
    image[0, 0] = np.inf
    plain = correlate2d(image, FULL_RANK[:13, :13])
    touched = correlate2d(~np.isfinite(image), np.ones((13, 13))) > 0
    assert np.array_equal(~np.isfinite(plain), touched)
    single = IMAGE.astype(np.float32)
    for unfit, factor in ((image, 1), (single * 1e35, 1e-4), (single * 1e-30, 1e37)):
        with pytest.raises(ValueError, match=r"method='fft' spreads a NaN, an infinity or an overflow"):
            correlate2d(unfit, FULL_RANK * factor, method="fft")
    assert serves(pad(IMAGE[None], ((6, 6), (6, 6))), FULL_RANK[:13, :13])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_separable_is_told_from_nearly_separable(dtype):
    """Rounded to the dtype, a column times a row stays one; a hundred roundings more, in one cell, and it is none."""
    bell = (BELL / BELL.sum()).astype(dtype)
    column, row = factors(bell)
    eps = np.finfo(dtype).eps
    assert np.all(np.abs(np.outer(column, row) - bell) <= sum(bell.shape) * eps * bell)
    bell[3, 2] *= 1 + dtype(100 * eps)
    assert factors(bell) is None
    assert factors(np.zeros((3, 2), dtype)) is not None
    assert not correlate2d(IMAGE, np.zeros((7, 7)), method="separable").any()


DTYPES = {"uint8": "float64", "int32": "float64", "bool": "float64", "float32": "float32", "float64": "float64"}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("method", ["loops", "direct", "separable", "fft", "auto"])
def test_dtype_of_the_result(dtype, method):
    image = np.ones((5, 4), dtype)
    assert correlate2d(image, np.ones((3, 3), np.int8), method=method).dtype == DTYPES[dtype]
    assert convolve2d(image, np.ones((3, 3)), method=method, dtype=np.int16).dtype == np.int16


def test_clip_and_rounding():
    image = np.array([[0.5, 1.5, 2.5, -0.5, 254.5, 255.4]])
    one = [[1]]
    assert correlate2d(image, one, dtype=np.uint8).tolist() == [[0, 2, 2, 0, 254, 255]]
    assert correlate2d(image, [[2]], clip=(0, 255), dtype=np.uint8).tolist() == [[1, 3, 5, 0, 255, 255]]
    assert correlate2d(image, one, clip=(1, 2)).tolist() == [[1, 1.5, 2, 1, 2, 2]]


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        *(
            (255.5, "uint8"),
            (-0.6, "uint8"),
            (127.6, "int8"),
            (-129.0, "int8"),
            (2.0**63, "int64"),
            (2.0**64, "uint64"),
        ),
        *((np.nan, "int32"), (np.inf, "uint8"), (1e39, "float32"), (7e4, "float16")),
    ],
)
def test_what_does_not_fit_is_refused(value, dtype):
    with pytest.raises(ValueError, match=rf"dtype={dtype} has no place for .* give clip="):
        correlate2d([[value]], [[1]], dtype=dtype)


@pytest.mark.parametrize(
    ("value", "dtype"),
    [(255.5 - 1e-9, "uint8"), (-0.5, "uint8"), (-(2.0**63), "int64"), (np.inf, "float32"), (65504.0, "float16")],
)
def test_what_just_fits_is_not(value, dtype):
    assert correlate2d([[value]], [[1]], dtype=dtype)[0, 0] == np.rint(value)


ONE = np.ones((3, 3))
REFUSALS = [
    ({"image": np.zeros(5)}, ValueError, r"image of shape \(5,\): \(H, W\), \(H, W, C\) or \(N, H, W, C\) is needed"),
    (
        {"image": np.zeros((2, 8, 8))},
        ValueError,
        r"shape \(2, 8, 8\): three axes are one colour image .*\[\.\.\., None",
    ),
    ({"image": np.zeros((2, 3, 8, 8))}, ValueError, r"shape \(2, 3, 8, 8\): four axes are N images \(N, H, W, C\)"),
    ({"image": np.zeros((0, 5))}, ValueError, r"image of shape \(0, 5\) has no pixel"),
    ({"image": np.zeros((5, 0, 3))}, ValueError, r"image of shape \(5, 0, 3\) has no pixel"),
    ({"image": np.zeros((5, 5), complex)}, TypeError, r"image of dtype complex128"),
    ({"image": np.zeros((5, 5), np.float16)}, TypeError, r"image of dtype float16"),
    ({"image": [["a"]]}, TypeError, r"image of dtype <U1"),
    ({"kernel": np.ones(3)}, ValueError, r"kernel of shape \(3,\): \(kH, kW\) is needed"),
    ({"kernel": np.ones((0, 3))}, ValueError, r"kernel of shape \(0, 3\)"),
    ({"kernel": [[1j]]}, TypeError, r"kernel of dtype complex128"),
    ({"kernel": [[np.nan]]}, ValueError, r"kernel: all numbers must be finite"),
    ({"kernel": [[1e300]], "image": np.ones((5, 5), np.float32)}, ValueError, r"must be finite, as float32 too"),
    ({"kernel": np.ones((6, 3)), "padding": "valid"}, ValueError, r"input of size \(5 x 5\).*\(6, 3\)"),
    ({"stride": 0}, ValueError, r"stride=0 must be at least 1"),
    ({"stride": 1.5}, TypeError, r"stride=1\.5: an int or a pair of ints"),
    ({"padding": -1}, ValueError, r"padding=-1 must be at least 0"),
    ({"padding": "Same"}, ValueError, r"padding='Same': a padding in words is 'valid', 'same' or 'full'"),
    (
        {"border": "edge"},
        ValueError,
        r"border='edge' must be one of 'zero', 'replicate', 'reflect', 'symmetric', 'circ",
    ),
    ({"method": "fast"}, ValueError, r"method='fast' must be one of 'auto', 'loops', 'direct', 'separable', 'fft'"),
    (
        {"method": "separable", "kernel": np.eye(3)},
        ValueError,
        r"method='separable' needs a kernel that is a column ti",
    ),
    ({"clip": 255}, TypeError, r"clip=255: two numbers"),
    ({"clip": (0, 1, 2)}, TypeError, r"two numbers"),
    ({"clip": (255, 0)}, ValueError, r"clip=\(255, 0\): the first number must not be larger"),
    ({"clip": (np.nan, 0)}, ValueError, r"the first number must not be larger"),
    ({"dtype": bool}, TypeError, r"dtype=bool: the result is of an integer or a floating dtype"),
    ({"dtype": complex}, TypeError, r"dtype=complex128"),
]


@pytest.mark.parametrize("function", [correlate2d, convolve2d])
@pytest.mark.parametrize(("changed", "error", "sentence"), REFUSALS)
def test_refusals(function, changed, error, sentence):
    arguments = {"image": np.ones((5, 5)), "kernel": ONE} | changed
    with pytest.raises(error, match=sentence):
        function(**arguments)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [((2, 3), r"\(2 x 2\)"), ((0, 1), r"size=0 must be at least 1"), ((8, 3, 1, "full size"), r"padding='full size'")],
)
def test_output_size_refuses(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        output_size(*arguments)
