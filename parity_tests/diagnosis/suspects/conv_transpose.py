"""Errors of ConvTranspose2d: torch itself with a turned kernel, or with other arguments."""

from parity_tests.diagnosis.suspect import Suspect
from parity_tests.diagnosis.suspects import sums, windows
from parity_tests.diagnosis.suspects.conv import kernel_flipped, not_rotated

FLIPPED = "The kernel is turned by 180 degrees: each number of x is multiplied with the kernel as it is."
NOT_ROTATED = "dx uses the kernel turned by 180 degrees: dx is the convolution of dy with the kernel as it is."
MORE = "y has so many rows and columns more at its end"

SUSPECTS = [
    Suspect("kernel-flipped", FLIPPED, kernel_flipped),
    Suspect("kernel-not-rotated-in-dx", NOT_ROTATED, not_rotated),
    *windows.swaps("stride", "padding", "dilation", "output_padding"),
    Suspect(
        "padding-ignored",
        windows.IGNORED.format("padding", "so many rows and columns are cut off y on each side"),
        windows.changed("padding", lambda value: (0, 0)),
    ),
    windows.DILATION_IGNORED,
    Suspect(
        "output_padding-ignored",
        windows.IGNORED.format("output_padding", MORE),
        windows.changed("output_padding", lambda value: (0, 0)),
    ),
    *sums.OF_ALL,
    *sums.OF_IMAGES,
]
