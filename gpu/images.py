"""Filters and pools of images on the GPU: the names and the meaning of `scratch.images`.

Images are arrays of the GPU and stay there; a kernel is small, and may be an array of the host. What has to be known
before the result can be given makes the host wait for the GPU: whether "fft" can serve, and whether the result fits
into the dtype that is asked for.

>>> import numpy as np, gpu
>>> nn = gpu.on_numpy  # with a GPU: nn = gpu
>>> image = nn.asarray(np.array([[0, 0, 9, 9], [0, 0, 9, 9]], np.uint8))
>>> nn.images.correlate2d(image, nn.images.kernels.VERTICAL_EDGE, border="replicate", clip=(0, 255), dtype=np.uint8)
array([[ 0, 27, 27,  0],
       [ 0, 27, 27,  0]], dtype=uint8)
"""

import math

from gpu.filters import by_fft
from scratch.geometry import Window2d
from scratch.images import kernels
from scratch.images.filters import Filters, Job, output_size
from scratch.images.pooling import Pools
from scratch.images.separable import factors

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


def fewest_operations(job: Job) -> str:
    """Choose a method of `gpu`: the one with the fewest additions and multiplications. This is not measured.

        direct       2 kH kW               for each pixel of the result
        separable    2 kH                  for each pixel of the column's result, outH x W
                     + 2 kW                for each pixel of the result
        fft          5 T log2 T + 3 T      for each tile of T pixels: the transforms there and back of real numbers,
                                           2.5 T log2 T each, and T / 2 products of complex numbers, 6 T / 2
                     + 2.5 T log2 T        once, for the kernel

    "separable" is in question for a column times a row, "fft" where it can serve. Of equals the first is taken.
    """
    (N, H, W), (kH, kW) = job.padded.shape, job.kernel.shape
    outH, outW = Window2d.of((kH, kW), job.stride).output_size((H, W))
    counts: dict[str, float] = {"direct": N * 2 * kH * kW * outH * outW}
    if factors(job.kernel) is not None:
        counts["separable"] = N * 2 * (kH * outH * W + kW * outH * outW)
    tile = by_fft.tile_of((H, W), (kH, kW))
    tiles = math.prod(math.ceil((n - k + 1) / (t - k + 1)) for n, k, t in zip((H, W), (kH, kW), tile, strict=True))
    T = math.prod(tile)
    counts["fft"] = N * tiles * (5 * math.log2(T) + 3) * T + 2.5 * T * math.log2(T)
    fewest = min(counts, key=counts.__getitem__)
    if fewest == "fft" and not by_fft.serves(job.padded, job.kernel):
        del counts["fft"]
        fewest = min(counts, key=counts.__getitem__)
    return fewest


filters, pools = Filters("gpu", fewest_operations), Pools("gpu")
correlate2d, convolve2d, choose_method = filters.correlate2d, filters.convolve2d, filters.choose_method
max_pool, average_pool, translation_invariance = pools.max_pool, pools.average_pool, pools.translation_invariance
