"""Kernels for filtering images, by name: read-only float64 arrays, each with what it is for.

They are written as they are laid over the image by `correlate2d`. Most look the same when turned by 180 degrees, so
that `convolve2d` gives the same; edge, Sobel and emboss kernels change sign or side.

Sources: Gonzalez and Woods, "Digital Image Processing", chapters 3 and 10; the two tutorials this project grew out of.

>>> SOBEL_X
array([[-1.,  0.,  1.],
       [-2.,  0.,  2.],
       [-1.,  0.,  1.]])
>>> print(RECORDS["sobel x"].purpose)
The slope from left to right, smoothed from top to bottom: large at vertical edges that brighten to the right.
"""

from dataclasses import dataclass

import numpy as np

from scratch.array import HostArray


@dataclass(frozen=True)
class Kernel:
    """A kernel and what is known about it.

    Attributes
    ----------
    name, purpose : for people
    rows, divisor : the kernel as one writes it, whole numbers over a divisor
    array : the kernel as one uses it, read-only float64
    """

    name: str
    purpose: str
    rows: tuple[tuple[int, ...], ...]
    divisor: int
    array: HostArray


RECORDS: dict[str, Kernel] = {}
"""All of them, in the order of the tutorials: first the ten for images, then those that only the other one has."""


def named(name: str, purpose: str, rows: list[list[int]], divisor: int = 1) -> HostArray:
    """Put a kernel into RECORDS, and return its array."""
    array = np.array(rows, np.float64) / divisor
    array.flags.writeable = False
    RECORDS[name] = Kernel(name, purpose, tuple(map(tuple, rows)), divisor, array)
    return array


IDENTITY = named(
    "identity",
    "Leaves the image as it is: the first test of any implementation.",
    [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
)
BOX_BLUR = named(
    "box blur",
    "The mean of the neighbourhood: blurs, and takes noise away, at the price of blocky, directional artefacts.",
    [[1, 1, 1], [1, 1, 1], [1, 1, 1]],
    divisor=9,
)
GAUSSIAN = named(
    "gaussian",
    "Blurs more softly: near pixels count more. [1 2 1] are binomial numbers, which tend to the bell curve.",
    [[1, 2, 1], [2, 4, 2], [1, 2, 1]],
    divisor=16,
)
SHARPEN = named(
    "sharpen",
    "The image minus its Laplacian: every pixel is pushed away from its neighbours. It also sharpens the noise.",
    [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
)
SOBEL_X = named(
    "sobel x",
    "The slope from left to right, smoothed from top to bottom: large at vertical edges that brighten to the right.",
    [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
)
SOBEL_Y = named(
    "sobel y",
    "The slope from top to bottom, smoothed sideways: large at horizontal edges that brighten downwards.",
    [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
)
LAPLACIAN = named(
    "laplacian",
    "The sum of both second differences: 0 on flat and evenly sloping ground, both signs at edges in any direction.",
    [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
)
EMBOSS = named(
    "emboss",
    "The image plus its slope along the diagonal: looks like a relief lit from one corner. The numbers add up to 1.",
    [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
)
OUTLINE = named(
    "outline",
    "Each pixel against all eight neighbours: a bright outline of things, nothing where the image is flat.",
    [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
)
BOX_EDGE = named(
    "box edge",
    "The Laplacian with the diagonals counted too: OUTLINE with its sign turned round, dark where that is bright.",
    [[1, 1, 1], [1, -8, 1], [1, 1, 1]],
)
HORIZONTAL_EDGE = named(
    "horizontal edge",
    "Rows below minus rows above (Prewitt): answers to horizontal edges, and is blind to vertical ones.",
    [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
)
VERTICAL_EDGE = named(
    "vertical edge",
    "Columns to the right minus columns to the left (Prewitt): answers to vertical edges, blind to horizontal ones.",
    [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]],
)

KERNELS: dict[str, HostArray] = {name: record.array for name, record in RECORDS.items()}
"""The arrays by name, in the same order."""
