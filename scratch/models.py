"""The demonstration models, each a function of the namespace: scratch.naive, scratch, gpu or torch.nn.

>>> import scratch
>>> lines_cnn(scratch)
Sequential(
  (0): Conv2d(1, 4, kernel_size=(3, 3), stride=(1, 1))
  (1): ReLU()
  (2): MaxPool2d(...)
  (3): Flatten(start_dim=1, end_dim=-1)
  (4): Linear(in_features=36, out_features=2, bias=True)
)
"""

from collections.abc import Callable
from typing import Any, NamedTuple


def overview_cnn(nn: Any) -> Any:
    """Sort grey 28x28 images into ten classes: two convolutions with pooling, then two dense layers.

    1x28x28 -> 16x28x28 -> 16x14x14 -> 32x14x14 -> 32x7x7 -> 1568 -> 128 -> 10
    """
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )


def lines_cnn(nn: Any) -> Any:
    """Tell vertical from horizontal lines in 8x8 images (`scratch.data.lines`) with four filters.

    1x8x8 -> 4x6x6 -> 4x3x3 -> 36 -> 2
    """
    return nn.Sequential(
        nn.Conv2d(1, 4, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(4 * 3 * 3, 2),
    )


def framework_cnn(nn: Any) -> Any:
    """Tell the same lines apart as one would in a framework: sixteen filters, and the size kept.

    1x8x8 -> 16x8x8 -> 16x4x4 -> 256 -> 2
    """
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * 4 * 4, 2),
    )


def residual(nn: Any, body: Any, shortcut: Any = None) -> Any:
    """Build a residual block, y = body(x) + shortcut(x), in any namespace; torch.nn has no such class, so one is made.

    In both the names in a state_dict begin with "body." and "shortcut.".

    Parameters
    ----------
    nn : the namespace
    body : of layers of that namespace
    shortcut : likewise; None is x itself
    """
    if hasattr(nn, "Residual"):
        return nn.Residual(body, shortcut)

    class Residual(nn.Module):  # type: ignore[misc]
        """What scratch.Residual is, for torch's autograd."""

        def __init__(self) -> None:
            super().__init__()
            self.body, self.shortcut = body, shortcut

        def forward(self, x: Any) -> Any:
            return self.body(x) + (x if self.shortcut is None else self.shortcut(x))

    return Residual()


def small_resnet(nn: Any) -> Any:
    """Sort grey 8x8 images into ten classes: a residual network of two blocks, the second of half the height and width.

    1x8x8 -> 4x8x8 -> 4x8x8 -> 8x4x4 -> 8x1x1 -> 8 -> 10

    The convolutions have no bias, for BatchNorm would take it away again.

    Source: He and others, "Deep residual learning for image recognition", 2015, https://arxiv.org/abs/1512.03385
    """
    first = nn.Sequential(
        nn.Conv2d(4, 4, 3, padding=1, bias=False),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Conv2d(4, 4, 3, padding=1, bias=False),
        nn.BatchNorm2d(4),
    )
    second = nn.Sequential(
        nn.Conv2d(4, 8, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, padding=1, bias=False),
        nn.BatchNorm2d(8),
    )
    halved = nn.Sequential(nn.Conv2d(4, 8, 1, stride=2, bias=False), nn.BatchNorm2d(8))
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, bias=False),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        residual(nn, first),
        nn.ReLU(),
        residual(nn, second, halved),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 10),
    )


def small_vgg(nn: Any) -> Any:
    """Sort grey 8x8 images into ten classes: stacks of 3x3 convolutions, each followed by a maximum, and Dropout.

    1x8x8 -> 4x8x8 -> 4x8x8 -> 4x4x4 -> 8x4x4 -> 8x4x4 -> 8x2x2 -> 32 -> 24 -> 10

    Source: Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition", 2014,
    https://arxiv.org/abs/1409.1556
    """
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(4, 4, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 8, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(8 * 2 * 2, 24),
        nn.ReLU(),
        nn.Dropout(),
        nn.Linear(24, 10),
    )


class Demonstration(NamedTuple):
    """A model's builder, a function of the namespace, and the shape of one of its images."""

    build: Callable[[Any], Any]
    input_shape: tuple[int, int, int]


MODELS = {
    "overview_cnn": Demonstration(overview_cnn, (1, 28, 28)),
    "lines_cnn": Demonstration(lines_cnn, (1, 8, 8)),
    "framework_cnn": Demonstration(framework_cnn, (1, 8, 8)),
    "small_resnet": Demonstration(small_resnet, (1, 8, 8)),
    "small_vgg": Demonstration(small_vgg, (1, 8, 8)),
}
