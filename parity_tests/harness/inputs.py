"""The numbers that cases are made of: random ones, real images, ties, and what is not finite."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from scratch.array import HostArray


@cache
def real_images() -> dict[str, HostArray]:
    """The crops that are shipped: camera, astronaut, digits, digit_labels (see images/LICENCES.md)."""
    with np.load(Path(__file__).parent / "images" / "images.npz", allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def draw(data: str, shape: tuple[int, ...], generator: np.random.Generator) -> HostArray:
    """Draw an array, in float64.

    Parameters
    ----------
    data :
        "normal"     zero-mean, unit variance
        "images"     crops of real photographs, in 0 ... 1; channels from the colours
        "digits"     handwritten digits, in 0 ... 1; the shape is (N, 64) or (N, 1, 8, 8)
        "integers"   -4 ... 4, so that sums of products are exact
        "ties"       -1, 0 and 1 only, zeros of both signs
        "equal"      all the same number
        "lowest"     normal, with whole regions of -inf
        "nan"        normal, with several NaN
        "inf"        normal, with +inf and -inf
        "-inf"       normal, with -inf
        "large mean" normal, moved to 1000
        "spread"     normal, times 5
        "large"      normal, times 1000
        "huge"       normal, times 1e15: as integers, more digits than a float64 has
    shape : of the result
    generator : the source of randomness

    Raises
    ------
    ValueError
        for unknown data
    """
    values = generator.standard_normal(shape)
    if data == "images":
        return photographs(shape, generator)
    if data == "digits":
        return real_images()["digits"][: shape[0]].reshape(shape) / 16
    if data == "integers":
        return generator.integers(-4, 5, shape).astype(np.float64)
    if data == "ties":
        return np.copysign(generator.integers(0, 2, shape), values)
    if data == "equal":
        return np.full(shape, 0.5)
    if data == "large mean":
        return values + 1000
    if data in ("spread", "large", "huge"):
        return values * {"spread": 5, "large": 1000, "huge": 1e15}[data]
    if data == "lowest":
        values[..., : shape[-1] // 2 + 1] = -np.inf
    elif data == "nan":
        values[generator.random(shape) < 0.1] = np.nan
    elif data == "-inf":
        values[generator.random(shape) < 0.06] = -np.inf
    elif data == "inf":
        values[generator.random(shape) < 0.03] = np.inf
        values[generator.random(shape) < 0.03] = -np.inf
    elif data != "normal":
        raise ValueError(f"data={data!r} is unknown")
    return values


def photographs(shape: tuple[int, ...], generator: np.random.Generator) -> HostArray:
    """Cut windows of shape[-2:] out of the photographs, one for each of the leading indices."""
    images = real_images()
    planes = [images["camera"], *np.moveaxis(images["astronaut"], -1, 0)]
    H, W = shape[-2:] if len(shape) > 1 else (1, shape[-1])
    cut = np.empty((int(np.prod(shape[:-2])) if len(shape) > 1 else 1, H, W))
    for n in range(len(cut)):
        plane = planes[n % len(planes)]
        top, left = (int(generator.integers(0, room + 1)) for room in (plane.shape[0] - H, plane.shape[1] - W))
        cut[n] = plane[top : top + H, left : left + W] / 255
    return cut.reshape(shape)


def layouts(asarray: Any) -> dict[str, Any]:
    """Ways to hold the same numbers in memory: each a function from a host array to an array of the implementation."""

    def every_other(x: HostArray) -> Any:
        wide = np.zeros((*x.shape, 2), x.dtype)
        wide[..., 0] = x
        return asarray(wide)[..., 0]

    def backwards(x: HostArray) -> Any:
        reverse: Any = (..., *[slice(None, None, -1)] * x.ndim)
        return asarray(x[reverse].copy())[reverse]

    return {
        "contiguous": asarray,
        "every other element": every_other,
        "Fortran order": lambda x: asarray(x.T.copy()).T,
        "backwards": backwards,
    }
