"""Errors of Conv2d: the kernel, the window's arguments, groups, and what backward does with them.

Most of them are torch's own convolution on a changed layer or on changed inputs.
"""

from collections.abc import Callable

import numpy as np

from parity_tests.diagnosis.scene import Predicted, Predictions, Scene
from parity_tests.diagnosis.suspect import Suspect, only
from parity_tests.diagnosis.suspects import sums, windows
from parity_tests.harness.laws.base import sum_of_products
from scratch.array import HostArray
from scratch.geometry import Padding, pad2d


def flip(a: HostArray) -> HostArray:
    """Turned by 180 degrees."""
    return a[..., ::-1, ::-1]


def kernel_flipped(scene: Scene) -> Predictions:
    """A true convolution, with the gradients that belong to it."""
    found = scene.torch(weight=flip(scene.inputs["weight"]))
    return {**only(found, "y", "dx"), **dweight_flipped(scene)}


def dweight_flipped(scene: Scene) -> Predictions:
    """The gradient of a weight that was turned."""
    return {"dweight": scene.truth["dweight"].arranged(flip)} if "dweight" in scene.truth else {}


def kernel_transposed(square_only: bool) -> Callable[[Scene], Predictions]:
    """Rows and columns of the kernel exchanged, and of its gradient."""

    def predict(scene: Scene) -> Predictions:
        kH, kW = scene.window.kernel_size
        if square_only and kH != kW:
            return {}
        turned = scene.with_arguments(kernel_size=(kW, kH))
        found = scene.torch(turned, weight=np.swapaxes(scene.inputs["weight"], -1, -2))
        if "dweight" in found:
            found["dweight"] = found["dweight"].arranged(lambda a: np.swapaxes(a, -1, -2))
        return found

    return predict


def channels_reversed(scene: Scene) -> Predictions:
    """The channels of x from the last to the first."""
    found = scene.torch(x=scene.inputs["x"][..., ::-1, :, :])
    if "dx" in found:
        found["dx"] = found["dx"].arranged(lambda a: a[..., ::-1, :, :])
    return found


def not_rotated(scene: Scene) -> Predictions:
    """dx by the turned kernel, in an otherwise right layer."""
    return only(scene.torch(weight=flip(scene.inputs["weight"])), "dx")


def padded(change: Callable[[Padding], Padding]) -> Callable[[Scene], Predictions]:
    """The image padded by more or less on some side; nothing where that is the same."""

    def predict(scene: Scene) -> Predictions:
        right = scene.window.padding
        wrong = change(right)
        if wrong == right or min(map(min, wrong)) < 0:
            return {}
        return scene.padded_by_hand(wrong)

    return predict


def padded_with(mode: str, *instead_of: str) -> Callable[[Scene], Predictions]:
    """The image padded with something else than what a case has, as np.pad calls it.

    Whoever repeats pixels where zeros belong does so in forward: dx is right. A wrong mode is wrong in backward, too.
    """

    def predict(scene: Scene) -> Predictions:
        right = scene.window.padding
        if scene.border not in instead_of or not any(map(any, right)):
            return {}
        found = scene.padded_by_hand(right, mode)
        return only(found, "y", "dweight") if scene.border == "constant" else found

    return predict


def by_one(step: int) -> Callable[[Padding], Padding]:
    """More or fewer cells on every side that has any."""
    return lambda sides: ((moved(sides[0], step)), (moved(sides[1], step)))


def moved(side: tuple[int, int], step: int) -> tuple[int, int]:
    """Both ends of one axis, if there is any padding."""
    return (side[0] + step, side[1] + step) if any(side) else side


def each_axis(change: Callable[[int, int], tuple[int, int]]) -> Callable[[Padding], Padding]:
    """The same change of (before, after) for both axes."""
    return lambda sides: (change(*sides[0]), change(*sides[1]))


def same_on_the_wrong_side(scene: Scene) -> Predictions:
    """The odd cell of padding="same" at the top and left."""
    if scene.arguments["padding"] != "same":
        return {}
    return padded(each_axis(lambda before, after: (after, before)))(scene)


def not_cropped(crop: Callable[[Padding], Padding]) -> Callable[[Scene], Predictions]:
    """dx with the padding still in it, or cut off at the wrong side."""

    def predict(scene: Scene) -> Predictions:
        sides = scene.window.padding
        return only(scene.padded_by_hand(sides, crop=crop(sides)), "dx") if any(map(any, sides)) else {}

    return predict


def dilation_moved(step: int) -> Callable[[Scene], Predictions]:
    """The dilation off by one, where there is any."""
    return windows.changed("dilation", lambda value: tuple(d + step if d > 1 else d for d in value))


def groups_ignored_first_channels(scene: Scene) -> Predictions:
    """Every filter looks at the channels of the first group."""
    groups, C = scene.arguments["groups"], scene.inputs["weight"].shape[1]
    if groups == 1:
        return {}
    x = scene.inputs["x"]
    found = scene.torch(scene.with_arguments(groups=1, in_channels=C), x=x[..., :C, :, :])
    if "dx" in found:
        missing = [(0, 0)] * (x.ndim - 3) + [(0, x.shape[-3] - C), (0, 0), (0, 0)]
        found["dx"] = found["dx"].arranged(lambda a: np.pad(a, missing))
    return found


def groups_ignored_all_channels(scene: Scene) -> Predictions:
    """Every filter looks at all groups, with the same weights in each."""
    groups, weight = scene.arguments["groups"], scene.inputs["weight"]
    if groups == 1:
        return {}
    found = scene.torch(scene.with_arguments(groups=1), weight=np.tile(weight, (1, groups, 1, 1)))
    if "dweight" in found:
        each = found["dweight"].arranged(lambda a: a.reshape(len(a), groups, *weight.shape[1:]))
        found["dweight"] = each.summed(1, scene.eps).arranged(lambda a: a[:, 0])
    return found


def dealt(count: int, groups: int) -> HostArray:
    """The channels in the order in which cards are dealt: 0, g, 2g, ..., 1, g+1, ..."""
    return np.arange(count).reshape(-1, groups).T.ravel()


def groups_interleaved(scene: Scene) -> Predictions:
    """Input channel c belongs to group c % groups."""
    groups, x = scene.arguments["groups"], scene.inputs["x"]
    order = dealt(x.shape[-3], groups)
    found = scene.torch(x=x[..., order, :, :])
    if "dx" in found:
        found["dx"] = found["dx"].arranged(lambda a: a[..., np.argsort(order), :, :])
    return found


def outputs_by_turns(scene: Scene) -> Predictions:
    """Output channel o belongs to group o % groups."""
    order = dealt(scene.inputs["weight"].shape[0], scene.arguments["groups"])
    given = {name: scene.inputs[name][order] for name in ("weight", "bias") if name in scene.inputs}
    found = scene.torch(**given, dy=scene.inputs["dy"][..., order, :, :])
    if "y" in found:
        found["y"] = found["y"].arranged(lambda a: a[..., np.argsort(order), :, :])
    for name in found.keys() & {"dweight", "dbias"}:
        found[name] = found[name].arranged(lambda a: a[np.argsort(order)])
    return found


def outputs_shuffled(back: bool) -> Callable[[Scene], Predictions]:
    """The results of the groups laid side by side in turns."""

    def predict(scene: Scene) -> Predictions:
        order = dealt(scene.inputs["weight"].shape[0], scene.arguments["groups"])
        order = np.argsort(order) if back else order
        return {"y": scene.truth["y"].arranged(lambda a: a[..., order, :, :])}

    return predict


def stride_ignored_in_backward(scene: Scene) -> Predictions:
    """Gradients of a convolution of stride 1 that has as many outputs: dy is not spread out by the stride."""
    window, x = scene.window, scene.inputs["x"]
    if window.stride == (1, 1):
        return {}
    out = scene.inputs["dy"].shape[-2:]
    x = scene.padded(x, window.padding, scene.border)
    rows, columns = (n + reach - 1 for n, reach in zip(out, window.extent, strict=True))
    found = scene.torch(scene.with_arguments(stride=1, padding=0, padding_mode="zeros"), x=x[..., :rows, :columns])
    if "dx" not in found:
        return {}
    rest = [(0, 0)] * (x.ndim - 2) + [(0, x.shape[-2] - rows), (0, x.shape[-1] - columns)]
    dx = found["dx"].arranged(lambda a: scene.sent_back(np.pad(a, rest), window.padding, scene.border))
    return {"dx": dx, "dweight": found["dweight"]}


def overwritten(backwards: bool, filters: slice) -> Callable[[Scene], Predictions]:
    """dx where each window overwrites what others have left, rather than adding to it."""

    def predict(scene: Scene) -> Predictions:
        window, groups = scene.window, scene.arguments["groups"]
        x, weight, dy = (scene.inputs[name].astype(np.float64) for name in ("x", "weight", "dy"))
        images, upstream = (a if a.ndim == 4 else a[None] for a in (x, dy))
        by_group = (len(images), groups, len(weight) // groups, *dy.shape[-2:])
        dy, weight = (
            upstream.reshape(by_group)[:, :, filters],
            weight.reshape(groups, len(weight) // groups, *weight.shape[1:])[:, filters],
        )
        value, size = (pad2d(np.zeros_like(images), window.padding) for _ in range(2))
        places = list(np.ndindex(*dy.shape[-2:]))
        for i, j in reversed(places) if backwards else places:
            here = (..., *window.at(i, j))
            for into, a, b in ((value, dy, weight), (size, np.abs(dy), np.abs(weight))):
                into[here] = np.einsum("ngo,gocuv->ngcuv", a[..., i, j], b).reshape(into[here].shape)
        law = sum_of_products(size, weight.shape[1], scene.eps, scene.tiny)
        padded = (*x.shape[:-2], *value.shape[-2:])
        back = Predicted(value, law).arranged(lambda a: a.reshape(padded))
        return {"dx": back.arranged(lambda a: scene.sent_back(a, window.padding, scene.border))}

    return predict


FLIPPED = (
    "The kernel is turned by 180 degrees: this is convolution; torch, like every framework, correlates. "
    "Do not flip the kernel."
)
TRANSPOSED = "Rows and columns of the kernel are exchanged: weight[o, c, u, v] belongs to row u and column v."
REVERSED = (
    "The channels of x are taken in reverse, as of an image in BGR for one in RGB: weight[o, c] goes with x[n, c]."
)
ONE_SIDE = "The padding is not the same on both sides: `padding` cells go before the image and as many behind it."
OFF_BY_ONE = "There is one cell of padding too many or too few on each side."
SAME_SIDE = 'padding="same" with an even kernel: torch puts the odd cell at the bottom and right.'
NOT_ZERO = "The padding is not filled with zeros."
MODE_IGNORED = "padding_mode is not used: the border is of zeros, where it should be made of the image."
EDGE_REPEATED = "padding_mode='reflect' repeats the outermost cell: the mirror stands in it, so 1 2 3 begins 3 2 1 2 3."
NOT_COLLECTED = (
    "The border is cut off dx, which is right for zeros; what was copied sends its gradient back to where it came from."
)
CROPPED = "The padding is not taken off dx, or at the wrong side: dx is dpadded[:, :, top : top + H, left : left + W]."
DILATION = "The dilation is off by one: neighbouring taps are `dilation` cells apart, so with 1 they touch."
GROUPS = "The groups are not used: a filter sees the channels of its own group only."
DEALT = "Input channels are dealt out to the groups in turns: group g has the block of channels g*C/groups and on."
OUTPUTS = "Output channels are mixed among the groups: the first O/groups belong to the first group, and so on."
IN_BACKWARD = "The stride is not used in backward: dy[i, j] belongs to the window that begins at (i*sH, j*sW)."
NOT_ROTATED = "dx uses the kernel turned by 180 degrees from what it should be: dx[i*s + u] += dy[i] * weight[u]."
OVERWRITTEN = "dx is overwritten where windows (or filters) overlap: their contributions add up, += rather than =."

SUSPECTS = [
    Suspect("kernel-flipped", FLIPPED, kernel_flipped),
    Suspect("dweight-flipped", "The gradient of the weight is turned by 180 degrees: do not flip it.", dweight_flipped),
    *(Suspect("kernel-transposed", TRANSPOSED, kernel_transposed(square_only)) for square_only in (False, True)),
    Suspect("channels-permuted", REVERSED, channels_reversed),
    *windows.swaps("stride", "padding", "dilation"),
    windows.STRIDE_IGNORED,
    windows.PADDING_IGNORED,
    windows.DILATION_IGNORED,
    *(
        Suspect("padding-on-one-side", ONE_SIDE, padded(each_axis(change)))
        for change in (
            lambda before, after: (before + after, 0),
            lambda before, after: (0, before + after),
            lambda before, after: (before, 0),
            lambda before, after: (0, after),
        )
    ),
    Suspect("padding-swapped", windows.SWAPPED.format("padding"), padded(lambda sides: sides[::-1])),
    Suspect("padding-ignored", windows.PADDING_IGNORED.sentence, padded(each_axis(lambda before, after: (0, 0)))),
    *(Suspect("padding-off-by-one", OFF_BY_ONE, padded(by_one(step))) for step in (1, -1)),
    Suspect("padding-same-on-the-wrong-side", SAME_SIDE, same_on_the_wrong_side),
    *(
        Suspect("padding-not-zero", NOT_ZERO, padded_with(mode, "constant"))
        for mode in ("edge", "reflect", "symmetric", "wrap")
    ),
    Suspect("padding-mode-ignored", MODE_IGNORED, padded_with("constant", "reflect", "edge", "wrap")),
    Suspect("reflection-repeats-the-edge", EDGE_REPEATED, padded_with("symmetric", "reflect")),
    Suspect("border-not-collected", NOT_COLLECTED, not_cropped(lambda sides: sides)),
    *(
        Suspect("padding-not-cropped", CROPPED, not_cropped(crop))
        for crop in (
            each_axis(lambda before, after: (0, 0)),
            each_axis(lambda before, after: (0, before + after)),
            each_axis(lambda before, after: (before + after, 0)),
        )
    ),
    *(Suspect("dilation-off-by-one", DILATION, dilation_moved(step)) for step in (1, -1)),
    Suspect("groups-ignored", GROUPS, groups_ignored_first_channels),
    Suspect("groups-ignored", GROUPS, groups_ignored_all_channels),
    Suspect("groups-interleaved", DEALT, groups_interleaved),
    Suspect("output-channels-of-groups-mixed", OUTPUTS, outputs_by_turns),
    *(Suspect("output-channels-of-groups-mixed", OUTPUTS, outputs_shuffled(back)) for back in (False, True)),
    Suspect("stride-ignored-in-backward", IN_BACKWARD, stride_ignored_in_backward),
    Suspect("kernel-not-rotated-in-dx", NOT_ROTATED, not_rotated),
    *(
        Suspect("dx-overwritten-where-windows-overlap", OVERWRITTEN, overwritten(backwards, filters))
        for backwards in (False, True)
        for filters in (slice(None), slice(-1, None))
    ),
    *sums.OF_ALL,
    *sums.OF_IMAGES,
]
