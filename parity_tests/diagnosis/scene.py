"""One case as the suspects see it: what went in, what is right, what came out, and how far apart they may be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, TypeAlias, cast

import numpy as np

from parity_tests.diagnosis.evidence import Evidence
from parity_tests.harness.case import Case, Spec, signature_of
from parity_tests.harness.comparison import Law, compare
from parity_tests.harness.laws.padding import NUMPY_MODES, gathered
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import reference
from parity_tests.harness.roundoff import Rounded
from scratch.array import HostArray
from scratch.geometry import Padding, Pair, Window2d, pair, unpad2d


@dataclass(frozen=True)
class Predicted:
    """What a tensor should be, by somebody's formula, in float64 (or int64), and how far away roundings may take it."""

    value: HostArray
    law: Law | None

    @classmethod
    def of(cls, formula: Rounded, shape: tuple[int, ...]) -> "Predicted":
        """What a formula says that was written with numbers that carry their error."""
        law = formula.law(shape)
        assert law.value is not None
        return cls(law.value, law)

    def arranged(self, change: Callable[[HostArray], HostArray]) -> "Predicted":
        """The same numbers elsewhere: `change` transposes, picks, repeats."""
        law = self.law and Law(change(self.law.hard), change(self.law.scale))
        return Predicted(change(self.value), law)

    def scaled(self, factor: float, eps: float) -> "Predicted":
        """Multiplied by a number, which is one rounding or two more."""
        value = self.value * factor
        own, scale = 2 * eps * np.abs(value), eps * np.abs(value)
        if self.law is not None:
            own, scale = own + abs(factor) * self.law.hard, scale + abs(factor) * self.law.scale
        return Predicted(value, Law(own, scale))

    def summed(self, axis: int | tuple[int, ...], eps: float) -> "Predicted":
        """Added up along some axes, which are kept with length 1."""
        count = int(np.prod([self.value.shape[a] for a in np.atleast_1d(axis)]))
        size = np.abs(self.value).sum(axis, keepdims=True)
        own, scale = count * eps * size, eps * size
        if self.law is not None:
            own = own + self.law.hard.sum(axis, keepdims=True)
            scale = scale + self.law.scale.sum(axis, keepdims=True)
        return Predicted(self.value.sum(axis, keepdims=True), Law(own, scale))


Predictions: TypeAlias = Mapping[str, Predicted]
"""The tensors that a suspect has an opinion on; the others it leaves alone."""


class Refused(Exception):  # noqa: N818  (an answer, not a defect)
    """A case that a suspect alters, but torch does not serve."""


GRADIENTS = ("dx", "dweight", "dbias")


class Scene:
    """One piece of evidence, beside what is right.

    Attributes
    ----------
    case, dtype, inputs : of the run
    eps, tiny : the epsilon that it was judged by, and the smallest number
    truth : what is right
    got : the layer's tensors, those that are arrays of numbers and were judged; no gradients where y is misshapen
    disagrees : those that were judged to be wrong or imprecise
    finite : whether all inputs are
    remembered : what has been predicted of this case already, for whichever layer
    """

    def __init__(self, evidence: Evidence) -> None:
        self.evidence, self.case, self.dtype = evidence, evidence.case, evidence.dtype
        should = reference(evidence.case, evidence.dtype, evidence.seed)
        self.inputs: Mapping[str, HostArray] = should.inputs
        limits = np.finfo(evidence.dtype)
        self.tiny = float(limits.tiny)
        self.eps = float(limits.eps) * slack(evidence, should.laws)
        laws = should.laws
        if self.eps > limits.eps:
            laws = evidence.case.laws(should.inputs, self.eps, self.tiny)
        self.truth = {name: Predicted(want, laws[name]) for name, want in should.oracle.items()}
        judged = {finding.tensor for finding in evidence.findings}
        self.got = {
            name: value
            for name, value in evidence.tensors.items()
            if name in judged and name in self.truth and isinstance(value, np.ndarray) and value.dtype.kind in "fiub"
        }
        self.disagrees = {finding.tensor for finding in evidence.findings if not finding.ours.verdict.agrees}
        if "y" in self.got and self.got["y"].shape != self.truth["y"].value.shape:
            meaningless = [name for name in self.truth if name in GRADIENTS]  # of a dy that does not belong to y
            self.disagrees.difference_update(meaningless)
            self.got = {name: value for name, value in self.got.items() if name not in meaningless}
        self.finite = all(np.isfinite(value).all() for value in self.inputs.values())
        self.remembered = remembered_of(self.case, self.dtype, evidence.seed, self.eps)

    @cached_property
    def rounded_truth(self) -> dict[str, Predicted]:
        """What is right, with the law that holds where the arithmetic is not exact, as it is for integers."""
        case = self.case
        if not isinstance(case, LayerCase) or case.data != "integers" or case.integer:
            return self.truth
        laws = replace(case, data="normal").laws(self.inputs, self.eps, self.tiny)
        return {name: Predicted(truth.value, laws[name]) for name, truth in self.truth.items()}

    def scaled(self, tensor: str, factor: float) -> Predicted:
        """What is right, multiplied by a number: somewhere on its way, which need not be at the end."""
        return self.rounded_truth[tensor].scaled(factor, self.eps)

    @property
    def size(self) -> int:
        """How many numbers a human has to look at."""
        return sum(value.size for value in [*self.inputs.values(), *(each.value for each in self.truth.values())])

    @cached_property
    def arguments(self) -> dict[str, Any]:
        """The arguments of the layer by name, with their defaults."""
        return {name: value for name, value in cast("LayerCase", self.case).arguments.items() if name != "dtype"}

    @cached_property
    def window(self) -> Window2d:
        """The window of a convolution or pool."""
        return window_of(self.arguments)

    @cached_property
    def batched(self) -> bool:
        """Whether the first axis of x counts samples."""
        ndim = self.inputs["x"].ndim
        return ndim == 4 if self.case.op in ("Conv2d", "ConvTranspose2d", "MaxPool2d", "AvgPool2d") else ndim > 1

    @property
    def samples(self) -> int:
        """N, 1 without a batch."""
        return len(self.inputs["x"]) if self.batched else 1

    def agrees(self, got: HostArray, predicted: Predicted) -> bool:
        """Whether an array is what is predicted, up to roundings."""
        value, law = predicted.value, predicted.law
        if got.dtype.kind != "f" and value.dtype.kind == "f":
            got = got.astype(self.dtype)
        try:
            return compare(got, value, law, got.dtype).verdict.agrees
        except ValueError:  # the law is infinite: anything would pass
            return False

    def alters(self, tensor: str, predicted: Predicted) -> bool:
        """Whether a prediction is another tensor than the right one."""
        truth = self.truth[tensor]
        as_run = predicted.value.astype(self.dtype) if truth.value.dtype.kind == "f" else predicted.value
        return not self.agrees(as_run, truth)

    def torch(self, case: Case | None = None, /, **inputs: HostArray | None) -> dict[str, Predicted]:
        """What torch gives in a changed case, or for changed inputs.

        None takes an input away. Where y gets another shape than dy has, there is no backward.

        Raises
        ------
        Refused
            if torch does not serve such a case: what somebody's layer would do there is not known
        """
        given = {name: value for name, value in {**self.inputs, **inputs}.items() if value is not None}
        return dict(torch_gives(self.case if case is None else case, Given(given), self.eps, self.tiny))

    def with_arguments(self, **changed: Any) -> LayerCase:
        """The case with other arguments of its layer."""
        settings = {name: value for name, value in (self.arguments | changed).items() if name != "dtype"}
        return replace(cast("LayerCase", self.case), spec=Spec(self.case.op, (), tuple(settings.items())))

    @cached_property
    def border(self) -> str:
        """What a convolution's border is made of, as np.pad calls it."""
        return {"zeros": "constant", **NUMPY_MODES}[self.arguments["padding_mode"]]

    def padded_by_hand(
        self, padding: Padding, mode: str | None = None, crop: Padding | None = None
    ) -> dict[str, Predicted]:
        """What a convolution gives whose image is padded beforehand.

        Parameters
        ----------
        padding : of the image
        mode : what it is padded with, as np.pad calls it; by default the case's own
        crop : what is merely taken off dx again; by default a border's gradients go where it was copied from
        """
        mode = self.border if mode is None else mode
        x = self.padded(self.inputs["x"], padding, mode)
        found = self.torch(self.with_arguments(padding=0, padding_mode="zeros"), x=x)
        if "dx" in found:
            back = (padding, mode) if crop is None else (crop, "constant")
            found["dx"] = found["dx"].arranged(lambda dpadded: self.sent_back(dpadded, *back))
        return found

    def padded(self, x: HostArray, padding: Padding, mode: str) -> HostArray:
        """Surround the last two axes.

        Raises
        ------
        Refused
            if there is no such border: a reflection of nothing
        """
        try:
            return np.pad(x, (*((0, 0),) * (x.ndim - 2), *padding), mode)  # type: ignore[call-overload, no-any-return]
        except ValueError as error:
            raise Refused(str(error)) from None

    def sent_back(self, dpadded: HostArray, padding: Padding, mode: str) -> HostArray:
        """The gradient of an image from that of the padded one."""
        if mode == "constant":
            return unpad2d(dpadded, padding)
        shape = self.inputs["x"].shape
        numbers = np.arange(shape[-2] * shape[-1]).reshape(shape[-2:])
        return gathered(dpadded, self.padded(numbers, padding, mode), shape)


class Given:
    """Inputs by their names; two are equal if they hold the same numbers."""

    def __init__(self, inputs: dict[str, HostArray]) -> None:
        self.inputs = inputs
        self.key = tuple((name, a.dtype.str, a.shape, a.tobytes()) for name, a in inputs.items())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Given) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(256)  # the cases of two or three operations: mutants come operation by operation
def remembered_of(case: Case, dtype: str, seed: int, eps: float) -> dict[Any, tuple[Predictions, set[str]]]:
    """What has been predicted of a case: by whom -> the predictions, and which of them are not the right answer."""
    return {}


@lru_cache(2048)
def torch_gives(case: Case, given: Given, eps: float, tiny: float) -> dict[str, Predicted]:
    """What torch gives in a case; remembered, since a suspect asks the same of every layer that is diagnosed.

    Raises
    ------
    Refused
        if torch does not serve such a case
    """
    inputs, forward_only = dict(given.inputs), False
    try:
        if case.op in ("Conv2d", "ConvTranspose2d", "MaxPool2d", "AvgPool2d"):
            assert isinstance(case, LayerCase)
            out = size_of_y(case, inputs["x"].shape[-2:])
            if "dy" in inputs and inputs["dy"].shape[-2:] != out:
                forward_only = True
                inputs["dy"] = np.ones((*inputs["dy"].shape[:-2], *out))  # for the law
        values = case.run_torch(inputs, np.float64)
        laws = case.laws(inputs, eps, tiny)
    except (ValueError, RuntimeError, TypeError, IndexError, KeyError) as error:
        raise Refused(str(error)) from None
    names = ("y", "indices") if forward_only else values
    return {name: Predicted(values[name], laws[name]) for name in names if name in values}


def size_of_y(case: LayerCase, size: Pair) -> Pair:
    """The height and width of what a layer with a window gives for an image; raises a ValueError if there is none."""
    window = window_of(case.arguments)
    if case.op == "ConvTranspose2d":
        return window.transposed(pair(case.arguments["output_padding"], "output_padding", least=0)).input_size(size)
    return window.output_size(size) if case.op == "Conv2d" else window.check_pool(size)  # see geometry.py


def window_of(arguments: Mapping[str, Any]) -> Window2d:
    """The window of a convolution or a pool with these arguments."""
    names = signature_of(Window2d.of).parameters
    given = {name: value for name, value in arguments.items() if name in names}
    if given.get("stride", 1) is None:
        given["stride"] = given["kernel_size"]
    return Window2d.of(**given)


def slack(evidence: Evidence, laws: Mapping[str, Law | None]) -> float:
    """How many times wider the law was that judged this evidence than the law of its dtype.

    Whoever judges may know of a coarser format on the way, a state that is kept in float32 for one. A finding tells:
    its worst error, as a fraction of the hard bound, with both numbers.
    """
    widest = 1.0
    for finding in evidence.findings:
        ours, law = finding.ours, laws.get(finding.tensor)
        if law is None or ours.at is None or ours.got is None or ours.want is None or not 0 < ours.worst < np.inf:
            continue
        own = float(law.hard[ours.at])
        if own > 0 and np.isfinite(ours.got - ours.want):
            widest = max(widest, abs(ours.got - ours.want) / ours.worst / own)
    return widest if widest > 1 + 1e-6 else 1.0
