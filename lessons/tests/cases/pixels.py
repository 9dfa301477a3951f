"""What the lesson "Images are arrays" is tried with."""

import numpy as np

from lessons.exercises import pixels


def spoils(picture, by):
    """The right result, but the picture is changed."""
    bright = pixels.my_brighter(picture, by)
    picture[:] = 0
    return bright


def wraps_below(picture, by):
    """Limited at 255 alone."""
    return np.minimum(picture.astype(int) + by, 255).astype(np.uint8)


ANSWERS = {
    "answer_1": (124, 350),
    "my_crop": (pixels.my_crop, lambda picture, top, left, height, width: picture),
    "my_brighter": (pixels.my_brighter, lambda picture, by: picture.astype(int) + by),
    "my_batch": (pixels.my_batch, lambda photographs: photographs),
}

VALUES = [pixels.on_paper]
FUNCTIONS = [pixels.crop, pixels.brighter, pixels.batch]

RIGHT = [
    (pixels.on_paper, 124),
    (pixels.crop, pixels.my_crop),
    (pixels.crop, lambda picture, t, l, h, w: picture[t:, l:][:h, :w].copy()),
    (pixels.brighter, pixels.my_brighter),
    (pixels.brighter, lambda x, by: np.clip(x.astype(int) + by, 0, 255).astype(np.uint8)),
    (pixels.batch, pixels.my_batch),
    (pixels.batch, lambda x: np.moveaxis(x, -1, 1) / np.float32(255)),
]

WRONG = [
    (pixels.on_paper, 124.2, "round it"),
    (pixels.on_paper, 97, "Red and blue are exchanged"),
    (pixels.on_paper, 116.7, "This is the mean"),
    (pixels.on_paper, 350, "the sum without the weights"),
    (pixels.on_paper, 125, "Multiply red by 0.299"),
    (pixels.crop, lambda x, t, l, h, w: x[t:h, l:w], "`top + height`"),
    (pixels.crop, lambda x, t, l, h, w: x[l : l + h, t : t + w], "`top` and `left` are exchanged"),
    (pixels.crop, lambda x, t, l, h, w: x[l : l + w, t : t + h], "Rows and columns are exchanged"),
    (pixels.crop, lambda x, t, l, h, w: x[t : t + h + 1, l : l + w + 1], "too many"),
    (pixels.crop, lambda x, t, l, h, w: x[t : t + h], "the shape must be (5, 6, 3)"),
    (pixels.brighter, lambda x, by: x + np.array(by).astype(np.uint8), "It wraps around"),
    (pixels.brighter, lambda x, by: np.clip(x + np.array(by).astype(np.uint8), 0, 255), "It wraps around"),
    (pixels.brighter, lambda x, by: x.astype(float) + by, "Limit the sum"),
    (pixels.brighter, lambda x, by: np.minimum(x.astype(float) + by, 255), "limit it at 0, too"),
    (pixels.brighter, wraps_below, "below 0 it wraps"),
    (pixels.brighter, lambda x, by: np.clip(x.astype(float) + by, 0, 255), "it is float64"),
    (pixels.brighter, lambda x, by: x + by, "It wraps around"),
    (pixels.brighter, spoils, "changes an array"),
    (pixels.batch, lambda x: x / np.float32(255), "still the last axis"),
    (pixels.batch, lambda x: x.reshape(2, 3, 4, 5) / np.float32(255), "the channels are mixed"),
    (pixels.batch, lambda x: x.transpose(0, 3, 2, 1) / np.float32(255), "The last two axes are W and H"),
    (pixels.batch, lambda x: x.transpose(0, 3, 1, 2).astype(np.float32), "divide them"),
    (pixels.batch, lambda x: x.transpose(0, 3, 1, 2) // 255, "leaves whole numbers"),
    (pixels.batch, lambda x: x.transpose(0, 3, 1, 2) / 255, "the dtype is float64"),
]

SOLUTIONS = [
    (pixels.crop, pixels.my_crop),
    (pixels.brighter, pixels.my_brighter),
    (pixels.batch, pixels.my_batch),
]

# Each slider at both of its ends: a frame may not leave the photograph, and a sum may wrap nowhere or everywhere.
LIVE = [
    {"left": 0, "level": 0, "brighter": 0, "pixel": 0},
    {"left": 295, "level": 255, "brighter": 255, "pixel": 5},
]
