"""Kernels for filtering images, by name: read-only float64 arrays, each with what it is for.

They are written as they are laid over the image by `correlate2d`. Most look the same when turned by 180 degrees, so
that `convolve2d` gives the same; edge, Sobel and emboss kernels change sign or side.

Sources: Gonzalez and Woods, "Digital Image Processing", chapters 3 and 10; the two tutorials this project grew out of.
"""

import numpy as np

from scratch.array import HostArray


def constant(rows: list[list[float]], divisor: float = 1.0) -> HostArray:
    """Make a read-only kernel."""
    kernel = np.array(rows, np.float64) / divisor
    kernel.flags.writeable = False
    return kernel


IDENTITY = constant([[0, 0, 0], [0, 1, 0], [0, 0, 0]])
"""Leaves the image as it is: the first test of any implementation."""

BOX_BLUR = constant([[1, 1, 1], [1, 1, 1], [1, 1, 1]], 9)
"""The mean of the neighbourhood: blurs, and takes noise away, at the price of blocky, directional artefacts."""

GAUSSIAN = constant([[1, 2, 1], [2, 4, 2], [1, 2, 1]], 16)
"""Blurs more softly: near pixels count more. [1 2 1] are binomial numbers, which tend to the bell curve."""

SHARPEN = constant([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
"""The image minus its Laplacian: every pixel is pushed away from its neighbours. It also sharpens the noise."""

SOBEL_X = constant([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
"""The slope from left to right, smoothed from top to bottom: large at vertical edges that brighten to the right."""

SOBEL_Y = constant([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
"""The slope from top to bottom, smoothed sideways: large at horizontal edges that brighten downwards."""

LAPLACIAN = constant([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
"""The sum of both second differences: 0 on flat and evenly sloping ground, both signs at edges in any direction."""

EMBOSS = constant([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])
"""The image plus its slope along the diagonal: looks like a relief lit from one corner. The numbers add up to 1."""

OUTLINE = constant([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]])
"""Each pixel against all eight neighbours: a bright outline of things, nothing where the image is flat."""

BOX_EDGE = constant([[1, 1, 1], [1, -8, 1], [1, 1, 1]])
"""The Laplacian with the diagonals counted too: OUTLINE with its sign turned round, dark where that is bright."""

HORIZONTAL_EDGE = constant([[-1, -1, -1], [0, 0, 0], [1, 1, 1]])
"""Rows below minus rows above (Prewitt): answers to horizontal edges, and is blind to vertical ones."""

VERTICAL_EDGE = constant([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])
"""Columns to the right minus columns to the left (Prewitt): answers to vertical edges, blind to horizontal ones."""

KERNELS: dict[str, HostArray] = {
    "identity": IDENTITY,
    "box blur": BOX_BLUR,
    "gaussian": GAUSSIAN,
    "sharpen": SHARPEN,
    "sobel x": SOBEL_X,
    "sobel y": SOBEL_Y,
    "laplacian": LAPLACIAN,
    "emboss": EMBOSS,
    "outline": OUTLINE,
    "box edge": BOX_EDGE,
    "horizontal edge": HORIZONTAL_EDGE,
    "vertical edge": VERTICAL_EDGE,
}
"""All of them, in the order of the tutorials: first the ten for images, then those that only the other one has."""
