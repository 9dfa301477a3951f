"""What slides a kernel over the planes of an image."""

from typing import Protocol, runtime_checkable

from scratch.array import Array, HostArray
from scratch.geometry import Pair


class Correlate2dAlgorithm(Protocol):
    """padded (N, H, W) of float32 or float64, kernel (kH, kW) of the same dtype -> y (N, outH, outW).

    The kernel lies in host memory. An algorithm that does not serve every kernel says so in a ValueError.
    """

    def correlate(self, padded: Array, kernel: HostArray, stride: Pair) -> Array: ...


@runtime_checkable
class Correlate2dByTransform(Correlate2dAlgorithm, Protocol):
    """One that does not serve every image: a NaN, an infinity or an overflow would spread from pixel to pixel."""

    def serves(self, padded: Array, kernel: HostArray) -> bool: ...
