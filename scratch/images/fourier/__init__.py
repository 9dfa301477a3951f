"""Images as sums of waves: the Fourier transform by its definition, fast, and what it is good for.

>>> from scratch.images import fourier
>>> image = [[1.0, 2.0], [3.0, 5.0]]
>>> fourier.fft.fft2d(image).real
array([[11., -3.],
       [-5.,  1.]])
>>> fourier.spectrum.low_pass(image, radius=0)
array([[2.75, 2.75],
       [2.75, 2.75]])
"""

from scratch.images.fourier import convolution, dft, fft, spectrum

__all__ = ["convolution", "dft", "fft", "spectrum"]
