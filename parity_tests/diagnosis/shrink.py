"""Find a smaller case that fails, too: fewer samples and channels, smaller images and kernels, fewer options.

It goes down one step at a time, as Hypothesis does when it shrinks: of all cases that are one step smaller the first
that still fails takes the place of the case, until none does or the time is over.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from parity_tests.diagnosis.scene import window_of
from parity_tests.harness.case import Case, Spec
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.loss_case import LossCase
from parity_tests.harness.optimiser_case import OptimiserCase

Settings: TypeAlias = dict[str, Any]

SECONDS = 5.0
"""How long it may take by default."""

FEW = 8

SIZES = {
    "Conv2d": ("in_channels", "out_channels", "kernel_size"),
    "ConvTranspose2d": ("in_channels", "out_channels", "kernel_size"),
    "Linear": ("in_features", "out_features"),
    "BatchNorm2d": ("num_features",),
    "MaxPool2d": ("kernel_size",),
    "AvgPool2d": ("kernel_size",),
}
"""The arguments that a layer cannot be without."""


def shrink(case: Case, fails: Callable[[Case], bool], seconds: float = SECONDS) -> Case:
    """Make a case that fails smaller.

    Parameters
    ----------
    case : fails
    fails : runs the layer on a case and says whether it fails
    seconds : no case is tried after that time

    Returns
    -------
    the smallest case that was found to fail; `case` itself if there is no smaller one
    """
    end = time.monotonic() + seconds
    tried = {case}
    while time.monotonic() < end:
        for smaller in steps_down(case):
            if smaller in tried or time.monotonic() >= end:
                continue
            tried.add(smaller)
            if runs(smaller) and fails(smaller):
                case = smaller
                break
        else:
            return case
    return case


def runs(case: Case) -> bool:
    """Whether torch serves the case; a window without a cell is not even tried, for torch would write beyond memory."""
    try:
        if isinstance(case, LayerCase) and case.op in ("MaxPool2d", "AvgPool2d"):
            H, W = case.shape[-2:]
            window_of(case.arguments).check_pool((H, W))
        case.draw(np.dtype("float32"), 0)
    except (ValueError, RuntimeError, TypeError, IndexError):
        return False
    return True


def steps_down(case: Case) -> Iterator[Case]:
    """All cases that are one step smaller or simpler, the largest steps first."""
    if isinstance(case, LayerCase):
        yield from layers(case)
    elif isinstance(case, LossCase):
        yield from losses(case)
    elif isinstance(case, OptimiserCase):
        for name in dict(case.spec.settings):
            yield replace(case, spec=without(case.spec, name))


def layers(case: LayerCase) -> Iterator[LayerCase]:
    """Smaller layers, and simpler numbers."""
    if case.data != "normal":
        yield replace(case, data="normal")
    if case.upstream != "normal":
        yield replace(case, upstream="normal")
    settings = {name: value for name, value in case.arguments.items() if name != "dtype"}
    for name in dict(case.spec.settings):
        if name not in SIZES.get(case.op, ()):
            yield replace(case, spec=without(case.spec, name))
    for name, value in settings.items():
        for smaller in smaller_values(name, value):
            yield from fitted(case, settings | {name: smaller})
    for axis, length in enumerate(case.shape):
        for shorter in less_than(length):
            shape = (*case.shape[:axis], shorter, *case.shape[axis + 1 :])
            yield from fitted(replace(case, shape=shape), settings)


def smaller_values(name: str, value: Any) -> Iterator[Any]:
    """The next smaller values of an argument."""
    if isinstance(value, tuple):
        for at, each in enumerate(value):
            yield from ((*value[:at], less, *value[at + 1 :]) for less in smaller_values(name, each))
    elif isinstance(value, int) and not isinstance(value, bool):
        least = 0 if name in ("padding", "output_padding", "dim", "start_dim", "end_dim") else 1
        yield from less_than(value, least)


def less_than(value: int, least: int = 1) -> Iterator[int]:
    """All smaller numbers if they are few, which some must be: channels are multiples of groups. Else the main ones."""
    smaller = range(least, value) if value <= FEW else (least, value // 2, value - 1)
    yield from (less for less in smaller if least <= less < value)


def fitted(case: LayerCase, settings: Settings) -> Iterator[LayerCase]:
    """The case with other settings: the channels of x and those of the layer go together, whichever were changed."""
    kept = {
        "Conv2d": ("in_channels", -3),
        "ConvTranspose2d": ("in_channels", -3),
        "Linear": ("in_features", -1),
        "BatchNorm2d": ("num_features", 1),
    }
    shape = list(case.shape)
    if case.op in kept:
        name, axis = kept[case.op]
        before = case.arguments[name]
        if settings[name] == before:
            settings = settings | {name: shape[axis]}
        else:
            shape[axis] = settings[name]
    spec = written(case.spec, settings)
    yield replace(case, spec=spec, shape=tuple(shape))


def losses(case: LossCase) -> Iterator[LossCase]:
    """Smaller losses."""
    if case.data != "normal":
        yield replace(case, data="normal")
    if case.weighted:
        yield replace(case, weighted=False)
    if case.pos_weighted:
        yield replace(case, pos_weighted=False)
    for name in dict(case.spec.settings):
        yield replace(case, spec=without(case.spec, name))
    for axis, length in enumerate(case.shape):
        yield from (
            replace(case, shape=(*case.shape[:axis], shorter, *case.shape[axis + 1 :])) for shorter in less_than(length)
        )
    if len(case.shape) > 2:
        yield replace(case, shape=case.shape[:-1])


def without(spec: Spec, name: str) -> Spec:
    """The call without one of its settings."""
    return Spec(spec.op, spec.args, tuple((key, value) for key, value in spec.settings if key != name))


def written(spec: Spec, settings: Settings) -> Spec:
    """The call with other values, written as it was: by position what was, and no argument that was not given."""
    names = list(settings)[: len(spec.args)]
    return Spec(
        spec.op,
        tuple(settings[name] for name in names),
        tuple((name, settings[name]) for name, _ in spec.settings),
    )
