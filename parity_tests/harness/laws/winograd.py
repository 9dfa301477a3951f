"""How far a correct convolution by Winograd's algorithm may be from the exact one.

y = A.T ((G g) * (B d)) along each axis, summed over channels. Each step is a sum of products and errs, in any order, by
so many eps of the same sum over absolute values; so, with the steps one after the other and to first order,

    |error| <= roundings * eps * |A|.T ((|G| |g|) * (|B| |d|))

    roundings   C products and sums, and for each step its number of terms and one for the matrix's own entries

What stands behind eps is no longer a sum over the window alone: all cells of a tile take part, and all taps. Let b[t],
g[t] and a[t] be the sums of the absolute values of row t. No |B d| is above b[t] max|d|, so along one axis

    |A|.T ((|G| |g|) * (|B| |d|))  <=  growth * max|d| * max|g|          growth = max over i of sum |A[t, i]| b[t] g[t]

where max|d| is over all cells that a tile of this output may have: m - 1 before its window and m - 1 behind. For dx the
same with dy and the rotated weights, and for the gradient of the weights, dg = G.T ((A dy) * (B d)), summed over tiles,
growth = max over j of sum |G[t, j]| a[t] b[t]; the maximum of |dy| over a tile is at most its sum. (dx may also be made
by the transposed map, of the same cells; only where its bound is not above this one: winograd_both.errs_no_more.)

That is the hard bound. The size that errors have in practice is the root mean square: of random numbers, independent
and of mean 0, row t of B makes one that is ||B[t]|| times as large, and so on; direct convolution makes sqrt(r):

    gain**2  =  mean over i of  sum over t of  (A[t, i] ||B[t]|| ||G[t]||)**2 / r

The scale is gain**2, one for each axis, times the largest that direct convolution has in a tile: the outputs of a tile,
and the taps of a kernel, share their errors, also where one of them has nothing but zeros to add. The factor is 1.7 to
1.9 for `winograd` (whose numbers stay within the scale of direct convolution itself, without it, but for sums of one or
two products), 7 and 3.7 for `winograd_fast`. `winograd` is exact on integers.

Sources: Higham, "Accuracy and Stability of Numerical Algorithms", 2002, section 3.1; Barabasz, Anderson, Soodhalter and
Gregg, "Error analysis and improving the accuracy of Winograd convolution for deep neural networks", 2020.
"""

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from parity_tests.harness.comparison import Law
from parity_tests.harness.laws.padding import is_padded, of_padded
from scratch.array import HostArray
from scratch.fast.cook_toom import Transforms, arrays
from scratch.fast.winograd import LENGTHS, LESS_STRICT, STRICT
from scratch.geometry import Padding, Pair, Window2d

if TYPE_CHECKING:
    from parity_tests.harness.layer_case import LayerCase

Inputs = Mapping[str, HostArray]
Laws = dict[str, Law | None]

Choices = list[tuple[Transforms, ...]]
"""For both axes the transforms that may be chosen."""


def winograd_laws(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> dict[str, Laws]:
    """The laws of `winograd` and `winograd_fast`, where they serve; what is not finite they leave to others."""
    if case.op != "Conv2d" or not all(np.isfinite(inputs[name]).all() for name in ("x", "weight")):
        return {}
    if is_padded(case):
        return of_padded(case, inputs, lambda twin, given: winograd_laws(twin, given, eps, tiny))
    arguments = case.arguments
    names = ("kernel_size", "stride", "padding", "dilation")
    window = Window2d.of(*(arguments[name] for name in names))
    simple = window.stride == window.dilation == (1, 1) and arguments["groups"] == 1
    if not simple or not all(k in LENGTHS for k in window.kernel_size):
        return {}
    A = case.run_torch({name: np.abs(value) for name, value in inputs.items()}, np.float64)
    tensors = ("y", "dx", "dweight") if np.isfinite(inputs["dy"]).all() else ("y",)
    direct, integers = case.laws(inputs, eps, tiny), case.data == "integers"
    laws: dict[str, Laws] = {}
    for algorithm, table in (("winograd", STRICT), ("winograd_fast", LESS_STRICT)):
        laws[algorithm] = dict(direct)
        if algorithm == "winograd" and integers:
            continue
        for tensor in tensors:
            choices = [table[LENGTHS.index(k)] for k in window.kernel_size]
            hard, gains = bound(tensor, choices, window, inputs, eps, tiny)
            shared = largest_of_tile(tensor, A[tensor], choices)
            laws[algorithm][tensor] = Law(hard.reshape(shared.shape), gains * (eps * shared + tiny))
    return laws


def bound(
    tensor: str, choices: Choices, window: Window2d, inputs: Inputs, eps: float, tiny: float
) -> tuple[HostArray, float]:
    """The hard bound of a tensor, and the gain, of the worst transforms of both axes."""
    x, dy, weight = (np.abs(inputs[name].astype(np.float64)) for name in ("x", "dy", "weight"))
    x, dy = (value.reshape(-1, *value.shape[-3:]) if value.ndim == 3 else value for value in (x, dy))
    steps = sum(max(roundings(F) for F in some) for some in choices)
    taps = weight.max(axis=(2, 3))  # (O, C)
    (kH, kW), ((top, bottom), (left, right)) = window.kernel_size, window.padding

    def worst(of: Callable[[Transforms], float]) -> float:
        return math.prod(max(map(of, some)) for some in choices)

    def largest(images: HostArray, padding: Padding) -> HostArray:
        return largest_in_reach(images, padding, (kH, kW), reach(choices))

    if tensor == "dweight":
        sums = np.einsum("nohw,nchw->oc", dy, largest(x, window.padding))
        K, size = dy[:, 0].size, np.broadcast_to(sums[:, :, None, None], weight.shape)
        grows, gains = worst(gradient_growth), worst(gradient_gain)
    else:
        if tensor == "y":
            size = np.einsum("nchw,oc->nohw", largest(x, window.padding), taps)
        else:
            around = (kH - 1 - top, kH - 1 - bottom), (kW - 1 - left, kW - 1 - right)
            size = np.einsum("nohw,oc->nchw", largest(dy, around), taps)
        K = taps.shape[1 if tensor == "y" else 0]
        grows, gains = worst(growth), worst(gain)
    return (K + steps + 3) * grows * (eps * size + tiny), gains


def reach(choices: Choices) -> Pair:
    """How far outputs may lie apart in one tile."""
    high, wide = (max(F.m for F in some) - 1 for some in choices)
    return high, wide


def largest_of_tile(tensor: str, A: HostArray, choices: Choices) -> HostArray:
    """The largest of the outputs that may lie in the same tile; of a kernel, of all taps: they share their errors."""
    if tensor == "dweight":
        return np.broadcast_to(A.max(axis=(2, 3), keepdims=True), A.shape)
    return largest_in_reach(A.reshape(-1, *A.shape[-3:]), ((0, 0), (0, 0)), (1, 1), reach(choices)).reshape(A.shape)


def largest_in_reach(images: HostArray, padding: Padding, kernel_size: Pair, reach: Pair) -> HostArray:
    """For each output the largest cell of all tiles in which it may lie: `reach` before its window and behind."""
    for axis, ((before, after), k, more) in enumerate(zip(padding, kernel_size, reach, strict=True), start=2):
        wide = [(0, 0)] * images.ndim
        wide[axis] = max(0, before + more), max(0, after + more)
        images = np.pad(images, wide)
        skip = slice(max(0, -before - more), images.shape[axis] - max(0, -after - more))  # a padding may be negative
        images = images[(*[slice(None)] * axis, skip)]
        images = sliding_window_view(images, k + 2 * more, axis=axis).max(axis=-1)
    return images


def roundings(F: Transforms) -> int:
    """Of the three transforms along one axis: in each as many as terms, and one for the entries."""
    return (F.m + F.r - 1) + F.n + F.r**2 + 3  # G acts along both axes at once: r * r terms, at most (r**2 + r**2)


def growth(F: Transforms) -> float:
    """Of y and dx, along one axis."""
    A, B, G = (np.abs(matrix) for matrix in arrays(F, np.float64))
    return float((A.T @ (B.sum(axis=1) * G.sum(axis=1))).max())


def gradient_growth(F: Transforms) -> float:
    """Of dweight, along one axis."""
    A, B, G = (np.abs(matrix) for matrix in arrays(F, np.float64))
    return float((G.T @ (B.sum(axis=1) * A.sum(axis=1))).max())


def gain(F: Transforms) -> float:
    """Of y and dx, along one axis."""
    A, B, G = (np.square(matrix) for matrix in arrays(F, np.float64))
    return math.sqrt((A.T @ (B.sum(axis=1) * G.sum(axis=1))).mean() / F.r)


def gradient_gain(F: Transforms) -> float:
    """Of dweight, along one axis."""
    A, B, G = (np.square(matrix) for matrix in arrays(F, np.float64))
    return math.sqrt((G.T @ (B.sum(axis=1) * A.sum(axis=1))).mean() / F.m)
