"""Filters and pools of images by kernels, in the emulator; what is around them is array code."""

from gpu.images import kernels
from scratch.images.filters import Filters, output_size
from scratch.images.pooling import Pools

__all__ = [
    "average_pool",
    "choose_method",
    "convolve2d",
    "correlate2d",
    "kernels",
    "max_pool",
    "output_size",
    "translation_invariance",
]

filters, pools = Filters("gpu.emulated", lambda _: "stencil"), Pools("gpu.emulated")
correlate2d, convolve2d, choose_method = filters.correlate2d, filters.convolve2d, filters.choose_method
max_pool, average_pool, translation_invariance = pools.max_pool, pools.average_pool, pools.translation_invariance
