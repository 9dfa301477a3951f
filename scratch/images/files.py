"""Read and write pictures, make them grey, change their size. Reading, writing and resizing take Pillow.

Whatever is wrong with a picture, `PictureError` says it in one sentence. What comes over the network, and what a file
claims to hold, is limited before memory is taken for it.
"""

import io
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from scratch.array import Array
from scratch.geometry import Pair, pair
from scratch.images.errors import PictureError
from scratch.images.layout import check_image, finish, working_dtype

MAX_BYTES = 50 * 2**20
MAX_PIXELS = 50_000_000

BT601 = (0.299, 0.587, 0.114)
"""How much red, green and blue count: the luma of ITU-R BT.601, as in Pillow, OpenCV and most textbooks."""


def read_image(
    source: str | Path, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS, timeout: float = 10.0
) -> Array:
    """Read a picture from a file, or from an http(s) address.

    Parameters
    ----------
    source : a path, or an address that begins with http:// or https://
    max_bytes : a larger file is not read
    max_pixels : a picture of more pixels is not decoded
    timeout : in seconds, for the whole of a download

    Returns
    -------
    (H, W) uint8 array of a grey picture, (H, W, 3) of one in colour, (H, W, 4) of one with transparency; the first
    one of an animation; turned upright where the file says how the camera was held (EXIF)

    Raises
    ------
    PictureError
        if there is no such file, the address does not answer in time, there are too many bytes or pixels, or the
        file is broken, cut short or not a picture
    ImportError
        if Pillow is missing
    """
    Image = pillow()
    from PIL import ImageOps

    name = str(source)
    if is_address(name):
        from scratch.images.download import downloaded  # what it imports takes longer than all of scratch

        content = downloaded(name, max_bytes, timeout)
    else:
        content = file_content(Path(source), max_bytes)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own limits of pixels; ours come first
            with Image.open(io.BytesIO(content)) as picture:
                W, H = picture.size
                if max_pixels < W * H:
                    raise PictureError(f"{name}: {W} x {H} pixels are more than {max_pixels:,} (max_pixels).")
                return pixels_of(ImageOps.exif_transpose(picture))
    except Image.UnidentifiedImageError:
        raise PictureError(f"{name}: this is not a picture that Pillow knows.") from None
    except Image.DecompressionBombError:
        raise PictureError(f"{name}: the picture claims so many pixels that Pillow refuses it.") from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, OverflowError) as error:  # Pillow's for bad files
        raise PictureError(f"{name}: the picture is broken or cut short ({error}).") from None


def pixels_of(picture: Any) -> Array:
    """Decode a picture of any of Pillow's modes into uint8: grey, RGB or RGBA."""
    transparent = "A" in picture.mode or "transparency" in picture.info
    if picture.mode.startswith("I;16") or picture.mode == "I":  # 16 bits: the upper 8 of them
        return np.asarray(np.clip(np.asarray(picture) // 256, 0, 255), np.uint8)
    mode = "RGBA" if transparent else "L" if picture.mode in ("1", "L", "F") else "RGB"
    return np.array(picture.convert(mode))


def is_address(name: str) -> bool:
    """Tell an address from a path."""
    return name.lower().startswith(("http://", "https://"))


def file_content(path: Path, max_bytes: int) -> bytes:
    """Read a file that is not too large."""
    try:
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except FileNotFoundError:
        raise PictureError(f"{path}: there is no such file.") from None
    except OSError as error:
        raise PictureError(f"{path}: the file cannot be read ({error.strerror or error}).") from None
    if len(content) > max_bytes:
        raise PictureError(f"{path}: the file has more than {max_bytes:,} bytes (max_bytes).")
    return content


def write_image(path: str | Path, image: Any) -> None:
    """Write a picture; the name's ending chooses the format, .png keeps every pixel as it is.

    Parameters
    ----------
    path : where to
    image : (H, W), (H, W, 3) or (H, W, 4) uint8 array. `correlate2d(..., clip=(0, 255), dtype=np.uint8)` makes one

    Raises
    ------
    TypeError, ValueError
        if the image is of another dtype or shape
    PictureError
        if the file cannot be written
    ImportError
        if Pillow is missing
    """
    picture = to_pillow(image)
    try:
        picture.save(path)
    except (OSError, ValueError) as error:
        raise PictureError(f"{path}: the picture cannot be written ({error}).") from None


def grayscale(image: Any, weights: tuple[float, float, float] = BT601) -> Array:
    """Mix red, green and blue into grey: 0.299 R + 0.587 G + 0.114 B. Transparency is left out.

    Parameters
    ----------
    image : (H, W), (H, W, C) or (N, H, W, C) array; of one or two channels, the first is taken as it is
    weights : of red, green and blue

    Returns
    -------
    (H, W) or (N, H, W, 1) array, of the image's dtype; integers are rounded

    Raises
    ------
    TypeError, ValueError
        if the image is not as described

    Examples
    --------
    >>> grayscale(np.array([[[255, 0, 0], [255, 255, 255]]], np.uint8))
    array([[ 76, 255]], dtype=uint8)
    """
    colours = check_image(image)
    if colours.dtype == bool:
        raise TypeError("image of dtype bool: integers or floating numbers are needed")
    if colours.ndim == 2:
        return colours.copy()
    grey = colours[..., :1].copy()
    if colours.shape[-1] > 2:
        mixed = colours[..., :3].astype(working_dtype(colours.dtype), copy=False)
        grey = finish(np.sum(mixed * np.asarray(weights, mixed.dtype), axis=-1, keepdims=True), None, colours.dtype)
    return grey if colours.ndim == 4 else grey.reshape(grey.shape[:2])


def resize(image: Any, size: int | Pair) -> Array:
    """Change the size of a uint8 picture, by Pillow's LANCZOS filter, which takes in all pixels when it shrinks.

    Parameters
    ----------
    image : (H, W), (H, W, 3) or (H, W, 4) uint8 array
    size : (height, width), in pixels

    Raises
    ------
    TypeError, ValueError
        if an argument is not as described
    ImportError
        if Pillow is missing
    """
    height, width = pair(size, "size", least=1)
    picture = to_pillow(image)
    return np.array(picture.resize((width, height), pillow().Resampling.LANCZOS))


def to_pillow(image: Any) -> Any:
    """Make a Pillow picture of a uint8 array."""
    Image = pillow()
    image = check_image(image)
    if image.dtype != np.uint8:
        raise TypeError(f"image of dtype {image.dtype}: a picture is of uint8 (see clip and dtype of correlate2d)")
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[..., 0]
    if image.ndim == 4 or (image.ndim == 3 and image.shape[2] == 2):
        raise ValueError(f"image of shape {image.shape}: a picture is (H, W), (H, W, 3) or (H, W, 4)")
    return Image.fromarray(np.ascontiguousarray(image))


def pillow() -> ModuleType:
    """Load Pillow, or say what brings it."""
    try:
        from PIL import Image
    except ModuleNotFoundError:
        raise ImportError('Pillow is missing: pip install -c constraints.txt -e ".[images]" brings it') from None
    return Image
