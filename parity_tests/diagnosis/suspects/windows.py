"""Errors of an argument of the window, which a convolution and the pools share: torch itself on a changed spec."""

from collections.abc import Callable
from typing import Any

from parity_tests.diagnosis.scene import Predictions, Scene
from parity_tests.diagnosis.suspect import Suspect
from scratch.geometry import pair


def changed(name: str, change: Callable[[Any], Any]) -> Callable[[Scene], Predictions]:
    """Torch's answer with another value of one argument; nothing where it is no other, or there is no such argument."""

    def predict(scene: Scene) -> Predictions:
        arguments = scene.arguments
        value = arguments[name]
        if name == "stride" and value is None:
            value = arguments["kernel_size"]
        if isinstance(value, str):  # padding="same"
            return {}
        before = pair(value, name, 0)
        after = change(before)
        if after == before or min(after) < 0:
            return {}
        return scene.torch(scene.with_arguments(**{name: after}))

    return predict


def swapped(value: Any) -> Any:
    """(vertical, horizontal) as (horizontal, vertical)."""
    return value[::-1]


SWAPPED = "The two numbers of {} are exchanged: the first is vertical (rows), the second horizontal (columns)."
IGNORED = "{} is not used: {}."


def swaps(*names: str) -> list[Suspect]:
    """A suspect for each argument that is a pair."""
    return [Suspect(f"{name}-swapped", SWAPPED.format(name), changed(name, swapped)) for name in names]


PADDING_IGNORED = Suspect(
    "padding-ignored",
    IGNORED.format("padding", "surround the image with that many cells"),
    changed("padding", lambda value: (0, 0)),
)
DILATION_IGNORED = Suspect(
    "dilation-ignored",
    IGNORED.format("dilation", "neighbouring taps of the kernel are that many cells apart"),
    changed("dilation", lambda value: (1, 1)),
)
STRIDE_IGNORED = Suspect(
    "stride-ignored",
    IGNORED.format("stride", "the window moves on by that many cells"),
    changed("stride", lambda value: (1, 1)),
)
