"""Data made on the spot."""

import numpy as np

from scratch.array import HostArray


def lines(count: int, generator: np.random.RandomState) -> tuple[HostArray, HostArray]:
    """Draw images of one bright line in faint noise: vertical (label 0) and horizontal (label 1) in turn.

    Parameters
    ----------
    count : number of images, even
    generator : where the random numbers come from; RandomState(0) gives what follows np.random.seed(0)

    Returns
    -------
    images : (count, 1, 8, 8) float64 array, the noise normal with deviation 0.1, the line 1.0
    labels : (count,) int64 array

    Raises
    ------
    ValueError
        if count is odd or negative

    Examples
    --------
    >>> images, labels = lines(200, np.random.RandomState(0))
    >>> images.shape, labels[:4]
    ((200, 1, 8, 8), array([0, 1, 0, 1]))
    """
    if count < 0 or count % 2:
        raise ValueError(f"count={count} must be even and not negative: the images come in pairs")
    images = np.empty((count, 1, 8, 8))
    for n in range(count):
        images[n, 0] = generator.randn(8, 8) * 0.1
        position = generator.randint(1, 7)
        if n % 2 == 0:
            images[n, 0, :, position] = 1.0
        else:
            images[n, 0, position, :] = 1.0
    return images, np.arange(count) % 2
