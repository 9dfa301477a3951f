"""What a case tries, in words that a fact can use: "only with ...", for options and kinds of input."""

from inspect import Parameter, signature
from typing import Any

import numpy as np

from parity_tests.diagnosis.scene import Scene
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.loss_case import LossCase
from scratch import layers, optim

KINDS = {
    "large mean": "numbers far from 0 (around 1000)",
    "large": "large numbers (around 1000)",
    "equal": "all numbers equal",
    "lowest": "regions of -inf",
    "images": "photographs",
    "digits": "photographs",
    "huge": "integers beyond 2**53",
}
"""The kinds of x by their name in a case."""


def traits(scene: Scene) -> set[str]:
    """Everything that may be the reason why one case disagrees and another does not."""
    case, found = scene.case, {scene.dtype}
    found |= {name for name, value in options(scene).items() if value is not Parameter.empty}
    found |= {KINDS[data] for data in [getattr(case, "data", "")] if data in KINDS}
    if isinstance(case, LayerCase):
        found |= of_layer(scene, case)
    if isinstance(case, LossCase):
        named = {"weight": case.weighted, case.target: case.target != "labels", "more than two dimensions": True}
        named["pos_weight"] = case.pos_weighted
        named["more than two dimensions"] = len(case.shape) > 2
        found |= {word for word, here in named.items() if here}
    return found | of_inputs(scene)


def options(scene: Scene) -> dict[str, Any]:
    """The arguments that are not left at their defaults; what has no default counts as usual."""
    case = scene.case
    cls = getattr(layers, case.op, None) or getattr(optim, case.op)
    usual = {p.name: p.default for p in signature(cls).parameters.values() if p.default is not Parameter.empty}
    given = scene.arguments if isinstance(case, LayerCase) else dict(case.spec.settings)
    return {f"{name}={value!r}" if isinstance(value, str | bool) else name: value for name, value in given.items()
            if name in usual and value != usual[name]}  # fmt: skip


def of_layer(scene: Scene, case: LayerCase) -> set[str]:
    """Shapes and windows."""
    shape, found = case.shape, {
        "evaluation": not case.training,
        "an empty batch": 0 in case.shape,
        "a batch of one": scene.batched and len(scene.inputs["x"]) == 1,
        "several samples": scene.samples > 1,
        "no batch": not scene.batched,
    }  # fmt: skip
    if "kernel_size" in scene.arguments:
        window = scene.window
        (kH, kW), (sH, sW), extent = window.kernel_size, window.stride, window.extent
        size = [n + sum(side) for n, side in zip(shape[-2:], window.padding, strict=True)]
        found |= {
            "a stride above 1": max(sH, sW) > 1,
            "a stride that is not the same in both directions": sH != sW,
            "a kernel that is not square": kH != kW,
            "an even kernel": kH % 2 == 0 or kW % 2 == 0,
            "windows that overlap": extent[0] > sH or extent[1] > sW,
            "padding that is not the same in both directions": window.padding[0] != window.padding[1],
            "a ragged edge": any((n - e) % s for n, e, s in zip(size, extent, window.stride, strict=True)),
            "an image that is not square": shape[-2] != shape[-1],
        }
    return {word for word, here in found.items() if here}


def of_inputs(scene: Scene) -> set[str]:
    """The kinds of numbers."""
    found = set()
    for name, value in scene.inputs.items():
        if value.dtype.kind == "f" and value.size:
            words = {
                f"NaN in {name}": np.isnan(value).any(),
                f"infinities in {name}": np.isinf(value).any(),
                f"no negative numbers in {name}": value.min() >= 0,
            }
            found |= {word for word, here in words.items() if here}
    x = scene.inputs.get("x")
    if x is not None and x.size > 1:
        found |= {word for word, here in {
            "equal numbers in x": np.unique(x).size < x.size,
            "integers in x": x.dtype.kind in "iu" or bool((x == np.rint(x)).all()),
        }.items() if here}  # fmt: skip
    return found
