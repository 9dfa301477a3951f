"""What the lesson "Sliding a kernel" is tried with."""

import numpy as np

from lessons.exercises import sliding
from scratch.images import convolve2d, correlate2d
from scratch.images.kernels import RECORDS


def spoils(picture, kernel):
    """The right result, but the picture is changed."""
    y = sliding.my_correlate(picture, kernel)
    picture[:] = 0
    return y


def raises(picture, kernel):
    """A learner's mistake that Python finds."""
    return picture + np.ones(7)


def no_number(*_):
    """An answer that is no array."""
    return "1 2 3"


ANSWERS = {
    "answer_1": (10, 11),
    "my_correlate": (sliding.my_correlate, lambda picture, kernel: picture),
    "my_convolve": (sliding.my_convolve, lambda picture, kernel: picture),
    "my_kernel": (sliding.MY_KERNEL, [[0, 0, 0], [0, 0, 1], [0, 0, 0]]),
}

VALUES = [sliding.on_paper, sliding.to_the_right]
FUNCTIONS = [sliding.correlation, sliding.convolution]

RIGHT = [
    (sliding.on_paper, 10),
    (sliding.on_paper, np.float64(10)),
    (sliding.correlation, sliding.my_correlate),
    (sliding.correlation, lambda x, k: correlate2d(x, k, padding="valid").tolist()),
    (sliding.convolution, sliding.my_convolve),
    (sliding.convolution, convolve2d),
    (sliding.to_the_right, sliding.MY_KERNEL),
    (sliding.to_the_right, np.array(sliding.MY_KERNEL, np.float32)),
]

WRONG = [
    (sliding.on_paper, 11, "turned by 180 degrees"),
    (sliding.on_paper, 9, "exchanged"),
    (sliding.on_paper, 12, "negative"),
    (sliding.on_paper, 45, "no matrix product"),
    (sliding.on_paper, 1, "add up the nine products"),
    (sliding.on_paper, "10", "A number is asked for"),
    (sliding.on_paper, True, "A number is asked for"),
    (sliding.correlation, lambda x, k: convolve2d(x, k, padding="valid"), "This is convolution"),
    (sliding.correlation, correlate2d, "as large as the picture"),
    (sliding.correlation, lambda x, k: sliding.my_correlate(x, k)[:-1, :-1], "a column are missing"),
    (sliding.correlation, lambda x, k: sliding.my_correlate(x, k.T if len(k) == k.shape[1] else k), "exchanged"),
    (sliding.correlation, lambda x, k: sliding.my_correlate(x, k) + 1, "cell (0, 0) must be"),
    (sliding.correlation, lambda x, k: sliding.my_correlate(x, k)[1:], "the shape must be (2, 3); yours is (1, 3)"),
    (sliding.correlation, raises, "With arrays of (3, 4) and (2, 2), it raises ValueError"),
    (sliding.correlation, spoils, "changes an array"),
    (sliding.correlation, no_number, "returns str"),
    (sliding.convolution, correlate2d, "The kernel is not turned"),
    (sliding.convolution, lambda x, k: correlate2d(x, k[::-1]), "Only the rows"),
    (sliding.convolution, lambda x, k: correlate2d(x, k[:, ::-1]), "Only the columns"),
    (sliding.convolution, lambda x, k: correlate2d(x, k.T), "transposed"),
    (sliding.convolution, lambda x, k: correlate2d(x, np.rot90(k)), "90 degrees"),
    (sliding.convolution, lambda x, k: correlate2d(x, np.rot90(k, -1)), "90 degrees"),
    (sliding.to_the_right, [[0, 0, 0], [0, 0, 1], [0, 0, 0]], "moves to the left"),
    (sliding.to_the_right, [[0, 1, 0], [0, 0, 0], [0, 0, 0]], "not one to the right"),
    (sliding.to_the_right, [[0, 0, 0], [0, 1, 0], [0, 0, 0]], "not one to the right"),
    (sliding.to_the_right, [[0, 0, 0], [2, 0, 0], [0, 0, 0]], "brightness"),
    (sliding.to_the_right, np.zeros((3, 3)), "not 0"),
    (sliding.to_the_right, [1, 0, 0], "(3, 3)"),
    (sliding.to_the_right, "left", "Nine numbers"),
]

SOLUTIONS = [(sliding.correlation, sliding.my_correlate), (sliding.convolution, sliding.my_convolve)]

# Every kernel at the first and at the last place: the lesson asserts that the sum below the boards is what the library
# computes.
LIVE = [
    {"kernel_name": name, "kernel_rows": [list(row) for row in record.rows], "place": place}
    for name, record in RECORDS.items()
    for place in (0, 11)
]
