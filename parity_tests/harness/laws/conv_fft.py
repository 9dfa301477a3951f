"""The law of Conv2d's algorithm "fft": its errors have the size of a whole tile, not of each sum.

As `image_filter.fft_law`, whose theorem and constants these are, with a sum over channels. For one channel, with x a
tile, k a kernel, t the binary logarithm of the tile's cells and norms |.| over all cells, an element of their
correlation errs by at most (10.2 t + 3) eps |x| |k|_1. Now

    y[n, o]        is a sum over c:          sum over c of  |x[n, c]| |weight[o, c]|_1
    dx[n, c]       a sum over o:             sum over o of  |dy[n, o]| |weight[o, c]|_1
    dweight[o, c]  one over images, tiles:   sum over n of  |x[n, c]| |dy[n, o]|_1      a tile's norms: at most these

and each of m spectra that are added up adds m eps of the same, by Cauchy and Schwarz. The tile is as it is cut
(scratch/images/by_fft.py); a norm over the whole plane stands for that of any tile.

The scale: roundings of either sign add up as sqrt(t), are spread evenly over the tile, and those of different channels
or images are independent: eps sqrt(t) times the root of the sum of (largest number)**2 |kernel|**2.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from parity_tests.harness.comparison import Law
from parity_tests.harness.laws.padding import is_padded, of_padded
from scratch.array import HostArray
from scratch.fast.conv_fft import serves
from scratch.geometry import Window2d
from scratch.images.by_fft import tile_size

if TYPE_CHECKING:
    from parity_tests.harness.layer_case import LayerCase

Laws = dict[str, Law | None]


def conv_fft_laws(case: "LayerCase", inputs: Mapping[str, HostArray], eps: float, tiny: float) -> dict[str, Laws]:
    """The laws of `fft`, where it serves; what is not finite it leaves to others."""
    if case.op != "Conv2d" or inputs["x"].size == 0:
        return {}
    if not all(np.isfinite(inputs[name]).all() for name in ("x", "weight", "dy")):
        return {}
    if is_padded(case):
        return of_padded(case, inputs, lambda twin, given: conv_fft_laws(twin, given, eps, tiny))
    arguments = case.arguments
    window = Window2d.of(*(arguments[name] for name in ("kernel_size", "stride", "padding", "dilation")))
    groups, weight = arguments["groups"], inputs["weight"]
    if not serves(weight.shape, window, groups):
        return {}
    x, dy = (inputs[name].reshape(-1, *inputs[name].shape[-3:]) for name in ("x", "dy"))
    planes = [each.reshape(len(each), groups, -1, *each.shape[2:]) for each in (x, dy)]
    kernels = weight.reshape(groups, -1, *weight.shape[1:])
    sizes = {"y": dy.shape[2:], "dx": x.shape[2:], "dweight": dy.shape[2:]}
    laws = dict(case.laws(inputs, eps, tiny))
    for tensor, operands, formula in (
        ("y", (planes[0], kernels), "ngc,goc->ngo"),
        ("dx", (planes[1], kernels), "ngo,goc->ngc"),
        ("dweight", planes, "ngc,ngo->goc"),
    ):
        tile = [tile_size(n, k) for n, k in zip(sizes[tensor], window.kernel_size, strict=True)]
        tiles = np.prod([-(-n // (T - k + 1)) for n, T, k in zip(sizes[tensor], tile, window.kernel_size, strict=True)])
        added = {"y": planes[0].shape[2], "dx": planes[1].shape[2], "dweight": len(x) * int(tiles)}[tensor]
        t = np.log2(np.prod(tile))
        images, others = (np.abs(each.astype(np.float64)) for each in operands)
        norms = np.einsum(formula, root_of_squares(images), others.sum(axis=(-2, -1)))
        spread = np.sqrt(np.einsum(formula, images.max(axis=(-2, -1)) ** 2, root_of_squares(others) ** 2))
        oracle = inputs["weight"].shape if tensor == "dweight" else inputs["x" if tensor == "dx" else "dy"].shape
        hard, scale = (
            np.broadcast_to(each.reshape(*oracle[:-2], 1, 1), oracle)
            for each in ((10.2 * t + 3 + added + 2) * eps * norms + tiny, np.sqrt(t) * eps * spread + tiny)
        )
        if tensor == "y" and "bias" in inputs:
            bias = eps * np.abs(inputs["bias"].astype(np.float64))[:, None, None]
            hard, scale = hard + bias, scale + bias
        laws[tensor] = Law(hard, scale)
    return {"fft": laws}


def root_of_squares(values: HostArray) -> HostArray:
    """The 2-norm of each plane."""
    root: HostArray = np.sqrt((values**2).sum(axis=(-2, -1)))
    return root
