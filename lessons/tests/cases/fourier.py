"""What the lesson "Fourier: pictures as waves" is tried with."""

import numpy as np

from lessons.exercises import fourier
from scratch.images import convolve2d
from scratch.images.fourier.convolution import circular_convolve
from scratch.images.gallery.off_by_one import tutorial_convolve


def recursive(first, second, turns=lambda n: np.exp(-2j * np.pi * np.arange(n // 2) / n)):
    """A radix-2 transform of its own parts and turns."""

    def transform(x):
        if len(x) == 1:
            return x.astype(complex)
        half = len(x) // 2
        return fourier.joined(np.fft.fft(first(x, half)), np.fft.fft(second(x, half)), turns(len(x)))

    return transform


def even(x, _):
    """Cells 0, 2, 4, ..."""
    return x[::2]


def odd(x, _):
    """Cells 1, 3, 5, ..."""
    return x[1::2]


def rolled(times):
    """A circular convolution whose kernel's centre is not on the pixel."""
    return lambda image, kernel: np.roll(
        circular_convolve(image, kernel), [times * (k // 2) for k in kernel.shape], (0, 1)
    )


def less(result, right):
    """The right shift, counted the other way around."""
    return np.array(fourier.my_shift(result, right)) - result.shape


ANSWERS = {
    "answer_1": (4, 10),
    "my_fft": (fourier.my_fft, lambda x: x),
    "my_shift": (fourier.my_shift, lambda result, right: (0, 1)),
    "my_convolve": (fourier.my_convolve, tutorial_convolve),
}

VALUES = [fourier.on_paper]
FUNCTIONS = [fourier.fast_transform, fourier.shift, fourier.mended]

RIGHT = [
    (fourier.on_paper, 4),
    (fourier.fast_transform, fourier.my_fft),
    (fourier.fast_transform, np.fft.fft),
    (fourier.shift, fourier.my_shift),
    (fourier.mended, fourier.my_convolve),
    (fourier.mended, circular_convolve),
]

WRONG = [
    (fourier.on_paper, 10, "This is X[0]"),
    (fourier.on_paper, -1, "the real part of X[1]"),
    (fourier.on_paper, -4, "The sign is wrong"),
    (fourier.on_paper, 1, "divides by nothing"),
    (fourier.on_paper, 7, "Multiply, and add up"),
    (fourier.fast_transform, lambda x: np.conj(np.fft.fft(x)), "goes the wrong way"),
    (fourier.fast_transform, np.fft.ifft, "the way back"),
    (fourier.fast_transform, lambda x: np.fft.fft(x) / len(x), "divided by n"),
    (fourier.fast_transform, recursive(lambda x, half: x[:half], lambda x, half: x[half:]), "not of the first half"),
    (fourier.fast_transform, recursive(odd, even), "E and O are exchanged"),
    (
        fourier.fast_transform,
        recursive(even, odd, lambda n: np.exp(-4j * np.pi * np.arange(n // 2) / n)),
        "the length of the whole",
    ),
    (fourier.fast_transform, recursive(even, odd, lambda n: np.ones(n // 2)), "O is not turned"),
    (fourier.fast_transform, lambda x: x, "cell (0,) must be"),
    (fourier.shift, lambda result, right: fourier.my_shift(right, result), "exchange the two"),
    (fourier.shift, lambda result, right: fourier.my_shift(result, right)[::-1], "Rows first"),
    (fourier.shift, less, "each at least 0"),
    (fourier.shift, lambda result, right: 3, "Two numbers are asked for"),
    (fourier.shift, lambda result, right: (0, 1), "cell (0,) must be 1"),
    (fourier.mended, tutorial_convolve, "by a pixel, as the tutorial's is"),
    (fourier.mended, rolled(1), "must be rolled to cell (0, 0)"),
    (fourier.mended, rolled(2), "and not up and to the left"),
    (fourier.mended, lambda image, kernel: circular_convolve(image, kernel[::-1, ::-1]), "The kernel is turned"),
    (fourier.mended, convolve2d, "the linear convolution"),
    (fourier.mended, lambda image, kernel: image, "cell (0, 0) must be"),
]

SOLUTIONS = [
    (fourier.fast_transform, fourier.my_fft),
    (fourier.shift, fourier.my_shift),
    (fourier.mended, fourier.my_convolve),
]

WITHOUT_STRIPES = [[0 if (k, l) in ((-3, -2), (3, 2)) else 1 for l in range(-3, 4)] for k in range(-3, 4)]

# The ends of the sliders; radii in either order; kernels that are shifted and one that is not.
LIVE = [
    {"wave_k": -8, "wave_l": 12, "which_wave": 0, "radius_1": 0, "radius_2": 75, "place": 0, "filter_name": "sobel y"},
    {"wave_k": 0, "wave_l": 0, "which_wave": 2, "radius_1": 75, "radius_2": 0, "place": 29, "filter_name": "emboss"},
    {"wave_k": 8, "wave_l": 1, "which_wave": 3, "radius_1": 9, "radius_2": 9, "mask_rows": WITHOUT_STRIPES},
    {"filter_name": "identity", "mask_rows": [[0] * 7] * 7},
]
