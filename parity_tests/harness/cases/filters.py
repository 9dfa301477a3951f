"""Image filters: every option alone, then together; images and kernels are never square.

Which referee can be asked what: parity_tests/harness/filter_referees.py.
"""

from parity_tests.harness.case import Spec
from parity_tests.harness.filter_case import FilterCase

CORRELATE, CONVOLVE = "correlate2d", "convolve2d"
NDIMAGE, SIGNAL, TORCH = "scipy.ndimage", "scipy.signal", "torch"

S = Spec.of
F = FilterCase

CASES = [
    # scipy.ndimage: "same" with every border; kernels odd, even, mixed, larger than the image.
    F(S(CORRELATE), NDIMAGE, (1, 1), (1, 1)),
    F(S(CORRELATE), NDIMAGE, (9, 7), (3, 5)),
    F(S(CORRELATE), NDIMAGE, (7, 10), (4, 2)),
    F(S(CORRELATE), NDIMAGE, (8, 6), (2, 3), "product"),
    F(S(CORRELATE), NDIMAGE, (5, 9), (1, 4)),
    F(S(CORRELATE), NDIMAGE, (9, 5), (6, 1)),
    F(S(CORRELATE, border="replicate"), NDIMAGE, (8, 11), (3, 4)),
    F(S(CORRELATE, border="reflect"), NDIMAGE, (9, 7), (4, 5), "product"),
    F(S(CORRELATE, border="symmetric"), NDIMAGE, (7, 9), (2, 6)),
    F(S(CORRELATE, border="circular"), NDIMAGE, (10, 8), (5, 2)),
    F(S(CORRELATE, border="replicate"), NDIMAGE, (3, 4), (8, 5)),
    F(S(CORRELATE, border="reflect"), NDIMAGE, (3, 2), (5, 8)),
    F(S(CORRELATE, border="symmetric"), NDIMAGE, (2, 3), (7, 9)),
    F(S(CORRELATE, border="circular"), NDIMAGE, (3, 2), (4, 9)),
    F(S(CORRELATE, border="reflect"), NDIMAGE, (1, 5), (3, 4)),
    F(S(CONVOLVE), NDIMAGE, (9, 7), (3, 5)),
    F(S(CONVOLVE), NDIMAGE, (7, 10), (4, 2)),
    F(S(CONVOLVE), NDIMAGE, (6, 8), (4, 3), "product"),
    F(S(CONVOLVE, border="replicate"), NDIMAGE, (11, 8), (4, 3)),
    F(S(CONVOLVE, border="reflect"), NDIMAGE, (7, 9), (5, 4)),
    F(S(CONVOLVE, border="symmetric"), NDIMAGE, (9, 7), (6, 2), "product"),
    F(S(CONVOLVE, border="circular"), NDIMAGE, (8, 10), (2, 5)),
    F(S(CONVOLVE, border="symmetric"), NDIMAGE, (3, 2), (7, 6)),
    F(S(CORRELATE, stride=(2, 3)), NDIMAGE, (9, 11), (4, 3)),
    F(S(CORRELATE, stride=(3, 2), border="circular"), NDIMAGE, (10, 7), (3, 4), "product"),
    F(S(CONVOLVE, stride=(1, 4), border="reflect"), NDIMAGE, (6, 11), (2, 5)),
    F(S(CONVOLVE, stride=3, border="symmetric"), NDIMAGE, (8, 11), (4, 4), "product"),
    F(S(CORRELATE, border="symmetric"), NDIMAGE, (6, 7, 3), (3, 4), "product"),
    F(S(CORRELATE, stride=(2, 1), border="replicate"), NDIMAGE, (7, 6, 4), (2, 3)),
    F(S(CORRELATE, border="reflect"), NDIMAGE, (2, 6, 7, 3), (4, 3)),
    F(S(CONVOLVE, stride=(1, 2)), NDIMAGE, (3, 7, 6, 1), (3, 2), "product"),
    F(S(CONVOLVE, border="circular"), NDIMAGE, (2, 5, 8, 2), (2, 5)),
    # scipy.signal: "valid" and "full".
    F(S(CORRELATE, padding="valid"), SIGNAL, (8, 9), (3, 4)),
    F(S(CORRELATE, padding="valid"), SIGNAL, (4, 6), (4, 6)),
    F(S(CORRELATE, padding="valid", stride=(3, 2)), SIGNAL, (11, 8), (4, 3), "product"),
    F(S(CORRELATE, padding="full"), SIGNAL, (6, 9), (2, 5)),
    F(S(CORRELATE, padding="full", border="symmetric"), SIGNAL, (7, 8), (4, 3)),
    F(S(CORRELATE, padding="full", border="circular"), SIGNAL, (8, 7), (3, 2), "product"),
    F(S(CONVOLVE, padding="valid"), SIGNAL, (9, 8), (4, 3)),
    F(S(CONVOLVE, padding="full"), SIGNAL, (9, 6), (5, 2), "product"),
    F(S(CONVOLVE, padding="full", border="symmetric"), SIGNAL, (8, 7), (3, 4)),
    F(S(CONVOLVE, padding="full", border="circular", stride=(2, 3)), SIGNAL, (7, 8), (2, 3)),
    F(S(CONVOLVE, padding="full"), SIGNAL, (6, 5, 3), (3, 4)),
    F(S(CORRELATE, padding="valid"), SIGNAL, (2, 7, 6, 3), (2, 3), "product"),
    # torch.nn.functional.conv2d: pixels, and everything else but even kernels in the middle.
    F(S(CORRELATE), TORCH, (6, 9), (5, 3)),
    F(S(CORRELATE, border="reflect"), TORCH, (8, 6), (3, 7)),
    F(S(CORRELATE, padding="valid", stride=(1, 2)), TORCH, (7, 8), (2, 4)),
    F(S(CORRELATE, padding=2), TORCH, (5, 8), (2, 3)),
    F(S(CORRELATE, padding=(3, 1)), TORCH, (4, 7), (4, 2)),
    F(S(CORRELATE, padding=(1, 3), border="replicate"), TORCH, (7, 5), (2, 5)),
    F(S(CORRELATE, padding=(2, 1), border="circular", stride=(1, 3)), TORCH, (6, 8), (4, 3), "product"),
    F(S(CORRELATE, padding="full", border="replicate"), TORCH, (5, 6), (3, 2)),
    F(S(CONVOLVE), TORCH, (9, 6), (3, 5), "product"),
    F(S(CONVOLVE, padding=(0, 3), stride=(2, 1)), TORCH, (8, 5), (3, 4)),
    F(S(CONVOLVE, padding=(3, 2), border="reflect"), TORCH, (6, 5), (2, 6)),
    F(S(CONVOLVE, padding="full", border="circular"), TORCH, (6, 7), (4, 2)),
    F(S(CORRELATE, padding=(1, 2), stride=(3, 2), border="reflect"), TORCH, (2, 9, 7, 3), (3, 4)),
    F(S(CONVOLVE, padding=(2, 1), stride=(2, 3), border="replicate"), TORCH, (3, 7, 9, 2), (4, 3), "product"),
    F(S(CORRELATE, padding=1), TORCH, (0, 6, 5, 3), (3, 2), "product"),
    F(S(CONVOLVE, padding="valid", stride=2), TORCH, (0, 6, 5, 1), (2, 3)),
    # Photographs, and the kernels that have a name.
    F(S(CORRELATE, border="replicate"), NDIMAGE, (31, 24), "laplacian", data="images"),
    F(S(CORRELATE, border="symmetric"), NDIMAGE, (24, 31), "sobel x", data="images"),
    F(S(CONVOLVE), NDIMAGE, (31, 24), "sobel y", data="images"),
    F(S(CORRELATE, border="reflect"), NDIMAGE, (20, 27, 3), "gaussian", data="images"),
    F(S(CONVOLVE, padding="full"), SIGNAL, (24, 19), "emboss", data="images"),
    F(S(CORRELATE, stride=2), TORCH, (2, 21, 16, 3), "box blur", data="images"),
    F(S(CONVOLVE, border="circular"), NDIMAGE, (40, 27), (15, 12), data="images"),
    F(S(CORRELATE, border="symmetric"), NDIMAGE, (27, 40), (11, 14), "product", "images"),
    F(S(CONVOLVE, padding="valid"), TORCH, (150, 9), (3, 2), "product"),  # more than one tile of an FFT
    # Integers; those that are exact, and those that are not.
    F(S(CORRELATE), NDIMAGE, (7, 9), (3, 4), "integers", "integers"),
    F(S(CONVOLVE, padding="valid"), TORCH, (8, 6), (2, 3), "integers", "integers"),
    F(S(CORRELATE, border="replicate"), NDIMAGE, (12, 9, 3), "sharpen", data="images", integer="uint8"),
    F(S(CONVOLVE, padding="full", border="symmetric"), SIGNAL, (9, 12), (4, 3), data="images", integer="uint8"),
    F(S(CORRELATE), TORCH, (2, 8, 7, 1), (3, 5), "product", integer="int16"),
    F(S(CONVOLVE, border="circular"), NDIMAGE, (8, 7), (2, 5), "integers", integer="int16"),
    F(S(CORRELATE, padding=1), TORCH, (6, 9), (4, 3), integer="bool"),
    # Clipped and rounded: to whole numbers, or to ninths, which are never halves.
    F(S(CORRELATE, clip=(-0.5, 1.25)), NDIMAGE, (8, 9), (2, 3), "product"),
    F(S(CONVOLVE, clip=(0, 1)), NDIMAGE, (14, 19), "laplacian", data="images"),
    F(S(CORRELATE, dtype="int16", padding="full"), SIGNAL, (6, 8), (3, 2), "integers", "integers"),
    F(S(CONVOLVE, dtype="int8", clip=(-20, 30)), NDIMAGE, (8, 6), (2, 3), "integers", "integers"),
    F(S(CORRELATE, clip=(0, 255), dtype="uint8"), NDIMAGE, (13, 16), "sobel x", data="images", integer="uint8"),
    F(S(CONVOLVE, clip=(0, 255), dtype="uint8"), TORCH, (12, 9, 3), "emboss", data="images", integer="uint8"),
    F(S(CORRELATE, dtype="uint8"), NDIMAGE, (9, 13), "box blur", data="images", integer="uint8"),
    # A mean that cancels, and what is not finite.
    F(S(CORRELATE, border="replicate"), NDIMAGE, (9, 12), "laplacian", data="large mean"),
    F(S(CONVOLVE, padding="valid"), SIGNAL, (8, 9), (3, 2), "product", "large mean"),
    F(S(CORRELATE, border="symmetric"), NDIMAGE, (12, 9), (2, 3), "product", "nan"),
    F(S(CONVOLVE, padding="valid"), SIGNAL, (9, 13), (3, 2), data="nan"),
    F(S(CORRELATE, padding=(2, 1), stride=(1, 2)), TORCH, (10, 15), (3, 2), data="inf"),
    F(S(CONVOLVE, border="replicate"), NDIMAGE, (17, 12), (2, 3), "product", "inf"),
]
