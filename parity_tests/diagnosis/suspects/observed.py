"""Errors of the dtype and of the arithmetic: told by the results themselves rather than by a formula."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from parity_tests.diagnosis.scene import Predicted, Predictions, Scene
from parity_tests.diagnosis.suspect import Outcome, Suspect, Suspicion
from scratch.array import HostArray

NOISE = (0.01, 0.6)
"""The precision index of sums whose operands and results are rounded: measured 0.01 to 0.27 for sums that are right, a
little more where operands are rounded, too."""

ENOUGH = 16
"""Elements from which on one can say whether errors are random."""


@dataclass(frozen=True)
class OtherDtype:
    """The right numbers in another dtype.

    Attributes
    ----------
    id, sentence : as of every suspect
    is_leak : float64 for float32, or any other pair
    """

    id: str
    sentence: str
    is_leak: bool

    def outcomes(self, scene: Scene) -> dict[str, Outcome]:
        """Look at the dtypes."""
        found = {}
        for tensor, got in scene.got.items():
            truth = scene.truth[tensor]
            should = np.dtype(scene.dtype) if truth.value.dtype.kind == "f" else truth.value.dtype
            leaks = got.dtype == np.float64 and should == np.float32
            if got.dtype != should and leaks == self.is_leak and scene.agrees(got, truth):
                found[tensor] = Outcome.REPRODUCED
        return found


@dataclass(frozen=True)
class Coarse:
    """Errors of the size that arithmetic in a coarser format has, and as random.

    The format's law holds for every element; the precision index, in its epsilons, is that of roundings; and the
    errors have nothing to do with the numbers: one sample of them is as often too large as too small. What a `finer`
    format explains as well proves nothing.
    """

    id: str
    sentence: str
    eps: float
    largest: float
    rounded: Callable[[HostArray], HostArray]
    finer: "Coarse | None" = None

    def outcomes(self, scene: Scene) -> dict[str, Outcome]:
        """Measure the errors; a tensor that agrees, though rounded operands would change it, contradicts."""
        if self.eps < 4 * scene.eps or not scene.disagrees & scene.got.keys():
            return {}
        changed = operands(self.rounded)(scene)
        found = {}
        for tensor in scene.got:
            if tensor in scene.disagrees:
                enough = scene.got[tensor].size >= ENOUGH
                sure = enough and not (self.finer and self.finer.is_noise(scene, tensor))
                noise = Outcome.REPRODUCED if sure else Outcome.TOLERATED
                found[tensor] = noise if self.is_noise(scene, tensor) else Outcome.CONTRADICTED
            elif tensor in changed and scene.alters(tensor, changed[tensor]):
                found[tensor] = Outcome.CONTRADICTED
        return found

    def is_noise(self, scene: Scene, tensor: str) -> bool:
        """Whether these are roundings of the format."""
        got, truth = scene.got[tensor], scene.truth[tensor]
        law = truth.law
        if law is None or got.shape != truth.value.shape or got.dtype.kind != "f":
            return False
        ratio = self.eps / scene.eps
        overflow = ~np.isfinite(got) & (law.hard * ratio > self.eps * self.largest)
        same = np.isfinite(got) == np.isfinite(truth.value)
        finite = np.isfinite(got) & np.isfinite(truth.value)
        error, right = (got - truth.value)[finite].astype(np.float64), truth.value[finite]
        hard, scale = law.hard[finite] * ratio, law.scale[finite] * ratio
        if not (same | overflow).all() or not (np.abs(error) <= hard + 1 / self.largest).all():
            return False
        if error.size < ENOUGH:
            return True
        index = np.sqrt(np.mean(error**2) / np.mean(scale**2))
        related = abs(np.sum(error * right)) / np.sqrt(np.sum(error**2) * np.sum(right**2))
        shifted = abs(np.mean(error)) / np.sqrt(np.mean(error**2))
        return bool(NOISE[0] <= index <= NOISE[1] and max(related, shifted) < 0.75)


def operands(rounded: Callable[[HostArray], HostArray]) -> Callable[[Scene], Predictions]:
    """Right arithmetic on rounded operands."""

    def predict(scene: Scene) -> dict[str, Predicted]:
        factors = [name for name in scene.inputs if name != "bias" or scene.case.op == "BatchNorm2d"]
        floating = {name: scene.inputs[name] for name in factors if scene.inputs[name].dtype.kind == "f"}
        changed = {name: rounded(value.astype(np.float64)) for name, value in floating.items()}
        if all(np.array_equal(changed[name], value, equal_nan=True) for name, value in floating.items()):
            return {}
        found = scene.torch(**changed)
        found.pop("dbias", None)  # a sum, not a product
        return found

    return predict


def to_digits(digits: int) -> Callable[[HostArray], HostArray]:
    """Round to so many binary digits."""

    def rounded(a: HostArray) -> HostArray:
        mantissa, exponent = np.frexp(a)
        near: HostArray = np.ldexp(np.rint(mantissa * 2**digits), exponent - digits)
        return near

    return rounded


def cut_to_digits(digits: int) -> Callable[[HostArray], HostArray]:
    """Cut off all but so many binary digits."""

    def rounded(a: HostArray) -> HostArray:
        mantissa, exponent = np.frexp(a)
        near: HostArray = np.ldexp(np.trunc(mantissa * 2**digits), exponent - digits)
        return near

    return rounded


def through(dtype: str) -> Callable[[HostArray], HostArray]:
    """Round to a format of NumPy's."""
    return lambda a: a.astype(dtype).astype(np.float64)


FLOAT64 = (
    "The result is float64 though the input is float32: a float64 constant or np.zeros without a dtype makes it so."
)
DTYPE = "The numbers are right, the dtype is not: torch gives what the input has, and int64 for indices."
IN = "The numbers have the errors of arithmetic in {}: compute in the format of the input."
OPERANDS = "The operands are rounded to {} before they are multiplied: compute in the format of the input."

HALF = Coarse("arithmetic-in-float16", IN.format("float16"), 2.0**-10, 65504.0, through("float16"))
OF_PRODUCTS: list[Suspicion] = [
    HALF,
    Coarse("arithmetic-in-bfloat16", IN.format("bfloat16"), 2.0**-7, 3e38, to_digits(8), finer=HALF),
    Coarse("arithmetic-in-float32", IN.format("float32"), 2.0**-23, 3e38, through("float32")),
]
"""For operations that have cases of small integers, where such arithmetic is exact: that tells it from mere noise."""

SUSPECTS: list[Suspicion] = [
    OtherDtype("float64-leaks", FLOAT64, is_leak=True),
    OtherDtype("dtype-differs", DTYPE, is_leak=False),
    Suspect("arithmetic-in-tf32", OPERANDS.format("TF32 (11 binary digits)"), operands(to_digits(11))),
    Suspect("arithmetic-in-tf32", OPERANDS.format("TF32 (11 binary digits)"), operands(cut_to_digits(11))),
    Suspect("arithmetic-in-float16", OPERANDS.format("float16"), operands(through("float16"))),
    Suspect("arithmetic-in-bfloat16", OPERANDS.format("bfloat16 (8 binary digits)"), operands(to_digits(8))),
    Suspect("arithmetic-in-bfloat16", OPERANDS.format("bfloat16 (8 binary digits)"), operands(cut_to_digits(8))),
    Suspect("arithmetic-in-float32", OPERANDS.format("float32"), operands(through("float32"))),
]
