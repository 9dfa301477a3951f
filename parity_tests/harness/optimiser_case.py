"""Cases of one optimiser: fifty steps, each from the state that torch has reached in float64."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from parity_tests.harness.case import DTYPES, HALF, Case, Inputs, Laws, Spec, Tensors, generator_for
from parity_tests.harness.comparison import Law
from parity_tests.harness.implementations import Implementation
from parity_tests.harness.laws.optimiser import FORMULAS
from parity_tests.harness.roundoff import Rounded
from parity_tests.harness.torch_side import host, tensor, torch_dtype
from scratch.array import HostArray, to_host
from scratch.module import Parameter

STEPS = 50
SIZE = 7


@dataclass(frozen=True)
class OptimiserCase(Case):
    """Steps of one optimiser with one choice of options.

    A step is judged by itself: every step starts from torch's state, so that errors do not pile up.
    """

    spec: Spec
    steps: int = STEPS
    half: bool = True

    @property
    def op(self) -> str:  # type: ignore[override]
        """The name of the optimiser."""
        return self.spec.op

    @property
    def settings(self) -> dict[str, Any]:
        """The options."""
        return dict(self.spec.settings)

    @property
    def kept(self) -> tuple[str, ...]:
        """The names of the state, with these options."""
        momentum = ("momentum_buffer",) if self.settings.get("momentum") else ()
        if self.op == "SGD":
            return momentum
        if self.op == "RMSprop":
            return ("square_avg", *momentum, *(("grad_avg",) if self.settings.get("centered") else ()))
        return ("exp_avg", "exp_avg_sq", *(("max_exp_avg_sq",) if self.settings.get("amsgrad") else ()))

    def __str__(self) -> str:
        return f"{self.spec}, {self.steps} steps"

    def algorithms(self, implementation: Implementation, dtype: str = DTYPES[0]) -> list[str | None]:
        """All; of float16 those that are not a kernel's."""
        return [name for name in implementation.algorithms(self.op) if dtype != HALF or name != "fused"]

    def draw(self, dtype: Any, seed: int) -> Inputs:
        """Make theta, its gradient and the state before each step: arrays (steps, SIZE)."""
        generator = generator_for(self, seed)
        theta = torch.nn.Parameter(torch.tensor(generator.standard_normal(SIZE)))
        optimiser = getattr(torch.optim, self.op)([theta], **self.settings)
        before: dict[str, list[HostArray]] = {name: [] for name in ("theta", "g", *self.kept)}
        for _ in range(self.steps):
            before["theta"].append(host(theta))
            for name in self.kept:
                before[name].append(host(optimiser.state[theta].get(name, torch.zeros(SIZE))))
            g = generator.standard_normal(SIZE)
            before["g"].append(g)
            theta.grad = torch.tensor(g)
            optimiser.step()
        return {name: np.array(values).astype(dtype) for name, values in before.items()}

    def run(self, nn: Any, inputs: Inputs, algorithm: str | None = None, place: Any = None) -> Tensors:
        """Do each step with one of our optimisers.

        Raises
        ------
        AssertionError
            if another algorithm ran than the one that was named
        """
        place = nn.asarray if place is None else place

        def step(theta: HostArray, g: HostArray, state: dict[str, Any]) -> Tensors:
            parameter = Parameter(place(theta) + 0)  # a copy: a step is in place
            parameter.grad = place(g)
            optimiser = getattr(nn.optim, self.op)([parameter], **self.settings)
            optimiser.state[0] = {name: value if name == "step" else place(value) for name, value in state.items()}
            if algorithm is not None:
                optimiser.algorithm = algorithm
            optimiser.step()
            if algorithm is not None and optimiser.ran != algorithm:
                raise AssertionError(f"{self}: algorithm {algorithm!r} was named, {optimiser.ran!r} ran")
            return {"theta": to_host(parameter.data)} | {n: to_host(optimiser.state[0][n]) for n in self.kept}

        return self._all_steps(inputs, step)

    def run_torch(self, inputs: Inputs, dtype: Any) -> Tensors:
        """Do each step with torch's optimiser."""
        kind = torch_dtype(dtype)

        def step(theta: HostArray, g: HostArray, state: dict[str, Any]) -> Tensors:
            parameter = torch.nn.Parameter(tensor(theta).to(kind))
            parameter.grad = tensor(g).to(kind)
            optimiser = getattr(torch.optim, self.op)([parameter], **self.settings)
            optimiser.state[parameter] = {
                name: torch.tensor(float(value)) if name == "step" else tensor(value).to(kind)
                for name, value in state.items()
            }
            optimiser.step()
            return {"theta": host(parameter)} | {n: host(optimiser.state[parameter][n]) for n in self.kept}

        return self._all_steps(inputs, step)

    def _all_steps(self, inputs: Inputs, step: Callable[[HostArray, HostArray, dict[str, Any]], Tensors]) -> Tensors:
        """Do step t from its own state (empty before the first), and stack the results."""
        after = []
        for t, (theta, g) in enumerate(zip(inputs["theta"], inputs["g"], strict=True)):
            state: dict[str, Any] = {name: inputs[name][t] for name in self.kept} if t else {}
            if t and self.op != "SGD":
                state["step"] = t
            after.append(step(theta, g, state))
        return {name: np.array([tensors[name] for tensors in after]) for name in after[0]}

    def laws(self, inputs: Inputs, eps: float, tiny: float) -> Laws:
        """Write one step with numbers that carry their error."""
        formula = FORMULAS[self.op]
        steps = [
            formula({name: Rounded(value[t], eps) for name, value in inputs.items()}, t + 1, self.settings)
            for t in range(self.steps)
        ]
        laws: dict[str, list[Law]] = {name: [step[name].law((SIZE,)) for step in steps] for name in steps[0]}
        return {
            name: Law(*(np.stack([getattr(law, part) for law in each]) for part in ("hard", "scale", "value")))
            for name, each in laws.items()
        }
