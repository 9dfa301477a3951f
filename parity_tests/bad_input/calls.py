"""Wrong calls of layers, models and losses that work: of forward and of backward."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from parity_tests.bad_input.arrays import NOT_ASKED, RELAXED, labels, numbers
from scratch.models import residual


class Subject(NamedTuple):
    """Something that works in every namespace, and arguments that it takes."""

    build: Callable[[Any], Any]
    good: tuple[Any, ...]


IMAGES, ROWS, LOGITS, LABELS = (numbers(2, 4, 8, 7),), (numbers(5, 4),), numbers(3, 4), labels(0, 3, 1)

POOLED, CELLS = numbers(2, 4, 3, 5), np.random.default_rng(0).integers(0, 5 * 6, (2, 4, 3, 5))
"""What a max pool makes of an image of 5 x 6, if one does not ask where the largest numbers are."""

# Sizes differ between height and width, so that a check of the wrong one is noticed.
SUBJECTS = {
    "conv": Subject(lambda nn: nn.Conv2d(4, 6, (3, 2), stride=(2, 1), padding=(1, 0), groups=2), IMAGES),
    "mirrored_conv": Subject(lambda nn: nn.Conv2d(4, 6, 3, padding=(7, 1), padding_mode="reflect"), IMAGES),
    "circular_conv": Subject(lambda nn: nn.Conv2d(4, 6, 3, padding=(1, 7), padding_mode="circular"), IMAGES),
    "conv_transpose": Subject(
        lambda nn: nn.ConvTranspose2d(4, 6, (3, 2), stride=(2, 1), padding=(4, 2), groups=2), IMAGES
    ),
    "max_pool": Subject(lambda nn: nn.MaxPool2d((3, 2), stride=(2, 1), padding=(1, 0)), IMAGES),
    "dilated_pool": Subject(lambda nn: nn.MaxPool2d((2, 1), 1, padding=(1, 0), dilation=(3, 1)), IMAGES),
    "avg_pool": Subject(lambda nn: nn.AvgPool2d((3, 2), stride=(2, 1), padding=(1, 0)), IMAGES),
    "adaptive_avg": Subject(lambda nn: nn.AdaptiveAvgPool2d((None, 3)), IMAGES),
    "adaptive_max": Subject(lambda nn: nn.AdaptiveMaxPool2d((3, None)), IMAGES),
    "unpool": Subject(lambda nn: nn.MaxUnpool2d((3, 2), stride=(2, 1), padding=(1, 0)), (POOLED, CELLS)),
    "upsample": Subject(lambda nn: nn.Upsample(scale_factor=(0.5, 1.5)), IMAGES),
    "bilinear": Subject(lambda nn: nn.Upsample((5, 9), mode="bilinear"), IMAGES),
    "linear": Subject(lambda nn: nn.Linear(4, 3), ROWS),
    "norm": Subject(lambda nn: nn.BatchNorm2d(4), IMAGES),
    "untracked_norm": Subject(lambda nn: nn.BatchNorm2d(4, track_running_stats=False).eval(), IMAGES),
    "layer_norm": Subject(lambda nn: nn.LayerNorm((4, 5)), (numbers(2, 3, 4, 5),)),
    "plain_layer_norm": Subject(lambda nn: nn.LayerNorm(4, elementwise_affine=False), ROWS),
    "group_norm": Subject(lambda nn: nn.GroupNorm(2, 4), IMAGES),
    "channel_norm": Subject(lambda nn: nn.GroupNorm(4, 4), IMAGES),
    "relu": Subject(lambda nn: nn.ReLU(), ROWS),
    "softmax": Subject(lambda nn: nn.Softmax(dim=1), ROWS),
    "log_softmax": Subject(lambda nn: nn.LogSoftmax(dim=1), ROWS),
    "leaky_relu": Subject(lambda nn: nn.LeakyReLU(0.25), ROWS),
    "sigmoid": Subject(lambda nn: nn.Sigmoid(), ROWS),
    "tanh": Subject(lambda nn: nn.Tanh(), ROWS),
    "silu": Subject(lambda nn: nn.SiLU(), ROWS),
    "gelu": Subject(lambda nn: nn.GELU(), ROWS),
    "elu": Subject(lambda nn: nn.ELU(0.25), ROWS),
    "softplus": Subject(lambda nn: nn.Softplus(2, 3), ROWS),
    "identity": Subject(lambda nn: nn.Identity(), ROWS),
    "dropout2d": Subject(lambda nn: nn.Dropout2d(0.25), IMAGES),
    "dropout": Subject(lambda nn: nn.Dropout(0.25), ROWS),
    "flatten": Subject(lambda nn: nn.Flatten(2, 3), IMAGES),
    "crossed_flatten": Subject(lambda nn: nn.Flatten(-1, 2), (numbers(2, 4, 8),)),
    "residual": Subject(
        lambda nn: residual(
            nn, nn.Sequential(nn.BatchNorm2d(4), nn.MaxPool2d((2, 1)), nn.Conv2d(4, 5, 1)), nn.Conv2d(4, 5, 1, (2, 1))
        ),
        IMAGES,
    ),
    "model": Subject(
        lambda nn: nn.Sequential(
            nn.Conv2d(4, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(3 * 3 * 2, 5)
        ),
        IMAGES,
    ),
    "cross_entropy": Subject(
        lambda nn: nn.CrossEntropyLoss(
            weight=nn.asarray(np.array([1.0, 2.0, 0.5, 1.0], np.float32)), ignore_index=1, label_smoothing=0.25
        ),
        (LOGITS, LABELS),
    ),
    "losses": Subject(lambda nn: nn.CrossEntropyLoss(reduction="none"), (LOGITS, LABELS)),
    "mse": Subject(lambda nn: nn.MSELoss(), (LOGITS, numbers(3, 4) + 1)),
    "l1": Subject(lambda nn: nn.L1Loss(), (LOGITS, numbers(3, 4) + 1)),
    "nll": Subject(lambda nn: nn.NLLLoss(weight=nn.asarray(numbers(4) + 1)), (LOGITS, LABELS)),
    "bce": Subject(
        lambda nn: nn.BCEWithLogitsLoss(nn.asarray(numbers(3, 1) + 1), pos_weight=nn.asarray(numbers(4) + 1)),
        (LOGITS, numbers(3, 4)),
    ),
    "smooth_l1": Subject(lambda nn: nn.SmoothL1Loss(), (LOGITS, numbers(3, 4) + 1)),
}

LOSSES = ("cross_entropy", "losses", "mse", "l1", "nll", "bce", "smooth_l1")


@dataclass(frozen=True)
class Call:
    """A wrong call.

    Attributes
    ----------
    subject, wrong : what is called, and what is wrong with the call
    bad : the arguments
    error, words : what is raised, and what its message must contain
    torch : why torch is not asked; empty if it must refuse, too
    """

    subject: str
    wrong: str
    bad: tuple[Any, ...]
    error: type[Exception]
    words: tuple[str, ...]
    torch: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.wrong}"


def refused(subject: str, wrong: str, bad: Any, error: type[Exception], *words: str, torch: str = "") -> Call:
    """Write a Call in one line."""
    return Call(subject, wrong, bad if isinstance(bad, tuple) else (bad,), error, words, torch)


JUMPED = NOT_ASKED + "its backward would write out of bounds"
COMPLEX = NOT_ASKED + "it has complex numbers"
CASTS = NOT_ASKED + "its autograd converts dy"
BROADCASTS = NOT_ASKED + "it warns and broadcasts"
PROMOTES = NOT_ASKED + "it computes in the wider dtype"

ONE_AXIS = NOT_ASKED + "it resamples the last axis of (N, C, L)"
FIXED = NOT_ASKED + "it rounds weights to fixed point"

FORWARDS = [
    refused("conv", "channels", numbers(2, 3, 8, 7), ValueError, "[2, 3, 8, 7]", "4 channels", "3 channels"),
    refused("conv", "channels, unbatched", numbers(3, 8, 7), ValueError, "[3, 8, 7]", "4 channels", "3 channels"),
    refused("conv", "rank 2", numbers(8, 7), ValueError, "x has shape (8, 7)", "(N, C, H, W)"),
    refused("conv", "rank 5", numbers(1, 2, 4, 8, 7), ValueError, "x has shape (1, 2, 4, 8, 7)"),
    refused("conv", "float64", numbers(2, 4, 8, 7, dtype="float64"), TypeError, "x has", "float64", "float32"),
    refused("conv", "float16", numbers(2, 4, 8, 7, dtype="float16"), TypeError, "x has", "float16", "float32"),
    refused("conv", "int64", numbers(2, 4, 8, 7, dtype="int64"), TypeError, "x has dtype int64", "float32"),
    refused("conv", "no row", numbers(2, 4, 0, 7), ValueError, "x has shape (2, 4, 0, 7)"),
    refused("conv", "too narrow", numbers(2, 4, 8, 1), ValueError, "(8 x 1)", "(10 x 1)", "kernel_size=(3, 2)"),
    refused("mirrored_conv", "rows", numbers(2, 4, 7, 7), ValueError, "(7, 7)", "(2, 4, 7, 7)", "should be less"),
    refused("circular_conv", "columns", numbers(4, 8, 6), ValueError, "(7, 7)", "(4, 8, 6)", "more than once"),
    refused("conv_transpose", "channels", numbers(2, 3, 8, 7), ValueError, "[2, 3, 8, 7]", "4 channels", "3 channels"),
    refused("conv_transpose", "rank 2", numbers(8, 7), ValueError, "x has shape (8, 7)", "(N, C, H, W)"),
    refused("conv_transpose", "float64", numbers(2, 4, 8, 7, dtype="float64"), TypeError, "x has", "float64"),
    refused("conv_transpose", "no column", numbers(2, 4, 8, 0), ValueError, "x has shape (2, 4, 8, 0)"),
    refused("conv_transpose", "all cut off", numbers(2, 4, 8, 2), ValueError, "(8 x 2)", "(9 x -1)", "too small"),
    refused("conv_transpose", "size", (*IMAGES, (9, 6)), ValueError, "[9, 6]", "from [9, 4] to [10, 4]"),
    refused("conv_transpose", "smaller size", (*IMAGES, (8, 4)), ValueError, "[8, 4]", "from [9, 4] to [10, 4]"),
    refused("conv_transpose", "size of an axis", (*IMAGES, (9,)), ValueError, "output_size=(9,)", "2 or 4 elements"),
    refused("conv_transpose", "size as a number", (*IMAGES, 9), ValueError, "output_size=9", "2 or 4 elements"),
    refused("conv_transpose", "size in fractions", (*IMAGES, (9.5, 4)), TypeError, "output_size=(9.5, 4)"),
    refused("max_pool", "rank 2", numbers(8, 7), ValueError, "x has shape (8, 7)"),
    refused("max_pool", "bool", numbers(2, 4, 8, 7, dtype="bool"), TypeError, "x has dtype bool"),
    refused("max_pool", "complex64", numbers(2, 4, 8, 7, dtype="complex64"), TypeError, "x has dtype complex64"),
    refused("max_pool", "uint16", numbers(2, 4, 8, 7, dtype="uint16"), TypeError, "x has dtype uint16"),
    refused("max_pool", "no column", numbers(2, 4, 8, 0), ValueError, "x has shape (2, 4, 8, 0)"),
    refused("max_pool", "too narrow", numbers(2, 4, 8, 1), ValueError, "(8 x 1)", "kernel_size=(3, 2)"),
    refused("dilated_pool", "jumped over", numbers(2, 4, 2, 7), ValueError, "(2, 7)", "axis 0, window 0", torch=JUMPED),
    refused("avg_pool", "rank 1", numbers(7), ValueError, "x has shape (7,)"),
    refused("avg_pool", "int32", numbers(2, 4, 8, 7, dtype="int32"), TypeError, "x has dtype int32"),
    refused("avg_pool", "bool", numbers(2, 4, 8, 7, dtype="bool"), TypeError, "x has dtype bool"),
    refused("avg_pool", "too narrow", numbers(4, 8, 1), ValueError, "(8 x 1)", "kernel_size=(3, 2)"),
    refused("adaptive_avg", "rank 2", numbers(8, 7), ValueError, "x has shape (8, 7)"),
    refused("adaptive_avg", "int64", numbers(2, 4, 8, 7, dtype="int64"), TypeError, "x has dtype int64"),
    refused("adaptive_avg", "no row", numbers(2, 4, 0, 7), ValueError, "x has shape (2, 4, 0, 7)"),
    refused("adaptive_max", "rank 5", numbers(1, 2, 4, 8, 7), ValueError, "x has shape (1, 2, 4, 8, 7)"),
    refused("adaptive_max", "uint8", numbers(2, 4, 8, 7, dtype="uint8"), TypeError, "x has dtype uint8"),
    refused("adaptive_max", "no column", numbers(4, 8, 0), ValueError, "x has shape (4, 8, 0)"),
    refused("unpool", "rank 2", (numbers(3, 5), CELLS[0, 0]), ValueError, "x has shape (3, 5)"),
    refused("unpool", "int64", (numbers(2, 4, 3, 5, dtype="int64"), CELLS), TypeError, "x has dtype int64"),
    refused("unpool", "fewer indices", (POOLED, CELLS[..., 1:]), ValueError, "(2, 4, 3, 4)", "(2, 4, 3, 5)"),
    refused("unpool", "indices of 32 bits", (POOLED, CELLS.astype(np.int32)), TypeError, "int32", "int64"),
    refused("unpool", "index 30 of 30", (POOLED, CELLS // 29 * 30), ValueError, "invalid max index: 30", "5x6", "29"),
    refused("unpool", "index -1", (POOLED, CELLS - 1), ValueError, "invalid max index: -1", "5x6"),
    refused("unpool", "too large", (POOLED, CELLS, (7, 6)), ValueError, "(7, 6)", "dim 0 must be between 3 and 7"),
    refused("unpool", "too narrow", (POOLED, CELLS, [5, 5]), ValueError, "[5, 5]", "dim 1 must be between 5 and 7"),
    refused("unpool", "3 sizes", (POOLED, CELLS, (4, 5, 6)), ValueError, "(4, 5, 6)", "2 or 4 elements"),
    refused("unpool", "one size", (POOLED, CELLS, 5), TypeError, "output_size=5", "(height, width)"),
    refused("unpool", "sizes in text", (POOLED, CELLS, "56"), TypeError, "output_size='56'"),
    refused("upsample", "rank 3", numbers(4, 8, 7), ValueError, "(4, 8, 7)", "(N, C, H, W)", torch=ONE_AXIS),
    refused("upsample", "int64", numbers(2, 4, 8, 7, dtype="int64"), TypeError, "x has dtype int64"),
    refused("upsample", "no row left", numbers(2, 4, 1, 7), ValueError, "(0.5, 1.5)", "output (H: 0, W: 10)"),
    refused("upsample", "no row", numbers(2, 4, 0, 7), ValueError, "x has shape (2, 4, 0, 7)"),
    refused("bilinear", "uint8", numbers(2, 4, 8, 7, dtype="uint8"), TypeError, "x has dtype uint8", torch=FIXED),
    refused("linear", "features", numbers(5, 3), ValueError, "(5, 3)", "(5x3 and 4x3)", "in_features=4"),
    refused("linear", "no dimension", numbers(), ValueError, "x of shape ()", "in_features=4"),
    refused("linear", "float64", numbers(5, 4, dtype="float64"), TypeError, "x has dtype float64", "float32"),
    refused("linear", "int32", numbers(5, 4, dtype="int32"), TypeError, "x has dtype int32", "float32"),
    refused("norm", "channels", numbers(2, 3, 8, 7), ValueError, "(2, 3, 8, 7)", "num_features=4"),
    refused("norm", "rank 3", numbers(4, 8, 7), ValueError, "(4, 8, 7)", "expected 4D input"),
    refused("norm", "float64", numbers(2, 4, 8, 7, dtype="float64"), TypeError, "float64", "float32"),
    refused("norm", "int64", numbers(2, 4, 8, 7, dtype="int64"), TypeError, "x has dtype int64", "float32"),
    refused("norm", "one value", numbers(1, 4, 1, 1), ValueError, "(1, 4, 1, 1)", "more than 1 value per channel"),
    refused("untracked_norm", "one value", numbers(1, 4, 1, 1), ValueError, "(1, 4, 1, 1)", "more than 1 value"),
    refused("norm", "no row", numbers(2, 4, 0, 7), ValueError, "x has shape (2, 4, 0, 7)", torch=RELAXED),
    refused(
        "layer_norm", "shape", numbers(2, 3, 5, 4), ValueError, "(2, 3, 5, 4)", "expected input with shape [*, 4, 5]"
    ),
    refused("layer_norm", "rank 1", numbers(5), ValueError, "x has shape (5,)", "[*, 4, 5]"),
    refused("layer_norm", "float64", numbers(4, 5, dtype="float64"), TypeError, "float64", "float32"),
    refused("plain_layer_norm", "int64", numbers(5, 4, dtype="int64"), TypeError, "x has dtype int64"),
    refused("group_norm", "channels", numbers(2, 6, 8), ValueError, "(2, 6, 8)", "num_channels=4"),
    refused("group_norm", "rank 1", numbers(4), ValueError, "x has shape (4,)", "at least 2 dimensions"),
    refused("group_norm", "float64", numbers(2, 4, 8, dtype="float64"), TypeError, "float64", "float32"),
    refused("group_norm", "no row", numbers(2, 4, 0, 7), ValueError, "x has shape (2, 4, 0, 7)", torch=RELAXED),
    refused("channel_norm", "one value", numbers(1, 4), ValueError, "(1, 4)", "more than 1 value per channel"),
    refused("relu", "bool", numbers(5, 4, dtype="bool"), TypeError, "x has dtype bool"),
    refused("relu", "complex64", numbers(5, 4, dtype="complex64"), TypeError, "x has dtype complex64"),
    refused("softmax", "int64", numbers(5, 4, dtype="int64"), TypeError, "x has dtype int64"),
    refused("softmax", "no such dimension", numbers(5), ValueError, "dim=1", "[-1, 0]"),
    refused("log_softmax", "int64", numbers(5, 4, dtype="int64"), TypeError, "x has dtype int64"),
    refused("log_softmax", "no such dimension", numbers(5), ValueError, "dim=1", "[-1, 0]"),
    refused("leaky_relu", "int64", numbers(5, 4, dtype="int64"), TypeError, "x has dtype int64"),
    refused("sigmoid", "complex64", numbers(5, 4, dtype="complex64"), TypeError, "complex64", torch=COMPLEX),
    refused("tanh", "complex64", numbers(5, 4, dtype="complex64"), TypeError, "complex64", torch=COMPLEX),
    refused("silu", "int64", numbers(5, 4, dtype="int64"), TypeError, "x has dtype int64"),
    refused("gelu", "bool", numbers(5, 4, dtype="bool"), TypeError, "x has dtype bool"),
    refused("elu", "int64", numbers(5, 4, dtype="int64"), TypeError, "x has dtype int64"),
    refused("softplus", "int64", numbers(5, 4, dtype="int64"), TypeError, "x has dtype int64"),
    refused("dropout2d", "int64", numbers(2, 4, 8, 7, dtype="int64"), TypeError, "x has dtype int64"),
    refused("dropout", "int64", numbers(5, 4, dtype="int64"), TypeError, "x has dtype int64"),
    refused("flatten", "no such dimension", numbers(2, 4, 8), ValueError, "end_dim=3", "[-3, 2]"),
    refused("crossed_flatten", "start after end", numbers(2, 4, 8, 7), ValueError, "start_dim=-1", "end_dim=2"),
    refused("model", "channels", numbers(2, 3, 8, 7), ValueError, "[2, 3, 8, 7]", "4 channels", "3 channels"),
    refused("cross_entropy", "label 4 of 4", (LOGITS, labels(0, 4, 1)), ValueError, "Target 4", "0 ... 3"),
    refused("cross_entropy", "label -1", (LOGITS, labels(0, -1, 1)), ValueError, "Target -1 is out of bounds"),
    refused("cross_entropy", "too few labels", (LOGITS, labels(0, 3)), ValueError, "(3,)", "(2,)"),
    refused("cross_entropy", "rank of labels", (LOGITS, labels(0, 3, 2)[:, None]), ValueError, "(3,)", "(3, 1)"),
    refused("cross_entropy", "int32", (LOGITS, labels(0, 3, 2, dtype="int32")), TypeError, "int32", "int64"),
    refused("cross_entropy", "float labels", (LOGITS, numbers(3)), TypeError, "target has dtype float32", "int64"),
    refused("cross_entropy", "dtype of q", (LOGITS, numbers(3, 4, dtype="float64")), TypeError, "float64", "float32"),
    refused("cross_entropy", "int64 logits", (numbers(3, 4, dtype="int64"), LABELS), TypeError, "x has dtype int64"),
    refused("cross_entropy", "classes", (numbers(3, 5), LABELS), ValueError, "all 5 classes", "(4,)"),
    refused(
        "cross_entropy", "dtype of weight", (numbers(3, 4, dtype="float64"), LABELS), TypeError, "float32", "float64"
    ),
    refused("cross_entropy", "ignored and likely", (LOGITS, numbers(3, 4)), ValueError, "ignore_index=1"),
    refused("losses", "uint8 images", (IMAGES[0], np.zeros((2, 8, 7), np.uint8)), TypeError, "uint8", "int64"),
    refused("losses", "no class", (numbers(3, 0), LABELS), ValueError, "x has shape (3, 0)"),
    refused("losses", "no dimension", (numbers(), LABELS), ValueError, "x has shape ()"),
    refused("nll", "label 4 of 4", (LOGITS, labels(0, 4, 1)), ValueError, "Target 4", "0 ... 3"),
    refused("nll", "too few labels", (LOGITS, labels(0, 3)), ValueError, "(3,)", "(2,)"),
    refused("nll", "probabilities", (LOGITS, numbers(3, 4)), ValueError, "(3, 4)", "batch_size (3,)"),
    refused("nll", "float labels", (LOGITS, numbers(3)), TypeError, "target has dtype float32", "int64"),
    refused("nll", "classes", (numbers(3, 5), LABELS), ValueError, "all 5 classes", "(4,)"),
    refused("bce", "shape", (LOGITS, numbers(3, 1)), ValueError, "(3, 1)", "(3, 4)"),
    refused("bce", "int64", (LOGITS, numbers(3, 4, dtype="int64")), TypeError, "target has dtype int64", "float32"),
    refused("bce", "weight", (numbers(2, 4), numbers(2, 4)), ValueError, "weight has shape (3, 1)", "(2, 4)"),
    refused("bce", "pos_weight", (numbers(3, 5), numbers(3, 5)), ValueError, "pos_weight has shape (4,)", "(3, 5)"),
    refused("smooth_l1", "shape", (LOGITS, numbers(3, 1)), ValueError, "(3, 1)", "(3, 4)", torch=BROADCASTS),
    refused("smooth_l1", "dtype", (LOGITS, LOGITS.astype(float)), TypeError, "float64", "float32", torch=PROMOTES),
    refused("l1", "shape", (LOGITS, numbers(3, 1)), ValueError, "(3, 1)", "(3, 4)", torch=BROADCASTS),
    refused("l1", "dtype", (LOGITS, LOGITS.astype(float)), TypeError, "float64", "float32", torch=PROMOTES),
    refused("l1", "int64", (LOGITS.astype(int), LOGITS.astype(int)), TypeError, "x has dtype int64"),
    refused("mse", "shape", (LOGITS, numbers(3, 1)), ValueError, "(3, 1)", "(3, 4)", torch=BROADCASTS),
    refused("mse", "dtype", (LOGITS, LOGITS.astype(float)), TypeError, "float64", "float32", torch=PROMOTES),
    refused("mse", "int64", (LOGITS.astype(int), LOGITS.astype(int)), TypeError, "x has dtype int64"),
    refused(
        "residual",
        "an odd height, when all has run",
        numbers(2, 4, 9, 7),
        ValueError,
        "body gives shape (2, 5, 4, 7), shortcut (2, 5, 5, 7)",
    ),
    refused("residual", "channels", numbers(2, 3, 8, 7), ValueError, "num_features=4"),
]

BACKWARDS = [
    refused("conv", "shape", numbers(2, 6, 4, 5), ValueError, "dy has shape (2, 6, 4, 5)", "(2, 6, 4, 6)"),
    refused(
        "conv", "dtype", numbers(2, 6, 4, 6, dtype="float64"), TypeError, "dy has dtype float64", "float32", torch=CASTS
    ),
    refused("circular_conv", "shape", numbers(2, 6, 8, 7), ValueError, "dy has shape (2, 6, 8, 7)", "(2, 6, 8, 19)"),
    refused("conv_transpose", "shape", numbers(2, 6, 4, 9), ValueError, "dy has shape (2, 6, 4, 9)", "(2, 6, 9, 4)"),
    refused("max_pool", "shape", numbers(2, 4, 6, 4), ValueError, "dy has shape (2, 4, 6, 4)", "(2, 4, 4, 6)"),
    refused(
        "max_pool", "dtype", numbers(2, 4, 4, 6, dtype="int64"), TypeError, "dy has dtype int64", "float32", torch=CASTS
    ),
    refused("avg_pool", "unbatched", numbers(4, 4, 6), ValueError, "dy has shape (4, 4, 6)", "(2, 4, 4, 6)"),
    refused(
        "avg_pool",
        "dtype",
        numbers(2, 4, 4, 6, dtype="float16"),
        TypeError,
        "dy has dtype float16",
        "float32",
        torch=CASTS,
    ),
    refused("adaptive_avg", "shape", numbers(2, 4, 8, 4), ValueError, "(2, 4, 8, 4)", "(2, 4, 8, 3)"),
    refused("adaptive_max", "unbatched", numbers(4, 3, 7), ValueError, "(4, 3, 7)", "(2, 4, 3, 7)"),
    refused("unpool", "x's shape", POOLED, ValueError, "dy has shape (2, 4, 3, 5)", "(2, 4, 5, 6)"),
    refused("upsample", "shape", numbers(2, 4, 4, 11), ValueError, "(2, 4, 4, 11)", "(2, 4, 4, 10)"),
    refused("bilinear", "dtype", numbers(2, 4, 5, 9, dtype="float64"), TypeError, "float64", "float32", torch=CASTS),
    refused("linear", "one row", numbers(1, 3), ValueError, "dy has shape (1, 3)", "(5, 3)"),
    refused(
        "linear", "dtype", numbers(5, 3, dtype="float64"), TypeError, "dy has dtype float64", "float32", torch=CASTS
    ),
    refused("norm", "one image", numbers(1, 4, 8, 7), ValueError, "dy has shape (1, 4, 8, 7)", "(2, 4, 8, 7)"),
    refused(
        "norm", "dtype", numbers(2, 4, 8, 7, dtype="float64"), TypeError, "dy has dtype float64", "float32", torch=CASTS
    ),
    refused("layer_norm", "one image", numbers(3, 4, 5), ValueError, "dy has shape (3, 4, 5)", "(2, 3, 4, 5)"),
    refused("group_norm", "one image", numbers(1, 4, 8, 7), ValueError, "dy has shape (1, 4, 8, 7)", "(2, 4, 8, 7)"),
    refused("relu", "a number", numbers(), ValueError, "dy has shape ()", "(5, 4)"),
    refused("relu", "dtype", numbers(5, 4, dtype="float64"), TypeError, "dy has dtype float64", "float32", torch=CASTS),
    refused("softmax", "shape", numbers(4, 5), ValueError, "dy has shape (4, 5)", "(5, 4)"),
    refused("log_softmax", "shape", numbers(4, 5), ValueError, "dy has shape (4, 5)", "(5, 4)"),
    refused("leaky_relu", "shape", numbers(4, 5), ValueError, "dy has shape (4, 5)", "(5, 4)"),
    refused("sigmoid", "shape", numbers(4, 5), ValueError, "dy has shape (4, 5)", "(5, 4)"),
    refused("tanh", "shape", numbers(4, 5), ValueError, "dy has shape (4, 5)", "(5, 4)"),
    refused("silu", "shape", numbers(4, 5), ValueError, "dy has shape (4, 5)", "(5, 4)"),
    refused("gelu", "shape", numbers(4, 5), ValueError, "dy has shape (4, 5)", "(5, 4)"),
    refused("elu", "shape", numbers(4, 5), ValueError, "dy has shape (4, 5)", "(5, 4)"),
    refused("softplus", "shape", numbers(4, 5), ValueError, "dy has shape (4, 5)", "(5, 4)"),
    refused("identity", "shape", numbers(4, 5), ValueError, "dy has shape (4, 5)", "(5, 4)"),
    refused("dropout2d", "a channel less", numbers(2, 3, 8, 7), ValueError, "(2, 3, 8, 7)", "(2, 4, 8, 7)"),
    refused("dropout", "shape", numbers(4, 5), ValueError, "dy has shape (4, 5)", "(5, 4)"),
    refused("flatten", "the input's shape", numbers(2, 4, 8, 7), ValueError, "(2, 4, 8, 7)", "(2, 4, 56)"),
    refused("residual", "one image", numbers(1, 5, 4, 7), ValueError, "(1, 5, 4, 7)", "(2, 5, 4, 7)"),
    refused("model", "shape", numbers(5, 2), ValueError, "dy has shape (5, 2)", "(2, 5)"),
    refused("cross_entropy", "shape", numbers(3), ValueError, "dloss has shape (3,)", "'mean'"),
    refused("losses", "nothing", None, ValueError, "dloss has shape ()", "'none'", "(3,)"),
    refused("losses", "shape", numbers(4), ValueError, "dloss has shape (4,)", "'none'", "(3,)"),
    refused("l1", "shape", numbers(3, 4), ValueError, "dloss has shape (3, 4)", "'mean'"),
    refused("mse", "shape", numbers(3, 4), ValueError, "dloss has shape (3, 4)", "'mean'"),
]
