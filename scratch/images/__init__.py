"""Image processing from scratch: filters, pooling, the Fourier transform, and pictures read and written.

>>> import numpy as np
>>> from scratch.images import correlate2d, kernels
>>> image = np.zeros((512, 512), np.uint8)
>>> correlate2d(image, kernels.SHARPEN, border="replicate", clip=(0, 255), dtype=np.uint8).shape
(512, 512)
"""

from scratch.images import fourier, kernels
from scratch.images.filters import choose_method, convolve2d, correlate2d, output_size

__all__ = [
    "choose_method",
    "convolve2d",
    "correlate2d",
    "fourier",
    "kernels",
    "output_size",
]
