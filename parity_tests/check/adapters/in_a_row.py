"""Cases of an optimiser that keeps its state to itself.

The suite's own optimisers are judged step by step, each step from torch's state. Nobody can put that into somebody
else's optimiser. So its steps are run in a row, and its state goes on as it makes it; theta alone is set to torch's
before each step. Then errors of theta do not pile up, and those of the state pile up by a law: the formula of all
steps, written once with numbers that carry their error.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from parity_tests.harness.case import Inputs, Laws, Tensors
from parity_tests.harness.comparison import Law
from parity_tests.harness.laws.optimiser import FORMULAS
from parity_tests.harness.optimiser_case import SIZE, STEPS, OptimiserCase
from parity_tests.harness.roundoff import Rounded
from scratch.array import HostArray


@dataclass(frozen=True)
class InARow(OptimiserCase):
    """Fifty steps in a row: theta is torch's before each, the state is the optimiser's own. Only theta is compared."""

    in_a_row: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"{self.spec}, {STEPS} steps in a row"

    def _all_steps(self, inputs: Inputs, step: Callable[[HostArray, HostArray, dict[str, Any]], Tensors]) -> Tensors:
        """Do one step after the other, each from the state that the last one has left."""
        state: dict[str, Any] = {}
        after = []
        for t, (theta, g) in enumerate(zip(inputs["theta"], inputs["g"], strict=True)):
            if t and self.op != "SGD":
                state["step"] = t
            done = step(theta, g, state)
            state = {name: done[name] for name in self.kept}
            after.append(done["theta"])
        return {"theta": np.array(after)}

    def laws(self, inputs: Inputs, eps: float, tiny: float) -> Laws:
        """Write all steps with numbers that carry their error; those of the state are handed on."""
        formula = FORMULAS[self.op]
        state = {name: Rounded(np.zeros(SIZE), eps) for name in self.kept}
        laws = []
        for t, (theta, g) in enumerate(zip(inputs["theta"], inputs["g"], strict=True)):
            done = formula({"theta": Rounded(theta, eps), "g": Rounded(g, eps), **state}, t + 1, self.settings)
            state = {name: done[name] for name in self.kept}
            laws.append(done["theta"].law((SIZE,)))
        return {"theta": Law(*(np.stack([getattr(law, part) for law in laws]) for part in ("hard", "scale", "value")))}
