"""What a border around images may be, and how wide."""

from typing import Literal, TypeAlias

from scratch.contracts.pad import Mode
from scratch.geometry import Padding

PaddingMode: TypeAlias = Literal["zeros"] | Mode

MODES = ("zeros", "reflect", "replicate", "circular")


def check_mode(mode: str) -> None:
    """Raise a ValueError unless a border may be made so."""
    if mode not in MODES:
        raise ValueError(f"padding_mode={mode!r}: padding_mode must be one of {', '.join(map(repr, MODES))}")


def check_border(x_shape: tuple[int, ...], padding: Padding, mode: PaddingMode) -> None:
    """Raise a ValueError if an image has too few rows or columns for its border.

        reflect     the mirror stands in the outermost cell, so there is one cell less behind it than the image has
        circular    to go around more than once is refused

    >>> check_border((1, 1, 3, 3), ((2, 2), (3, 0)), "reflect")
    Traceback (most recent call last):
    ValueError: padding (3, 0) on x of shape (1, 1, 3, 3): Padding size should be less than the corresponding input...
    """
    for n, sides in zip(x_shape[-2:], padding, strict=True):
        if mode == "reflect" and max(sides) >= n:
            raise ValueError(
                f"padding {sides} on x of shape {x_shape}: Padding size should be less than the corresponding input "
                f"dimension, {n}, where padding_mode='reflect'"
            )
        if mode == "circular" and max(sides) > n:
            raise ValueError(
                f"padding {sides} on x of shape {x_shape}: Padding value causes wrapping around more than once; with "
                f"padding_mode='circular' it may be as large as the corresponding input dimension, {n}"
            )
