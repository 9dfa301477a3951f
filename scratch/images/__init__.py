"""Image processing from scratch: filters, pooling, the Fourier transform, and pictures read and written.

>>> import numpy as np
>>> from scratch.images import correlate2d, kernels
>>> image = np.zeros((512, 512), np.uint8)
>>> correlate2d(image, kernels.SHARPEN, border="replicate", clip=(0, 255), dtype=np.uint8).shape
(512, 512)
"""

from scratch.images import fourier, kernels
from scratch.images.errors import PictureError
from scratch.images.files import grayscale, read_image, resize, write_image
from scratch.images.filters import choose_method, convolve2d, correlate2d, output_size
from scratch.images.grid import show_grid
from scratch.images.pooling import average_pool, max_pool, translation_invariance

__all__ = [
    "PictureError",
    "average_pool",
    "choose_method",
    "convolve2d",
    "correlate2d",
    "fourier",
    "grayscale",
    "kernels",
    "max_pool",
    "output_size",
    "read_image",
    "resize",
    "show_grid",
    "translation_invariance",
    "write_image",
]
