"""The filters and pools of every namespace against those of `scratch`, which the tests in parity_tests/images judge."""

import inspect
import itertools
import re
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scratch
from gpu.filters import by_fft, direct
from gpu.on_numpy import stand_in
from parity_tests.harness.comparison import compare
from parity_tests.images.referees import law
from parity_tests.images.test_choices import REFUSALS
from scratch.array import to_host
from scratch.images import convolve2d, correlate2d, kernels
from scratch.images.borders import BORDERS
from scratch.images.filters import padding_of
from scratch.images.layout import working_dtype

GPU = pytest.param("gpu", marks=pytest.mark.gpu)
ARRAY_CODE = ["gpu.on_numpy", GPU]
METHODS = ["direct", "separable", "fft"]
ON_ARRAYS = [*itertools.product(["gpu.on_numpy"], METHODS), *(pytest.param("gpu", m, marks=GPU.marks) for m in METHODS)]
EVERYWHERE = [("scratch.naive", "loops"), *ON_ARRAYS]
RNG = np.random.default_rng(0)
IMAGE = RNG.standard_normal((40, 30))
FULL_RANK = RNG.standard_normal((31, 31))
BELL = np.outer(*[np.exp(-(np.arange(-9.0, 10) ** 2) / 18)] * 2)


def draw(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "f":
        return rng.standard_normal(shape).astype(dtype)
    return rng.integers(0, 2 if np.dtype(dtype) == bool else 100, shape).astype(dtype)


def kernel_for(method, size, dtype=np.float64):
    """Random numbers; for "separable" a column times a row, in the dtype that is computed in."""
    if method != "separable":
        return draw(size, dtype, 1)
    return draw((size[0], 1), dtype, 1) * draw((1, size[1]), dtype, 2)


def check(name, function, image, kernel, method, **geometry):
    """Run one case, and judge it by the method's law; what is right, `scratch` computes in float64."""
    nn, dtype = import_module(name), working_dtype(image.dtype)
    given = nn.asarray(image)
    result = getattr(nn.images, function.__name__)(given, kernel, method=method, **geometry)
    assert isinstance(result, nn.backend.array_type())
    np.testing.assert_array_equal(to_host(given), image)
    got, kernel = to_host(result), kernel.astype(dtype)
    want, A = (
        function(x.astype(np.float64), k.astype(np.float64), method="direct", **geometry)
        for x, k in ((image, kernel), (abs(image.astype(np.float64)), abs(kernel)))
    )
    size = image.shape[:2] if image.ndim < 4 else image.shape[1:3]
    sides = padding_of(geometry.get("padding", "same"), kernel.shape, flip=False)
    cells = np.prod([n + sum(side) for n, side in zip(size, sides, strict=True)])
    found = compare(got, want, law(method, A, image, kernel, dtype, cells), dtype)
    assert found.verdict.agrees, f"{found}"


@pytest.mark.parametrize("stride", [(1, 1), (2, 3)])
@pytest.mark.parametrize("padding", ["valid", "same", "full", (2, 5)])
@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize(("name", "method"), EVERYWHERE)
@pytest.mark.parametrize("function", [correlate2d, convolve2d])
def test_methods_borders_paddings_strides(function, name, method, border, padding, stride):
    image, kernel = draw((7, 10), np.float64), kernel_for(method, (3, 4))
    check(name, function, image, kernel, method, border=border, padding=padding, stride=stride)


@pytest.mark.parametrize(("name", "method"), EVERYWHERE)
@pytest.mark.parametrize("size", [(1, 1), (1, 4), (3, 1), (2, 2), (3, 3), (4, 5), (5, 4), (7, 6)])
@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8", "int16", "int64", "bool"])
def test_dtypes_and_kernel_sizes(name, method, size, dtype):
    kernel = kernel_for(method, size, working_dtype(dtype))
    check(name, correlate2d, draw((9, 7), dtype), kernel, method, border="reflect")


@pytest.mark.parametrize(("name", "method"), EVERYWHERE)
@pytest.mark.parametrize("shape", [(6, 5), (6, 5, 1), (6, 5, 3), (6, 5, 4), (2, 6, 5, 3), (3, 6, 5, 1), (0, 6, 5, 3)])
@pytest.mark.parametrize("dtype", [np.float32, np.uint8])
def test_layouts(name, method, shape, dtype):
    kernel = kernel_for(method, (2, 3), working_dtype(dtype))
    check(name, convolve2d, draw(shape, dtype), kernel, method, border="symmetric", stride=2)


@pytest.mark.parametrize(("name", "method"), ON_ARRAYS)
@pytest.mark.parametrize("size", [(3, 4), (1, 1), (7, 2)])
def test_several_blocks_and_tiles(name, method, size, monkeypatch):
    """Blocks of a few rows; tiles of which a kernel of 7 rows takes more than half."""
    monkeypatch.setattr(direct, "BLOCK_BYTES", 300)
    monkeypatch.setattr(by_fft, "BLOCK_BYTES", 5000)
    monkeypatch.setattr(by_fft, "TILE", 12)
    image = draw((3, 41, 30, 2), np.float32)
    for stride in ((1, 1), (3, 2)):
        check(name, correlate2d, image, kernel_for(method, size, np.float32), method, stride=stride)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_geometry(data):
    def number(low, high, name):
        return data.draw(st.integers(low, high), label=name)

    H, W = number(1, 9, "H"), number(1, 9, "W")
    pH, pW = number(0, 12, "pH"), number(0, 12, "pW")
    kH, kW = number(1, min(6, H + 2 * pH), "kH"), number(1, min(6, W + 2 * pW), "kW")
    geometry = {
        "stride": (number(1, 5, "sH"), number(1, 5, "sW")),
        "padding": (pH, pW),
        "border": data.draw(st.sampled_from(BORDERS)),
    }
    method = data.draw(st.sampled_from(METHODS))
    check("gpu.on_numpy", correlate2d, draw((H, W), np.float64), kernel_for(method, (kH, kW)), method, **geometry)


def test_lengths_of_the_transforms():
    """Long enough, even, of factors 2 and 3, and no tile more than twice the padded image, as the law has it."""
    for n, k in itertools.product((1, 2, 7, 100, 1023, 1025, 5000), (1, 2, 3, 50, 900)):
        if k <= n:
            length, _ = by_fft.tile_of((n, n), (k, k))
            assert length % 2 == 0
            assert k <= length <= 2 * n
            assert length >= n or n > by_fft.TILE
            assert length in {2**a * 3**b for a in range(14) for b in range(9)}


def test_single_precision_stays_single(monkeypatch):
    seen = []
    for name in ("rfft2", "irfft2"):
        original = getattr(stand_in.fft, name)

        def noting(*arguments, original=original, **keywords):
            seen.append(original(*arguments, **keywords))
            return seen[-1]

        monkeypatch.setattr(stand_in.fft, name, noting)
    nn = import_module("gpu.on_numpy")
    assert nn.images.correlate2d(nn.asarray(IMAGE.astype(np.float32)), FULL_RANK, method="fft").dtype == np.float32
    assert {each.dtype for each in seen} == {np.dtype(np.complex64), np.dtype(np.float32)}


@pytest.mark.parametrize("name", ["scratch.naive", *ARRAY_CODE])
def test_integers_are_exact_and_rounded_alike(name):
    nn, image = import_module(name), draw((12, 9, 3), np.uint8)
    for options in ({}, {"clip": (0, 255), "dtype": np.uint8}, {"dtype": np.int16}):
        for kernel in (kernels.SHARPEN, kernels.EMBOSS, np.array([[0.5]])):
            got = nn.images.convolve2d(nn.asarray(image), kernel, **options)
            want = convolve2d(image, kernel, **options)
            assert got.dtype == want.dtype
            np.testing.assert_array_equal(to_host(got), want)


@pytest.mark.parametrize("name", ARRAY_CODE)
def test_a_nan_stays_where_it_is(name):
    nn, image = import_module(name), IMAGE.copy()
    image[20, 15], image[0, 0], image[-1, 3] = np.nan, np.inf, -np.inf
    large = FULL_RANK[:13, :13]
    want = correlate2d(image, large, method="loops")
    for method in ("auto", "direct"):
        got = to_host(nn.images.correlate2d(nn.asarray(image), large, method=method))
        np.testing.assert_allclose(got, want, rtol=1e-10)  # NaN and infinities at the same places
    single = IMAGE.astype(np.float32)
    for unfit, kernel in (
        (image, large),
        (IMAGE * 1e305, large),
        (single * 1e35, large),
        (single * 1e35, large * 1e-4),  # what overflows is the image's own spectrum
        (single * 1e-30, large * 1e38),
    ):
        with pytest.raises(ValueError, match=r"method='fft' spreads a NaN, an infinity or an overflow"):
            nn.images.correlate2d(nn.asarray(unfit), kernel, method="fft")


CHOICES = [
    (IMAGE, kernels.LAPLACIAN, 1, "direct"),
    (IMAGE, np.ones((1, 7)), 1, "direct"),
    (IMAGE, kernels.GAUSSIAN, 1, "separable"),
    (IMAGE, BELL, 1, "separable"),
    (IMAGE, FULL_RANK, 1, "fft"),
    (IMAGE, FULL_RANK, 20, "direct"),
    (IMAGE[..., None], FULL_RANK, 1, "fft"),
    (np.zeros((1100, 1100)), FULL_RANK[:5, :5], 1, "direct"),  # four tiles
    (np.where(IMAGE > 2, np.nan, IMAGE), FULL_RANK, 1, "direct"),
    (np.where(IMAGE > 2, -np.inf, IMAGE), FULL_RANK, 1, "direct"),
    (IMAGE * 1e305, FULL_RANK, 1, "direct"),
    (IMAGE.astype(np.float32) * 1e35, FULL_RANK, 1, "direct"),
    (np.zeros((0, 40, 30, 1)), FULL_RANK, 1, "direct"),
]


@pytest.mark.parametrize("name", ARRAY_CODE)
@pytest.mark.parametrize(("image", "kernel", "stride", "method"), CHOICES)
def test_auto_runs_what_choose_method_tells(image, kernel, stride, method, name, monkeypatch):
    nn, ran = import_module(name), []
    for each, algorithm in nn.backend.correlate2d.items():
        original = algorithm.correlate

        def noting(*arguments, each=each, original=original):
            ran.append(each)
            return original(*arguments)

        monkeypatch.setattr(algorithm, "correlate", noting)
    image = nn.asarray(image)
    assert nn.images.choose_method(image, kernel, stride=stride) == method
    nn.images.correlate2d(image, kernel, stride=stride)
    assert ran[0] == method


def test_scratch_naive_has_loops_alone():
    assert scratch.naive.images.choose_method(IMAGE, FULL_RANK) == "loops"
    want = correlate2d(IMAGE, BELL, method="loops")
    assert np.array_equal(scratch.naive.images.correlate2d(IMAGE, BELL), want)


@pytest.mark.parametrize("name", ["scratch.naive", *ARRAY_CODE])
@pytest.mark.parametrize("shape", [(7, 9), (7, 9, 3), (2, 6, 8, 1), (0, 6, 8, 3)])
@pytest.mark.parametrize(("window", "stride"), [(2, None), ((3, 2), (2, 3)), ((2, 3), (1, 1)), ((1, 2), (3, 2))])
@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32", "float64"])
def test_pools(name, shape, window, stride, keep, dtype):
    """The sums of at most 6 numbers of the averages are those of `scratch`, but for their order."""
    nn, image = import_module(name), draw(shape, dtype)
    for pool in ("max_pool", "average_pool"):
        got = getattr(nn.images, pool)(nn.asarray(image), window, stride, keep_ragged_edge=keep)
        want = getattr(scratch.images, pool)(image, window, stride, keep_ragged_edge=keep)
        assert isinstance(got, nn.backend.array_type())
        assert got.dtype == want.dtype
        bound = 0 if pool == "max_pool" else 6 * np.finfo(want.dtype).eps * np.abs(image.astype(float)).max(initial=0)
        np.testing.assert_allclose(to_host(got), want, rtol=0, atol=bound)


@pytest.mark.parametrize("name", ["scratch.naive", *ARRAY_CODE])
@pytest.mark.parametrize("shape", [(16, 12), (8, 12, 3), (2, 8, 12, 1)])
def test_translation_invariance(name, shape):
    nn, image = import_module(name), draw(shape, np.float64)
    got = nn.images.translation_invariance(nn.asarray(image), (0, 1, 3, -2), 2)
    for ours, theirs in zip(got, scratch.images.translation_invariance(image, (0, 1, 3, -2), 2), strict=True):
        assert ours == pytest.approx(theirs, rel=1e-13)
    with pytest.raises(ValueError, match="nothing that could move"):
        nn.images.translation_invariance(nn.asarray(np.zeros((3, 3))))


def sentence_of(call, **arguments):
    """What an error says."""
    with pytest.raises((TypeError, ValueError)) as error:
        call(**arguments)
    return f"{error.type.__name__}: {error.value}"


SAME = [changed for changed, *_ in REFUSALS if "method" not in changed and not isinstance(changed.get("image"), list)]
SAME += [{"kernel": np.eye(3), "method": "separable"}, {"image": np.full((5, 5), 255.5), "dtype": np.uint8}]
SAME += [{"image": np.full((5, 5), value), "dtype": "int32"} for value in (np.nan, np.inf, 2.0**31)]
SAME += [{"image": np.full((5, 5), 0.1, np.float32), "kernel": [[2e3]], "clip": (0.1, 3e9), "dtype": np.int8}]


@pytest.mark.parametrize("name", ARRAY_CODE)
@pytest.mark.parametrize("changed", SAME, ids=", ".join)
def test_refusals_are_those_of_scratch(name, changed):
    nn, arguments = import_module(name), {"image": np.ones((5, 5)), "kernel": np.ones((3, 3))} | changed
    for function in ("correlate2d", "convolve2d"):
        ours = sentence_of(getattr(nn.images, function), **arguments | {"image": nn.asarray(arguments["image"])})
        assert ours == sentence_of(getattr(scratch.images, function), **arguments)


@pytest.mark.parametrize("name", ARRAY_CODE)
@pytest.mark.parametrize("image", [IMAGE, IMAGE.tolist(), None])
def test_images_of_the_host_are_refused(name, image):
    images = import_module(name).images
    sentence = rf"image is a .*: {re.escape(name)} computes with arrays from {re.escape(name)}\.asarray\(image\)"
    for call in (
        lambda: images.correlate2d(image, BELL),
        lambda: images.convolve2d(image, BELL),
        lambda: images.choose_method(image, BELL),
        lambda: images.max_pool(image),
        lambda: images.average_pool(image),
        lambda: images.translation_invariance(image),
    ):
        with pytest.raises(TypeError, match=sentence):
            call()


@pytest.mark.parametrize("name", ARRAY_CODE)
def test_arrays_of_a_gpu_are_refused_on_the_host(name):
    there = import_module(name).asarray(IMAGE)
    for call in (
        lambda: correlate2d(there, BELL),
        lambda: correlate2d(IMAGE, there),
        lambda: scratch.images.max_pool(there),
    ):
        with pytest.raises(TypeError, match="Implicit conversion to a NumPy array is not allowed"):
            call()


def test_a_method_that_is_not_there_is_refused_by_those_that_are():
    image = stand_in.asarray(IMAGE)
    with pytest.raises(ValueError, match=r"^method='loops' must be one of 'auto', 'direct', 'separable', 'fft'$"):
        import_module("gpu.on_numpy").images.correlate2d(image, BELL, method="loops")
    with pytest.raises(ValueError, match=r"^method='direct' must be one of 'auto', 'loops'$"):
        scratch.naive.images.convolve2d(IMAGE, BELL, method="direct")


@pytest.mark.parametrize("name", ARRAY_CODE)
def test_a_kernel_may_be_on_either_side(name):
    nn = import_module(name)
    image = nn.asarray(IMAGE)
    for method in METHODS:
        there, here = (nn.images.convolve2d(image, k, method=method) for k in (nn.asarray(BELL), BELL))
        np.testing.assert_array_equal(to_host(there), to_host(here))


def test_the_same_names_and_arguments_everywhere():
    from gpu import images  # without a GPU, too
    from gpu.on_numpy import images as on_numpy

    for each in (images, on_numpy, scratch.naive.images):
        assert set(each.__all__) <= set(scratch.images.__all__)
        assert set(each.__all__) == set(images.__all__)
        assert each.kernels is scratch.images.kernels
        for name in set(each.__all__) - {"kernels"}:
            assert inspect.signature(getattr(each, name)) == inspect.signature(getattr(scratch.images, name))
            assert next(iter(inspect.signature(getattr(each, name)).parameters)) != "self"
