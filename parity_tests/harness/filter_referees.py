"""The referees of image filters, each with its own names; none of them can express every call.

                    borders                          padding                     middle of an even "same" kernel
    scipy.ndimage   all five                         "same"                      ours
    scipy.signal    zero, symmetric, circular        "valid", "full"             another, so not asked
    torch           all but symmetric                "valid", "full", pixels,    another, so only odd ones are asked
                                                     "same"

scipy knows no stride: a stride takes every sH-th row and sW-th column of the result without one. torch knows no true
convolution: it correlates with the kernel turned by 180 degrees.

All of them take images (N, H, W) and a kernel of one floating dtype, and compute in that. scipy.ndimage alone adds up
in float64 whatever the dtype, and leaves out the cells of a kernel below 2.2e-16.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

from parity_tests.harness.torch_side import host, tensor
from scratch.array import HostArray

NDIMAGE_MODE = {
    "zero": "constant",
    "replicate": "nearest",
    "reflect": "mirror",
    "symmetric": "reflect",
    "circular": "grid-wrap",
}
SIGNAL_BOUNDARY = {"zero": "fill", "symmetric": "symm", "circular": "wrap"}
TORCH_MODE = {"zero": "constant", "replicate": "replicate", "reflect": "reflect", "circular": "circular"}


class Call(NamedTuple):
    """What is asked: `convolve2d` (flip) or `correlate2d`, with its options."""

    flip: bool
    stride: tuple[int, int]
    padding: Any
    border: str


class InexpressibleError(ValueError):
    """A referee has no words for a call."""


def by_ndimage(images: HostArray, kernel: HostArray, call: Call) -> HostArray:
    """scipy.ndimage.correlate and convolve.

    Raises
    ------
    InexpressibleError
        for another padding than "same"
    """
    from scipy import ndimage

    if call.padding != "same":
        raise InexpressibleError(f"scipy.ndimage has no padding={call.padding!r}")
    function = ndimage.convolve if call.flip else ndimage.correlate
    return stacked(images, lambda image: function(image, kernel, mode=NDIMAGE_MODE[call.border]), call)


def by_signal(images: HostArray, kernel: HostArray, call: Call) -> HostArray:
    """scipy.signal.correlate2d and convolve2d.

    Raises
    ------
    InexpressibleError
        for a padding that is neither "valid" nor "full", and for the borders "replicate" and "reflect"
    """
    from scipy import signal

    if call.padding not in ("valid", "full") or call.border not in SIGNAL_BOUNDARY:
        raise InexpressibleError(f"scipy.signal has no padding={call.padding!r}, border={call.border!r}")
    function = signal.convolve2d if call.flip else signal.correlate2d
    boundary = SIGNAL_BOUNDARY[call.border]
    return stacked(images, lambda image: function(image, kernel, mode=call.padding, boundary=boundary), call)


def stacked(images: HostArray, function: Callable[[HostArray], HostArray], call: Call) -> HostArray:
    """Run a function on one image after the other, and take the rows and columns of the stride."""
    sH, sW = call.stride
    return np.stack([function(image)[::sH, ::sW] for image in images])


def by_torch(images: HostArray, kernel: HostArray, call: Call) -> HostArray:
    """torch.nn.functional.pad and conv2d, each image with one channel.

    Raises
    ------
    InexpressibleError
        for the border "symmetric", and for padding="same" of an even kernel
    """
    kH, kW = kernel.shape
    if call.border not in TORCH_MODE:
        raise InexpressibleError(f"torch has no border={call.border!r}")
    if call.padding == "same" and not (kH % 2 and kW % 2):
        raise InexpressibleError(f"torch has another middle of a kernel of shape {kernel.shape}")
    words = {"valid": (0, 0), "same": (kH // 2, kW // 2), "full": (kH - 1, kW - 1)}
    pH, pW = words[call.padding] if isinstance(call.padding, str) else pair(call.padding)
    x = torch.nn.functional.pad(tensor(images)[:, None], (pW, pW, pH, pH), mode=TORCH_MODE[call.border])
    weight = tensor(kernel[::-1, ::-1] if call.flip else kernel)
    return host(torch.conv2d(x, weight[None, None], stride=call.stride)[:, 0])


def pair(value: int | tuple[int, int]) -> tuple[int, int]:
    """The same number twice, where one stands for both axes."""
    return (value, value) if isinstance(value, int) else value


REFEREES: dict[str, Callable[[HostArray, HostArray, Call], HostArray]] = {
    "scipy.ndimage": by_ndimage,
    "scipy.signal": by_signal,
    "torch": by_torch,
}
