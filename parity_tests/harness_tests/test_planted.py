"""Wrong layers are caught, each by a case of its operation; layers that are only different are not accused."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from parity_tests.harness.case import Spec
from parity_tests.harness.cases import CASES
from parity_tests.harness.implementations import BACKEND_TABLE
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness_tests import wrong, wrong_filters
from parity_tests.harness_tests.algorithms import ByMatmul, ChannelsLast, backwards, rounded_once
from parity_tests.harness_tests.planted import Planted, accusations, altered, planted
from parity_tests.harness_tests.wrong import conv_back, conv_of, linear_back, norm_of, scan_of, window_of
from parity_tests.harness_tests.wrong_filters import filters_of, image_of, kernel_of, rounded_to, swapped
from scratch import images
from scratch.fast import activation, class_loss, conv, dropout, elementwise_loss, linear, norm, pool

S = Spec.of
DTYPES = ["float32", "float64"]

# (operation, what is replaced) -> what is wrong: the wrong thing
WRONG: dict[tuple[str, str], dict[str, Any]] = {
    ("Conv2d", "conv2d"): {
        "flipped kernel": conv_of(lambda x, w, *rest: (x, w[:, :, ::-1, ::-1], *rest)),
        "no bias": conv_of(lambda x, w, b, *rest: (x, w, None if b is None else 0 * b, *rest)),
        "groups mixed": conv_of(lambda x, w, b, at, groups: (wrong.interleaved(x, groups), w, b, at, groups)),
        "stride axes swapped": window_of(lambda at: replace(at, stride=at.stride[::-1])),
        "padding axes swapped": window_of(lambda at: replace(at, padding=at.padding[::-1])),
        "padding on one side": window_of(lambda at: replace(at, padding=tuple((a + b, 0) for a, b in at.padding))),
        "dilation ignored": window_of(lambda at: replace(at, dilation=(1, 1))),
        "dy ignored": altered(conv, conv2d_backward=lambda dy, *rest: conv.conv2d_backward(np.ones_like(dy), *rest)),
        "dx not rotated": conv_back(wrong.dx_not_rotated),
        "dx cropped at the wrong side": conv_back(wrong.cropped_at_the_start),
        "dweight averaged over the batch": conv_back(lambda dy, saved, g: (g[0], g[1] / np.float32(len(dy)), g[2])),
        "dbias not summed over the batch": conv_back(
            lambda dy, saved, g: (*g[:2], None if g[2] is None else dy[:1].sum((0, 2, 3)))
        ),
        "what an earlier call left over": wrong.ReusedBuffer(),
    },
    ("MaxPool2d", "max_pool2d"): {
        "last maximum wins": scan_of(lambda value, best: (value >= best) | np.isnan(value)),
        "first NaN wins": scan_of(lambda value, best: (value > best) | (np.isnan(value) & ~np.isnan(best))),
        "NaN passed over": scan_of(lambda value, best: value > best),
        "padding is 0": scan_of(lambda value, best: (value > best) | np.isnan(value), outside=0),
        "gradient to every maximum": wrong.EveryMaximum(),
        "dy ignored": altered(pool, max_pool2d_backward=lambda dy, s: pool.max_pool2d_backward(np.ones_like(dy), s)),
        "indices from 1": altered(pool, max_pool2d_indices=lambda s: pool.max_pool2d_indices(s) + 1),
        "indices int32": altered(pool, max_pool2d_indices=lambda s: pool.max_pool2d_indices(s).astype(np.int32)),
    },
    ("MaxPool2d", "MaxPool2d"): {"indices that nobody asked for": wrong.IndicesAlways},
    ("AvgPool2d", "avg_pool2d"): {
        "overhang counted": altered(
            pool,
            avg_pool2d=lambda x, at, pad, divisor: pool.avg_pool2d(
                x, at, pad, divisor or (at.kernel_size[0] * at.kernel_size[1] if pad else None)
            ),
        ),
        "padding never counted": altered(
            pool, avg_pool2d=lambda x, at, pad, *rest: pool.avg_pool2d(x, at, False, *rest)
        ),
        "divisor_override ignored": altered(pool, avg_pool2d=lambda x, at, pad, _: pool.avg_pool2d(x, at, pad)),
        "integers rounded down": altered(pool, avg_pool2d=wrong.rounded_down),
        "dx not divided": altered(
            pool, avg_pool2d_backward=lambda dy, s: pool.avg_pool2d_backward(dy, (*s[:2], s[2] * 0 + 1))
        ),
    },
    ("Linear", "linear"): {
        "dy ignored": altered(
            linear, linear_backward=lambda dy, *rest: linear.linear_backward(np.ones_like(dy), *rest)
        ),
        "dweight averaged over the batch": linear_back(lambda dy, saved, g: (g[0], g[1] / np.float32(len(dy)), g[2])),
        "float64 gets out": linear_back(lambda dy, saved, g: (g[0], g[1].astype(np.float64), g[2])),
        "float32 throughout": ByMatmul(wrong.in_float32),
    },
    ("Linear", "Linear"): {"gradient overwritten": wrong.Overwriting},
    ("Flatten", "Flatten"): {"column-major": wrong.ColumnMajor},
    ("ReLU", "relu"): {
        "gradient 1 at 0": altered(activation, relu_backward=lambda dy, x: np.where(x < 0, dy.dtype.type(0), dy)),
        "no gradient at NaN": altered(activation, relu_backward=lambda dy, x: np.where(x > 0, dy, dy.dtype.type(0))),
        "gradient multiplied by 0": altered(activation, relu_backward=lambda dy, x: dy * ~(x <= 0)),
        "y in one buffer": altered(activation, relu=wrong.in_one_buffer(activation.relu)),
        "dx in one buffer": altered(activation, relu_backward=wrong.in_one_buffer(activation.relu_backward)),
        "NaN becomes 0": altered(activation, relu=lambda x: (np.fmax(x, x.dtype.type(0)), x)),
    },
    ("Dropout", "dropout"): {
        "NaN dropped": altered(dropout, dropout=wrong.selected),
        "backward of another mask": altered(
            dropout, dropout_backward=lambda dy, saved: dropout.dropout_backward(dy, (saved[0], (0, 0)))
        ),
        "the last group left out": altered(dropout, dropout=wrong.whole_groups),
    },
    ("Dropout", "Dropout"): {"what is left not scaled": wrong.Unscaled},
    ("Softmax", "softmax"): {
        "no shift": altered(activation, softmax=wrong.softmax_without_shift),
        "along the wrong axis": altered(activation, softmax=lambda x, dim: activation.softmax(x, -1 - dim)),
        "gradient of each by itself": altered(activation, softmax_backward=lambda dy, s: dy * s[0] * (1 - s[0])),
    },
    ("BatchNorm2d", "batch_norm2d"): {
        "unbiased variance": altered(norm, batch_statistics=wrong.unbiased_statistics),
        "no eps": norm_of(lambda *given: (*given[:5], 0.0, given[6])),
        "eps outside the root": norm_of(
            lambda x, mean, var, w, b, eps, t: (x, mean, (var**0.5 + eps) ** 2, w, b, 0.0, t)
        ),
        "no gradient through the statistics": norm_of(lambda *given: (*given[:6], False)),
    },
    ("BatchNorm2d", "BatchNorm2d"): {
        "biased running variance": wrong.BiasedRunningVariance,
        "momentum for what is kept": wrong.OldestMomentum,
    },
    ("CrossEntropyLoss", "cross_entropy"): {
        "gradient not weighted": altered(
            class_loss, cross_entropy_backward=lambda d, s: d[:, None] * (np.exp(s[0]) - s[1])
        ),
    },
    ("CrossEntropyLoss", "CrossEntropyLoss"): {
        "not divided by the weights": wrong.Unweighted,
        "divided by ignored samples, too": wrong.IgnoredCount,
    },
    ("MSELoss", "mse"): {"no factor 2": altered(elementwise_loss, mse_backward=lambda d, s: d * (s[0] - s[1]))},
    ("SGD", "SGD"): {"first velocity damped": wrong.DampedFromTheStart},
    ("Adam", "Adam"): {"eps inside the root": wrong.EpsInsideTheRoot, "no correction": wrong.Uncorrected},
    ("correlate2d", "images"): {
        "flipped kernel": kernel_of(lambda kernel: kernel[::-1, ::-1]),
        "kernel transposed": kernel_of(lambda kernel: kernel.T),
        "centred at (k - 1) // 2": filters_of(wrong_filters.centred_before),
        "border off by one": filters_of(wrong_filters.border_off_by_one),
        "border always 0": filters_of(lambda right, *both, border="zero", **options: right(*both, **options)),
        "stride axes swapped": swapped("stride"),
        "padding axes swapped": swapped("padding"),
        "stride from its end": filters_of(wrong_filters.second_pixel_first),
        "channels in reverse": image_of(lambda image: image[..., ::-1] if image.ndim > 2 else image),
        "first image only": image_of(lambda image: image[:1].repeat(len(image), 0) if image.ndim == 4 else image),
        "one NaN spoils all": filters_of(wrong_filters.spoilt),
        "NaN counts as 0": image_of(lambda image: np.where(np.isnan(image), image.dtype.type(0), image)),
        "not rounded": filters_of(wrong_filters.cut_off),
        "not clipped": filters_of(wrong_filters.wrapped_around),
        "in the image's dtype": filters_of(wrong_filters.in_the_image_s_dtype),
        "float16 products": rounded_to(np.float16),
        "float32 throughout": rounded_to(np.float32),
    },
    ("convolve2d", "images"): {
        "not flipped": altered(images, convolve2d=images.correlate2d),
        "the tutorial's middle": filters_of(wrong_filters.by_the_tutorial),
        "centred at (k - 1) // 2": filters_of(wrong_filters.centred_before),
    },
}
PLANTED = [
    pytest.param(op, planted(name, **{what: thing}), id=f"{op}: {name}")
    for (op, what), rows in WRONG.items()
    for name, thing in rows.items()
]


@pytest.mark.parametrize(("op", "implementation"), PLANTED)
def test_what_is_wrong_is_caught(op: str, implementation: Planted):
    """By a verdict, or because it raises; but it must run on some cases, or it is the plant that is broken."""
    told = [accusations(case, implementation, dtype) for case in CASES if case.op == op for dtype in case.dtypes]
    assert any(told)
    assert not all(any("raised" in line for line in lines) for lines in told)


def test_writing_into_x_is_caught():
    """NumPy refuses it, since the suite's inputs are read-only; a copy, as on a GPU, it changes."""
    in_place = altered(activation, relu=lambda x: (np.maximum(x, 0, out=x), x))
    implementation = planted("x overwritten", relu=in_place)
    case = LayerCase(S("ReLU"), (5, 7))
    assert "read-only" in accusations(case, implementation)[0]
    copying = replace(implementation, nn=SimpleNamespace(**vars(implementation.nn) | {"asarray": np.array}))
    assert accusations(case, copying) == ["x was changed"]


@pytest.mark.parametrize(
    "algorithm",
    [ByMatmul(backwards), ByMatmul(rounded_once), ChannelsLast()],
    ids=["last product first", "float64 inside", "channels last, einsum"],
)
@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_only_different_is_not_accused(algorithm: Any, dtype: str):
    tables = {table: algorithm for table in ("conv2d", "linear") if hasattr(algorithm, table)}
    implementation = planted("different", **tables)
    cases = [case for case in CASES if BACKEND_TABLE.get(case.op) in tables]
    told = {str(case): accusations(case, implementation, dtype) for case in cases}
    assert len(told) > 30
    assert not {case: lines for case, lines in told.items() if lines}
