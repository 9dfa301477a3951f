"""What readings of a layer share, be it a class or a pair of functions: which cases, which arrangement of x."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from parity_tests.check.adapters.base import Adapter, Hints, Raw, Shape
from parity_tests.check.adapters.layouts import BATCH, Layout
from parity_tests.check.adapters.options import LEARNING_RATE, Options
from parity_tests.check.cases import AFFINE, ALONG_AN_AXIS, PLAIN, given, is_last_axis, softmax_axis, torch_defaults
from parity_tests.harness.case import Inputs, Spec
from parity_tests.harness.layer_case import LayerCase
from scratch.array import HostArray

SIZES = frozenset({"in_channels", "out_channels", "kernel_size", "in_features", "out_features", "num_features"}) | {
    "normalized_shape",
    "num_channels",
}
"""The options that the shape of a weight tells."""


POOLS = ("MaxPool2d", "AvgPool2d")
FIXED_KERNEL = 2
"""The size of a pool that does not take one; whether it is, the shape of what it gives must show."""


@dataclass(frozen=True, kw_only=True)
class LayerAdapter(Adapter[LayerCase], ABC):
    """One reading of a layer.

    Attributes
    ----------
    options : the arguments that are known
    layout : in which arrangement x goes in
    hints : of the map file
    no_batch : what it did with a batch, if that is why samples go in one by one
    """

    options: Options
    layout: Layout = BATCH
    no_batch: str = ""
    hints: Hints = field(default_factory=Hints)

    @property
    @abstractmethod
    def biased(self) -> bool:
        """Whether there is a bias, or none is known yet."""

    @property
    @abstractmethod
    def statistics(self) -> bool:
        """Whether there are running statistics."""

    @property
    @abstractmethod
    def settled(self) -> Options:
        """The options, and which of torch's are seen to otherwise."""

    def fit(self, case: LayerCase) -> LayerCase:
        """The case without what can be left out: the indices of a max pool, and a bias that does not exist.

        A dim that torch chooses by the number of dimensions is given, unless the layer's own default is None as well.
        """
        settings = dict(case.spec.settings)
        if "return_indices" not in self.options.arguments.values():
            settings.pop("return_indices", None)
        dims = [self.options.defaults[mine] for mine, its in self.options.arguments.items() if its == "dim"]
        if dims and dims[0] is not None:
            settings.setdefault("dim", softmax_axis(case))
        if not self.biased:
            settings[AFFINE.get(self.op, "bias")] = False
        return replace(case, spec=Spec(case.op, case.spec.args, tuple(settings.items())))

    def lacks(self, case: LayerCase) -> list[str]:
        """What a case needs and the layer does not offer, in words, as far as one can see beforehand."""
        words = self.settled.lacks(case)
        if case.op in ALONG_AN_AXIS and "dim" not in self.options.arguments.values() and not is_last_axis(case):
            words.append("dim")
        if self.has_fixed_kernel and given(case)["kernel_size"] != FIXED_KERNEL:
            words.append("kernel_size")
        if case.op == "BatchNorm2d" and not case.training and not self.statistics:
            words.append("running statistics")
        return words + self.layout.lacks(case)

    def peculiarities(self, case: LayerCase) -> list[str]:
        """As of any layer; where a pool has to be told its stride, a pair of kernel sides is a pair of strides."""
        pair = isinstance(given(case).get("kernel_size"), tuple) and case.op in POOLS
        implied = pair and "stride" not in given(case) and self.tells_stride
        return super().peculiarities(case) + ["a pair as stride"] * implied

    def passes(self, option: str) -> bool:
        """Whether an option is passed under any name; the shape of a weight may tell one, too."""
        return self.options.takes(option)

    @property
    def has_fixed_kernel(self) -> bool:
        """Whether it is a pool of one size only."""
        return self.op in POOLS and not self.settled.takes("kernel_size") and "kernel_size" in self.settled.settled

    @property
    def tells_stride(self) -> bool:
        """Whether the stride is passed in every case, since its default is not torch's."""
        return any(
            self.options.defaults[mine] is not None for mine, its in self.options.arguments.items() if its == "stride"
        )

    def through_keywords(self, case: LayerCase) -> list[str]:
        """What of a case goes through **kwargs."""
        return self.settled.through_keywords(case)

    def not_offered(self) -> dict[str, str]:
        """No backward, no batch."""
        why = f"; with all at once it {self.no_batch}" if self.no_batch else ""
        return super().not_offered() | ({"batch": f"run sample by sample{why}"} if self.layout.one_by_one else {})

    def notes(self) -> list[str]:
        """Defaults that are not torch's, and a bias that does not exist."""
        of = (
            f"weight and bias: compared with {AFFINE[self.op]}=False."
            if self.op in AFFINE
            else "bias: compared with bias=False."
        )
        return self.options.notes() + ([f"It has no {of}"] if not self.biased else [])

    def run_of(self, case: LayerCase, dtype: str) -> dict[str, Any]:
        """What is known of a run, by the words that an argument may mean."""
        plain = PLAIN[self.op]
        assert isinstance(plain, LayerCase)
        sample = self.layout.inward(np.empty(case.shape)).shape
        mode = {} if "mode" in torch_defaults(self.op) else {"mode": "train" if case.training else "test"}
        return mode | {
            "dtype": {"dtype": dtype},
            "training": case.training,
            "input_shape": sample[max(0, len(sample) - len(plain.shape) + 1) :],
            "learning_rate": LEARNING_RATE,
        }

    def back(self, value: HostArray | str, shape: Shape) -> HostArray | str:
        """y or dx in torch's arrangement."""
        return value if isinstance(value, str) else self.layout.back(value, shape)

    def summed(self, case: LayerCase, gradient: HostArray | str) -> HostArray | str:
        """The gradient of a parameter over all samples, where they went in one by one."""
        if isinstance(gradient, str) or not self.layout.splits(case):
            return gradient
        with np.errstate(all="ignore"):  # NaN and infinities are part of the cases
            return np.sum(gradient, axis=0, dtype=gradient.dtype)


def sorted_out(raw: Raw, wanted: Mapping[str, Shape], named: Sequence[str] | None) -> dict[str, str]:
    """Which part of what backward returned is which gradient: as the map file says, by their shapes, or in order.

    Parameters
    ----------
    raw : what came back
    wanted : the shapes that dx, dweight, ... should have, in the usual order
    named : what the map file says
    """
    left = raw.parts("back")
    if named is not None:
        return dict(zip(named, left, strict=False))
    found = {}
    for name, shape in wanted.items():
        fitting = [
            each for each in left if each in raw.tensors and squeezed(raw.tensors[each].shape) == squeezed(shape)
        ]
        found[name] = (fitting or left or [""])[0]
        left = [each for each in left if each != found[name]]
    return found


def squeezed(shape: Shape) -> Shape:
    """A shape without its axes of length 1."""
    return tuple(n for n in shape if n != 1)


def is_tuple_of_arrays(raw: Raw, name: str) -> bool:
    """Whether a result has parts, and one of them at least is an array."""
    return any(part in raw.tensors for part in raw.parts(name))


def gradient_shapes(
    layer: LayerAdapter, case: LayerCase, arrays: Mapping[str, HostArray], inputs: Inputs
) -> dict[str, Shape]:
    """The shapes that the gradients of x, weight and bias have as the layer sees them, samples stacked."""
    split = (len(inputs["x"]),) if layer.layout.splits(case) else ()
    shapes = {f"d{name}": split + arrays[name].shape for name in ("weight", "bias") if name in arrays}
    return {"dx": arrays["x"].shape} | shapes
