"""What cannot be transformed: one sentence that names the argument, shows it, and says what is needed."""

import numpy as np
import pytest

from scratch.images.fourier.convolution import circular_convolve, convolve_fourier
from scratch.images.fourier.dft import dft2d, inverse_dft2d
from scratch.images.fourier.fft import fft, fft2d, inverse_fft, inverse_fft2d
from scratch.images.fourier.spectrum import from_spectrum, high_pass, low_pass, phase, spectrum

GREY, COLOUR, KERNEL = np.ones((4, 8)), np.ones((4, 8, 3)), np.ones((3, 2))

not_a_power = (
    "{name} has shape {shape}: a length of {n} is not a power of two, which radix 2 needs; "
    "pad it with zeros to {enough}, or use numpy.fft, which takes any length"
)
larger = "kernel has shape {}, the image (4, 8): the kernel must not be larger"
one_image = "image has shape {}: (H, W) or (H, W, C) is needed"

ERRORS = [
    (lambda: dft2d(COLOUR), "x has shape (4, 8, 3): (H, W) is needed"),
    (lambda: dft2d(np.ones(4)), "x has shape (4,): (H, W) is needed"),
    (lambda: inverse_dft2d(np.ones(4)), "X has shape (4,): (H, W) is needed"),
    (lambda: dft2d(np.ones((0, 4))), "x has shape (0, 4): it is empty"),
    (lambda: dft2d([["a", "b"]]), "x has dtype <U1: an array of numbers is needed"),
    (lambda: fft2d(COLOUR), "x has shape (4, 8, 3): (H, W) is needed"),
    (lambda: fft2d(np.ones((4, 0))), "x has shape (4, 0): it is empty"),
    (lambda: inverse_fft2d(np.ones((0, 1))), "X has shape (0, 1): it is empty"),
    (lambda: fft(1.0), "x has shape (): (..., n) is needed"),
    (lambda: fft([]), "x has shape (0,): it is empty"),
    (lambda: inverse_fft(np.ones((2, 0))), "X has shape (2, 0): it is empty"),
    *(
        (lambda function=function, shape=shape: function(np.ones(shape)),
         not_a_power.format(name=name, shape=shape, n=n, enough=enough))
        for function, name, shape, n, enough in (
            (fft, "x", (3,), 3, 4),
            (inverse_fft, "X", (2, 1000), 1000, 1024),
            (fft2d, "x", (6, 4), 6, 8),
            (fft2d, "x", (4, 65), 65, 128),
            (inverse_fft2d, "X", (16, 12), 12, 16),
        )
    ),
    *(
        (call, sentence)
        for function in (spectrum, phase, lambda x: low_pass(x, 2), lambda x: high_pass(x, 2))
        for call, sentence in (
            (lambda function=function: function(np.ones(4)), one_image.format((4,))),
            (lambda function=function: function(np.ones((1, 2, 3, 4))), one_image.format((1, 2, 3, 4))),
            (lambda function=function: function(np.ones((4, 0))), "image has shape (4, 0): it is empty"),
            (lambda function=function: function(GREY * 1j), "image has dtype complex128: real numbers are needed"),
        )
    ),
    (lambda: low_pass(GREY, -1), "radius=-1: it must be 0 or more"),
    (lambda: high_pass(GREY, float("nan")), "radius=nan: it must be 0 or more"),
    (lambda: from_spectrum(GREY, GREY[:, 1:]), "spectrum has shape (4, 8), phase (4, 7): they must be the same"),
    (lambda: from_spectrum(GREY, GREY * 1j), "phase has dtype complex128: real numbers are needed"),
    (lambda: from_spectrum([1.0], [1.0]), "spectrum has shape (1,): (H, W) or (H, W, C) is needed"),
    (lambda: circular_convolve(np.ones(4), KERNEL), "image has shape (4,): (..., H, W) is needed"),
    (lambda: circular_convolve(GREY, np.ones(3)), "kernel has shape (3,): (kH, kW) is needed"),
    (lambda: circular_convolve(GREY, np.ones((3, 0))), "kernel has shape (3, 0): it is empty"),
    (lambda: circular_convolve(GREY[:0], KERNEL), "image has shape (0, 8): it is empty"),
    (lambda: circular_convolve(GREY * 1j, KERNEL), "image has dtype complex128: real numbers are needed"),
    (lambda: circular_convolve(GREY, KERNEL * 1j), "kernel has dtype complex128: real numbers are needed"),
    (lambda: circular_convolve(GREY, np.ones((5, 1))), larger.format((5, 1))),
    (lambda: circular_convolve(GREY, np.ones((1, 9))), larger.format((1, 9))),
    (lambda: convolve_fourier(np.ones((1, 2, 3, 4)), KERNEL, "zero"), one_image.format((1, 2, 3, 4))),
    (lambda: convolve_fourier(GREY, COLOUR, "zero"), "kernel has shape (4, 8, 3): (kH, kW) is needed"),
    (lambda: convolve_fourier(GREY * 1j, KERNEL, "zero"), "image has dtype complex128: real numbers are needed"),
    (lambda: convolve_fourier(GREY[:, :0], KERNEL, "zero"), "image has shape (4, 0): it is empty"),
    (lambda: convolve_fourier(GREY, KERNEL, "wrap"),
     "border='wrap' must be one of 'zero', 'replicate', 'reflect', 'symmetric', 'circular'"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "sentence"), ERRORS, ids=[sentence for _, sentence in ERRORS])
def test_one_sentence(call, sentence):
    with pytest.raises((TypeError, ValueError)) as raised:
        call()
    assert str(raised.value) == sentence
    assert isinstance(raised.value, TypeError) == (" dtype " in sentence)
