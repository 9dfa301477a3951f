"""Cases of gradients that are made smaller."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from parity_tests.harness.case import Case, Inputs, Laws, Spec, Tensors, generator_for
from parity_tests.harness.comparison import EXACT
from parity_tests.harness.inputs import draw
from parity_tests.harness.roundoff import Rounded
from parity_tests.harness.torch_side import host, tensor, torch_dtype
from scratch.array import to_host
from scratch.module import Parameter

SHAPES = {"g0": (5, 9), "g1": (7,), "g2": ()}


@dataclass(frozen=True)
class ClippingCase(Case):
    """One call with the gradients of three parameters; a fourth one has none.

    Attributes
    ----------
    spec : clip_grad_norm_ or clip_grad_value_
    data : how the gradients are drawn
    """

    spec: Spec
    data: str = "normal"

    @property
    def op(self) -> str:  # type: ignore[override]
        """The name of the function."""
        return self.spec.op

    def __str__(self) -> str:
        return " ".join([str(self.spec), *([] if self.data == "normal" else [self.data])])

    def draw(self, dtype: Any, seed: int) -> Inputs:
        """Make the gradients."""
        generator = generator_for(self, seed)
        return {name: np.asarray(draw(self.data, shape, generator)).astype(dtype) for name, shape in SHAPES.items()}

    def run(self, nn: Any, inputs: Inputs, algorithm: str | None = None, place: Any = None) -> Tensors:
        """Run ours."""
        place = nn.asarray if place is None else place
        parameters = [Parameter(nn.asarray(np.zeros_like(g))) for g in inputs.values()]
        for parameter, g in zip(parameters, inputs.values(), strict=True):
            parameter.grad = place(g)
        without = Parameter(nn.asarray(np.zeros(2)))
        norm = getattr(nn.optim, self.op)([*parameters, without], **dict(self.spec.settings))
        assert without.grad is None
        found = {name: to_host(parameter.grad) for name, parameter in zip(inputs, parameters, strict=True)}
        return found | ({} if norm is None else {"norm": to_host(norm)})

    def run_torch(self, inputs: Inputs, dtype: Any) -> Tensors:
        """Run torch's."""
        parameters = [torch.nn.Parameter(torch.zeros(g.shape, dtype=torch_dtype(dtype))) for g in inputs.values()]
        for parameter, g in zip(parameters, inputs.values(), strict=True):
            parameter.grad = tensor(g).to(torch_dtype(dtype)).clone()
        clip = getattr(torch.nn.utils, self.op)
        norm = clip([*parameters, torch.nn.Parameter(torch.zeros(2))], **dict(self.spec.settings))
        found = {name: host(parameter.grad) for name, parameter in zip(inputs, parameters, strict=True)}  # type: ignore[arg-type]
        return found | ({} if norm is None else {"norm": host(norm)})

    def laws(self, inputs: Inputs, eps: float, tiny: float) -> Laws:
        """The norm of the norms, and one quotient that all are multiplied by, where it is below 1."""
        if self.op == "clip_grad_value_":
            return dict.fromkeys(inputs, EXACT)
        settings = {"norm_type": 2.0} | dict(self.spec.settings)
        p = settings["norm_type"]
        norm = norm_of([norm_of([Rounded(g, eps)], p) for g in inputs.values()], p)
        factor = Rounded(settings["max_norm"], eps) / (norm + 1e-6)
        if factor.value >= 1 or np.isinf(norm.value):  # by 1, or by 0, a product is exact
            factor = Rounded(float(factor.value >= 1), eps)
        laws: Laws = {name: (Rounded(g, eps) * factor).law(g.shape) for name, g in inputs.items()}
        return laws | {"norm": norm.law(())}


def norm_of(parts: list[Rounded], p: float) -> Rounded:
    """The p-norm of all numbers of some arrays together."""
    sizes = [Rounded(np.abs(part.value), part.eps, part.errors) for part in parts]
    if np.isinf(p):
        largest = [each.flat().max(0) for each in sizes]
        total = largest[0]
        for each in largest[1:]:
            total = total.larger(each)
        return total.flat().sum(0)
    sums = [each.power(p).flat().sum(0) for each in sizes]
    total = sums[0]
    for each in sums[1:]:
        total = total + each
    return total.power(1 / p)
