"""Where a layer holds its weights and its gradients, in which order of axes, and the gradient of an update.

The gradient of an update is (before - after) / learning_rate. The learning rate is a large power of two: to multiply
and to divide by it is exact, and the weight, whose rounding would spoil the gradient, is nothing beside the step.

    after  = (w - r g) (1 + u1)                                        |u1|, |u2| <= eps / 2
    before - after = (r g - (w - r g) u1) (1 + u2)
    |(before - after) / r - g| <= eps (|g| + |w| / r)

With r = 2**40, |w| / r is beyond the digits of any g that matters; both terms are added to the law all the same.
The weights are those of the case, not zeros, so that a layer that computes dx after the update is found out.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from parity_tests.check.adapters.base import Hints, Shape, Unmatched
from parity_tests.check.adapters.names import ATTRIBUTES, CONTAINERS, GRADIENTS, PARAMETERS
from parity_tests.check.adapters.options import LEARNING_RATE
from parity_tests.check.child import arranged
from parity_tests.harness.comparison import Law
from scratch.array import HostArray

AXES = {
    "Conv2d": ("OIHW", "HWIO", "OHWI", "IOHW", "HWOI"),
    "ConvTranspose2d": ("IOHW", "OIHW", "HWOI", "HWIO"),
    "Linear": ("OI", "IO"),
}
"""The orders of a weight's axes: torch's first."""


@dataclass(frozen=True)
class Held:
    """Where a part of the state is.

    Attributes
    ----------
    path : the attribute, such as W or params.W
    axes : the order of its axes, torch's and its own, such as ("OI", "IO")
    """

    path: str
    axes: tuple[str, str] = ("", "")

    def inward(self, array: HostArray) -> HostArray:
        """An array of torch's, in the layer's order."""
        torch, mine = self.axes
        return np.transpose(array, [torch.index(axis) for axis in mine]) if mine else array

    def outward(self, array: HostArray, shape: Shape) -> HostArray | str:
        """An array of the layer's in torch's order and shape; in words what is wrong if that cannot be."""
        torch, mine = self.axes
        wanted = tuple(shape[torch.index(axis)] for axis in mine) if mine else shape
        if len(shape) == 1 and array.ndim == 3 and len(array) == shape[0] and array.shape[1:] != (1, 1):
            with np.errstate(all="ignore"):
                array = array.sum(axis=(1, 2), dtype=array.dtype)  # one bias for each place
        if without_ones(array.shape) != without_ones(wanted):
            return f"has shape {array.shape}, the parameter has {wanted}" if array.shape == shape else array
        return (
            np.transpose(array.reshape(wanted), [mine.index(axis) for axis in torch]) if mine else array.reshape(shape)
        )


def without_ones(shape: Shape) -> Shape:
    """The lengths of the axes that have one."""
    return tuple(n for n in shape if n != 1)


def find_state(op: str, wanted: Mapping[str, Shape], found: Mapping[str, Shape], hints: Hints) -> dict[str, Held]:
    """Find where a layer holds its state.

    Parameters
    ----------
    op : torch's name of the layer
    wanted : the shapes that torch's state has, no two axes alike
    found : the shapes of the arrays that the layer holds, by attribute
    hints : of the map file

    Raises
    ------
    Unmatched
        if no attribute can be the weight, or several can be
    """
    held: dict[str, Held] = {}
    for name, shape in wanted.items():
        if name in hints.names:
            path = hints.names[name]
            if path not in found:
                raise Unmatched(f"it has no array .{path}, which the map file names; {listed(found)}")
            axes = axes_of(op, name, found[path], shape, hints)
            if axes is None:
                order = f" in the order {hints.weight_axes}" if hints.weight_axes else ""
                raise Unmatched(
                    f"its .{path} has the shape {found[path]}, which the {name} of torch, {shape}, cannot have{order}"
                )
            held[name] = Held(path, axes)
            continue
        for path in found:
            axes = axes_of(op, name, found[path], shape, hints)
            if axes is None or path.rpartition(".")[2] not in ATTRIBUTES[name] or is_gradient(path):
                continue
            if name not in held or rank(name, path) < rank(name, held[name].path):
                held[name] = Held(path, axes)
    for name in PARAMETERS:
        if name in wanted and name not in held:
            taken = [each.path for each in held.values()]
            free = [path for path in found if path not in taken and not is_gradient_of(path, found)]
            axes_by_path = {path: axes_of(op, name, found[path], wanted[name], hints) for path in free}
            fitting = [Held(path, axes) for path, axes in axes_by_path.items() if axes is not None]
            if len(fitting) > 1:
                paths = ", .".join(each.path for each in fitting)
                raise Unmatched(f"its {name} may be any of .{paths}: call it .{name}, or say it by --map")
            if fitting:
                held[name] = fitting[0]
    if "weight" in wanted and "weight" not in held:
        raise Unmatched(f"no attribute of it has the shape {wanted['weight']} of torch's weight; {listed(found)}")
    return held


def listed(found: Mapping[str, Shape]) -> str:
    """The arrays that a layer holds."""
    return f"it holds {', '.join(f'.{path} {shape}' for path, shape in found.items()) or 'no arrays at all'}"


def rank(name: str, path: str) -> tuple[int, int]:
    """Which of several attributes is meant: the one that lies least deep, then the first in the table."""
    *parents, last = path.split(".")
    return len(parents), ATTRIBUTES[name].index(last)


def is_gradient(path: str) -> bool:
    """Whether an entry lies among gradients."""
    return any(parent in CONTAINERS for parent in path.split(".")[:-1])


def is_gradient_of(path: str, found: Mapping[str, Shape]) -> bool:
    """Whether an attribute is the gradient of another one that is there."""
    return is_gradient(path) or any(path == form.format(other) for other in found for form in GRADIENTS)


def axes_of(op: str, name: str, shape: Shape, wanted: Shape, hints: Hints) -> tuple[str, str] | None:
    """How the axes lie of an array that can hold one of torch's; None if it cannot, ("", "") if there is no choice."""
    if name != "weight" or op not in AXES:
        places = len(shape) == 3 and len(wanted) == 1 and shape[0] == wanted[0]  # a bias for each place
        return ("", "") if without_ones(shape) == without_ones(wanted) or places else None
    torch = AXES[op][0]
    orders = (hints.weight_axes,) if hints.weight_axes else AXES[op]
    for mine in orders:
        if without_ones(tuple(wanted[torch.index(axis)] for axis in mine)) == without_ones(shape):
            return (torch, mine)
    return None


def gradient_places(name: str, path: str, hints: Hints) -> list[str]:
    """Where the gradient of a parameter may be, that is held at `path`: the likeliest first."""
    if name in hints.gradients:
        return [hints.gradients[name]]
    parent, _, last = path.rpartition(".")
    before = f"{parent}." if parent else ""
    names = dict.fromkeys([last, *ATTRIBUTES[name]])
    places = [f"{path}.grad", f"{path}.gradient"]
    places += [before + form.format(each) for each in names for form in GRADIENTS]
    places += [form.format(each) for each in names for form in GRADIENTS]
    places += [f"{box}.{form.format(each)}" for box in CONTAINERS for each in names for form in ("{}", *GRADIENTS[:4])]
    if last.isdigit():
        places += [f"{box}.{last}" for box in CONTAINERS]
    return list(dict.fromkeys(places))


def recovered(before: HostArray, after: HostArray | str) -> HostArray | str:
    """The gradient of an update."""
    if isinstance(after, str) or after.shape[-before.ndim :] != before.shape[-after.ndim :]:
        return after
    with np.errstate(all="ignore"):  # NaN and infinities are part of the cases
        gradient: HostArray = (before - after) / LEARNING_RATE
    return gradient


def before_update(array: HostArray, shape: Shape, dtype: str) -> HostArray:
    """A parameter as the layer keeps it."""
    kept: HostArray = arranged(array, shape).astype(dtype)
    return kept


def recovered_law(law: Law, weight: HostArray, samples: int, eps: float) -> Law:
    """The law of a gradient g that was recovered from updates: eps (|g| + |w| / r) more for each sample.

    The scale of a gradient is at least eps times the sum of |g| over the samples, which spares us that sum.
    """
    of_weight = samples * eps * np.abs(weight) / LEARNING_RATE
    return Law(law.hard + law.scale + of_weight, law.scale + of_weight)
