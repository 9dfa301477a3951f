"""Functions of one image and one kernel: convolve(image, kernel), correlate2d(image, kernel, stride=1, padding=0).

They are run through the cases of Conv2d with one channel in and one out, plane by plane. Many keep the size of the
image without being asked: then they are compared with torch's padding of (k - 1) / 2, which an even kernel has not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from parity_tests.check.adapters.base import Hints, Raw, Run
from parity_tests.check.adapters.functions import ORDER, FunctionLayer
from parity_tests.check.adapters.layouts import PLANE
from parity_tests.check.adapters.names import WEIGHT, X
from parity_tests.check.adapters.options import match
from parity_tests.check.cases import given
from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase
from scratch.array import HostArray


@dataclass(frozen=True, kw_only=True)
class ImageFunction(FunctionLayer):
    """One reading of such a function.

    Attributes
    ----------
    keeps_size : whether it pads so that the image keeps its size, without being asked
    """

    keeps_size: bool = False

    style: ClassVar[str] = "a function of one image"
    unclaimed: ClassVar[Mapping[str, str]] = {
        **FunctionLayer.unclaimed,
        "a pair as padding": "has shape",  # np.pad(image, (1, 2)) is one before and two after
        "a pair as stride": "has shape",
    }

    def fit(self, case: LayerCase) -> LayerCase:
        """The case with one channel in and one out, and no bias."""
        arguments = given(case)
        settings = {name: arguments[name] for name in ("stride", "padding", "dilation") if name in arguments}
        if self.keeps_size and not settings.get("padding"):
            settings["padding"] = centred(case)
        N = case.shape[0] if len(case.shape) == 4 else 1
        spec = Spec.of("Conv2d", 1, 1, arguments["kernel_size"], bias=False, **settings)
        return replace(case, spec=spec, shape=(N, 1, *case.shape[-2:]))

    def lacks(self, case: LayerCase) -> list[str]:
        """What a case needs and the function does not offer; its own padding is nothing that is asked for."""
        words = super().lacks(case)
        if not self.keeps_size:
            return words
        even = any(k % 2 == 0 for k in pair(given(case)["kernel_size"]))
        is_own = given(case)["padding"] == centred(case)
        return [word for word in words if word != "padding" or not is_own] + ["a kernel of even size"] * even

    def not_offered(self) -> dict[str, str]:
        """A plane is all it takes."""
        planes = {"batch": "run plane by plane", "channels": "one in, one out", "groups": "", "bias": ""}
        return super().not_offered() | planes

    def notes(self) -> list[str]:
        """Defaults that are not torch's."""
        return self.options.notes()

    def inward(self, name: str, value: HostArray) -> HostArray:
        """A plane, and a kernel of two dimensions."""
        return value[0, 0] if name == "weight" else super().inward(name, value)

    def refined(self, case: LayerCase, raw: Raw) -> Self:
        """See whether the image keeps its size."""
        y = raw.tensors.get("out")
        if y is not None and y.shape[1:] == case.shape[2:] and not self.keeps_size:
            return replace(self, keeps_size=True)
        return super().refined(case, raw)

    def assumed(self) -> list[str]:
        """As of any function, and what it pads."""
        own = ["it keeps the size of the image: compared with padding (kernel_size - 1) / 2"]
        return super().assumed() + own * self.keeps_size


def pair(value: Any) -> tuple[int, int]:
    """A number for each axis."""
    return value if isinstance(value, tuple) else (value, value)


def centred(case: LayerCase) -> int | tuple[int, int]:
    """The padding that keeps the size of an image under a kernel of odd size."""
    arguments = given(case)
    kernel, dilation = pair(arguments["kernel_size"]), pair(arguments.get("dilation", 1))
    pH, pW = ((k - 1) * d // 2 for k, d in zip(kernel, dilation, strict=True))
    return pH if pH == pW else (pH, pW)


def recognise(op: str, name: str, described: Mapping[str, Any], hints: Hints, run: Run) -> list[ImageFunction]:
    """Find the reading of a function as one of an image and a kernel.

    Raises
    ------
    Unmatched
        if it needs something unknown
    """
    if described["kind"] != "function" or op != "Conv2d" or hints.backward or hints.layout not in (None, "plane"):
        return []
    options = match(op, name, described["arguments"], hints, {"$x": X, "$weight": WEIGHT}, ORDER)
    if not {"$x", "$weight"} <= set(options.arguments.values()):
        return []
    return [
        ImageFunction(
            op=op,
            name=name,
            array_module=described["array_module"],
            backward=False,
            options=options,
            hints=hints,
            layout=PLANE,
        )
    ]
