"""Several images in one picture, each under its title and its shape.

Pillow draws it: a small image is then enlarged by a whole factor, every pixel a sharp square, and the picture is an
array that can be written, compared and put into a page. (matplotlib would resample images to its own dots, and needs
much more to be installed.)
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratch.array import Array
from scratch.images.files import pillow
from scratch.images.layout import check_image, working_dtype

CELL = 256  # the longer side of an image is enlarged by a whole factor up to this, or reduced by one down to it
GAP = 12
LINE = 18


def show_grid(images: Sequence[Any], titles: Sequence[str] | None = None, columns: int = 4) -> Array:
    """Draw images side by side, row by row, each under its title, its shape and its range.

    uint8 images are shown as they are. Of others, the smallest number becomes black and the largest white, which the
    line below the title tells: "(6, 6)  -3 .. 3".

    Parameters
    ----------
    images : of (H, W), (H, W, 3) or (H, W, 4) arrays, of any sizes
    titles : one for each
    columns : at most so many side by side

    Returns
    -------
    (height, width, 3) uint8 array: `write_image("grid.png", show_grid(...))`

    Raises
    ------
    TypeError, ValueError
        if an image is none, there is none, there are not as many titles, or columns is not positive
    ImportError
        if Pillow is missing
    """
    from importlib import import_module

    Image = pillow()
    ImageDraw, ImageFont = (import_module(f"PIL.{name}") for name in ("ImageDraw", "ImageFont"))
    if not images:
        raise ValueError("images: there is none to show")
    if titles is not None and len(titles) != len(images):
        raise ValueError(f"titles: {len(titles)} for {len(images)} images")
    if columns < 1:
        raise ValueError(f"columns={columns} must be at least 1")
    arrays = [check_image(image) for image in images]
    texts = [[*([titles[n]] if titles else []), described(array)] for n, array in enumerate(arrays)]
    cells = [scaled(visible(array)) for array in arrays]
    font = ImageFont.load_default(13)

    width = max(*(cell.shape[1] for cell in cells), *(int(font.getlength(t)) + 1 for text in texts for t in text))
    height = max(cell.shape[0] for cell in cells) + LINE * len(texts[0])
    columns = min(columns, len(cells))
    rows = -(-len(cells) // columns)
    canvas = Image.new("RGB", (GAP + columns * (width + GAP), GAP + rows * (height + GAP)), "white")
    draw = ImageDraw.Draw(canvas)
    for n, (cell, text) in enumerate(zip(cells, texts, strict=True)):
        row, column = divmod(n, columns)
        left, top = GAP + column * (width + GAP), GAP + row * (height + GAP)
        for line, words in enumerate(text):
            draw.text((left, top + line * LINE), words, fill="black" if line == 0 else "dimgray", font=font)
        canvas.paste(Image.fromarray(cell), (left, top + len(text) * LINE))
    return np.array(canvas)


def described(image: Array) -> str:
    """Tell an image's shape and range."""
    return f"{image.shape}  {image.min():.4g} .. {image.max():.4g}"


def visible(image: Array) -> Array:
    """Make an (H, W, 3) uint8 array of an image; transparency is shown on white.

    >>> visible(np.array([[-1.0, 0.0, 1.0]]))[..., 0]
    array([[  0, 128, 255]], dtype=uint8)
    """
    if image.ndim == 4 or (image.ndim == 3 and image.shape[2] == 2):
        raise ValueError(f"image of shape {image.shape}: (H, W), (H, W, 3) or (H, W, 4) can be shown")
    colours = image[..., None] if image.ndim == 2 else image
    if image.dtype != np.uint8:
        colours = colours.astype(working_dtype(image.dtype))
        if not np.isfinite(colours).all():
            raise ValueError("image: NaN and infinities cannot be shown")
        low, high = colours.min(), colours.max()
        colours = np.rint((colours - low) / ((high - low) or 1) * 255).astype(np.uint8)
    if colours.shape[2] == 4:
        opacity = colours[..., 3:] / 255
        colours = np.rint(colours[..., :3] * opacity + 255 * (1 - opacity)).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(colours, (*colours.shape[:2], 3)))


def scaled(image: Array) -> Array:
    """Make a small image larger by repeating pixels, a large one smaller by averaging blocks of them.

    >>> scaled(np.zeros((8, 6, 3), np.uint8)).shape
    (256, 192, 3)
    """
    longer = max(image.shape[:2])
    if longer > CELL:
        return np.array(pillow().fromarray(image).reduce(-(-longer // CELL)))
    factor = CELL // longer
    return image.repeat(factor, axis=0).repeat(factor, axis=1)
