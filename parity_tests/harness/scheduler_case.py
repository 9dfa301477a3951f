"""Cases of one schedule of learning rates: what stands in the optimiser after each step."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from parity_tests.harness.case import DTYPES, Case, Inputs, Laws, Spec, Tensors, generator_for
from parity_tests.harness.comparison import EXACT
from parity_tests.harness.torch_side import tensor
from scratch.module import Parameter

SGD = Spec.of("SGD", lr=0.3, momentum=0.5)


@dataclass(frozen=True)
class SchedulerCase(Case):
    """Steps of one scheduler on one optimiser; the numbers are Python's floats, whatever the parameters are.

    Attributes
    ----------
    spec : the scheduler
    optimiser : whose learning rate changes
    steps : how many follow
    """

    spec: Spec
    optimiser: Spec = SGD
    steps: int = 14
    dtypes: tuple[str, ...] = DTYPES[1:]

    @property
    def op(self) -> str:  # type: ignore[override]
        """The name of the scheduler."""
        return self.spec.op

    def __str__(self) -> str:
        return f"{self.spec} of {self.optimiser}, {self.steps} steps"

    def draw(self, dtype: Any, seed: int) -> Inputs:
        """There is a parameter, since an optimiser needs one."""
        return {"theta": generator_for(self, seed).standard_normal(3).astype(dtype)}

    def run(self, nn: Any, inputs: Inputs, algorithm: str | None = None, place: Any = None) -> Tensors:
        """Run one of our schedulers."""
        return self._rates(nn.optim, Parameter(nn.asarray(inputs["theta"])))

    def run_torch(self, inputs: Inputs, dtype: Any) -> Tensors:
        """Run torch's."""
        return self._rates(torch.optim, torch.nn.Parameter(tensor(inputs["theta"])))

    def _rates(self, optim: Any, parameter: Any) -> Tensors:
        """Step, and write down the learning rate, and the momentum where it has one."""
        optimiser = getattr(optim, self.optimiser.op)([parameter], **dict(self.optimiser.settings))
        scheduler = getattr(optim.lr_scheduler, self.op)(optimiser, **dict(self.spec.settings))
        optimiser.step()  # there is no gradient: nothing moves; but torch warns where nobody steps
        found = [self._of(optimiser, scheduler)]
        for _ in range(self.steps):
            scheduler.step()
            found.append(self._of(optimiser, scheduler))
        return {name: np.array([each[name] for each in found]) for name in found[0]}

    @staticmethod
    def _of(optimiser: Any, scheduler: Any) -> dict[str, Any]:
        held = optimiser.param_groups[0] if hasattr(optimiser, "param_groups") else vars(optimiser)
        momentum = held["betas"][0] if "betas" in held else held["momentum"]
        return {"lr": held["lr"], "momentum": momentum, "last": scheduler.get_last_lr()[0]}

    def laws(self, inputs: Inputs, eps: float, tiny: float) -> Laws:
        """The formulas are torch's, in the order of torch, and both are Python's floats."""
        return dict.fromkeys(("lr", "momentum", "last"), EXACT)
