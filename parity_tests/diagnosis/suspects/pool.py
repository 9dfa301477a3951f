"""Errors that MaxPool2d and AvgPool2d share: the arguments of the window, and the ragged edge."""

from collections.abc import Callable
from typing import Any

import numpy as np

from parity_tests.diagnosis.scene import Predicted, Predictions, Refused, Scene
from parity_tests.diagnosis.suspect import Suspect
from parity_tests.diagnosis.suspects import windows
from scratch.geometry import unpad2d


def with_arguments(**changed: Any) -> Callable[[Scene], Predictions]:
    """A pool with other arguments."""
    return lambda scene: scene.torch(scene.with_arguments(**changed))


def edge_dropped(scene: Scene) -> Predictions:
    """ceil_mode is not used."""
    if not scene.arguments["ceil_mode"]:
        return {}
    return scene.torch(scene.with_arguments(ceil_mode=False))


def kernel_swapped(with_stride: bool) -> Callable[[Scene], Predictions]:
    """Rows and columns of the window exchanged, and of its stride where that is the window's size."""

    def predict(scene: Scene) -> Predictions:
        kernel_size, stride = scene.window.kernel_size, scene.window.stride
        follows = with_stride and scene.arguments["stride"] is None
        return with_arguments(kernel_size=kernel_size[::-1], stride=None if follows else stride)(scene)

    return predict


def stride_one(scene: Scene) -> Predictions:
    """A stride of 1 where none is given."""
    return with_arguments(stride=1)(scene) if scene.arguments["stride"] is None else {}


def padding_swapped(scene: Scene) -> Predictions:
    """The padding of rows for that of columns; done by hand, for torch refuses a padding above half the window."""
    (top, bottom), (left, right) = scene.window.padding
    counts = scene.case.op == "MaxPool2d" or scene.arguments["count_include_pad"]
    if top == left or "dy" not in scene.inputs:
        return {}
    if scene.arguments["ceil_mode"] or not counts:
        raise Refused("what hangs over and what is padding cannot be told apart")
    x, sides = scene.inputs["x"], [(0, 0)] * (scene.inputs["x"].ndim - 2) + [(left, right), (top, bottom)]
    padded = np.pad(x, sides, constant_values=-np.inf if scene.case.op == "MaxPool2d" else 0)
    found = scene.torch(scene.with_arguments(padding=0), x=padded)
    if "dx" in found:
        found["dx"] = found["dx"].arranged(lambda a: unpad2d(a, ((left, right), (top, bottom))))
    if "indices" in found:
        rows, columns = np.divmod(found["indices"].value, padded.shape[-1])
        found["indices"] = Predicted((rows - left) * x.shape[-1] + columns - top, None)
    return found


def stride_ignored(scene: Scene) -> Predictions:
    """Torch's answer where the stride is the size of the window."""
    return with_arguments(stride=None)(scene) if scene.arguments["stride"] is not None else {}


DROPPED = "ceil_mode is not used: the ragged edge is left out, though the last windows should hang over it."
KERNEL = windows.SWAPPED.format("kernel_size")
ONE = "Where no stride is given the window moves by one cell: a pool's stride is then the size of its window."
KEPT = "Windows hang over the edge though ceil_mode is off: what does not fill a window is left out."
OVERWRITTEN = "dx is overwritten where windows overlap: their gradients add up, += rather than =."
STRIDE = "stride is not used: the window moves on by that many cells, and by its own size only where none is given."

SUSPECTS = [
    *windows.swaps("stride"),
    Suspect("padding-swapped", windows.SWAPPED.format("padding"), padding_swapped),
    *(Suspect("kernel_size-swapped", KERNEL, kernel_swapped(with_stride)) for with_stride in (True, False)),
    Suspect("stride-ignored", STRIDE, stride_ignored),
    windows.PADDING_IGNORED,
    Suspect("stride-one-by-default", ONE, stride_one),
    Suspect("ragged-edge-dropped", DROPPED, edge_dropped),
    Suspect("ragged-edge-kept", KEPT, with_arguments(ceil_mode=True)),
]
