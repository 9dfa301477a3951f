"""The laws of Conv2d with a border that is made of the image: those of a convolution of the padded image.

y and dweight are the same sums of products, of another image. dx is what that image would get, each cell of the border
added to the one that it is a copy of:

    |error of dx|  <=  sum over the copies of  |error of dpadded|  +  copies * eps * sum over them of  |dpadded|

Which cell each is a copy of is told by np.pad, on the numbers of the cells.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from parity_tests.harness.case import Spec
from parity_tests.harness.comparison import Law
from parity_tests.harness.laws.base import Inputs, Laws
from scratch.array import HostArray
from scratch.geometry import Window2d

if TYPE_CHECKING:
    from parity_tests.harness.layer_case import LayerCase

LawsOrMore = TypeVar("LawsOrMore", Laws, dict[str, Laws])

NUMPY_MODES = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def is_padded(case: "LayerCase") -> bool:
    """Whether a case is of a convolution with such a border."""
    return case.op == "Conv2d" and case.arguments["padding_mode"] != "zeros"


def of_padded(case: "LayerCase", inputs: Inputs, laws: Callable[["LayerCase", Inputs], LawsOrMore]) -> LawsOrMore:
    """The laws of a case (or those of each algorithm), from those of the convolution of the padded image."""
    arguments = {name: value for name, value in case.arguments.items() if name != "dtype"}
    window = Window2d.of(*(arguments[name] for name in ("kernel_size", "stride", "padding", "dilation")))
    cells = copied_cells(case.shape[-2:], window, arguments["padding_mode"])
    x = inputs["x"].reshape(*case.shape[:-2], case.shape[-2] * case.shape[-1])[..., cells]
    settings = arguments | {"padding": 0, "padding_mode": "zeros"}
    twin = replace(case, spec=Spec("Conv2d", (), tuple(settings.items())), shape=x.shape)

    def back(found: Any) -> Any:
        return {
            name: back(law) if isinstance(law, dict) else sent_back(law, cells, case.shape) if name == "dx" else law
            for name, law in found.items()
        }

    return cast("LawsOrMore", back(laws(twin, {**inputs, "x": x})))


def copied_cells(size: tuple[int, ...], window: Window2d, mode: str) -> HostArray:
    """For each cell of the padded image, the number of the cell that it is a copy of."""
    numbers = np.arange(np.prod(size)).reshape(size)
    return np.pad(numbers, window.padding, NUMPY_MODES[mode])  # type: ignore[call-overload, no-any-return]


def sent_back(law: Law | None, cells: HostArray, shape: tuple[int, ...]) -> Law | None:
    """The law of dx, from that of the padded image's."""
    if law is None:
        return None
    hard, scale = (gathered(each, cells, shape) for each in (law.hard, law.scale))
    return Law(hard + np.bincount(cells.ravel()).max() * scale, scale)


def gathered(values: HostArray, cells: HostArray, shape: tuple[int, ...]) -> HostArray:
    """The sum over all copies of each cell, in the shape of the image."""
    planes = np.broadcast_to(values, (*shape[:-2], *cells.shape)).reshape(-1, cells.size)
    count = shape[-2] * shape[-1]
    sums = [np.bincount(cells.ravel(), plane, count) for plane in planes]
    return np.array(sums).reshape(shape)
