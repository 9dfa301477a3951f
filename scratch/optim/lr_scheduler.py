"""Learning rates that change while one trains: what torch.optim.lr_scheduler has, by the same names.

    scheduler = StepLR(optimizer, step_size=30)
    for epoch in range(100):
        ...                        # optimizer.step() for each batch
        scheduler.step()           # the learning rate of the next epoch

A scheduler writes `optimizer.lr`, first when it is made. As in torch, StepLR, LinearLR and CosineAnnealingLR go on
from whatever stands there, so that several can work on one optimiser, each with its own factor; OneCycleLR sets it.
To go on another day, `load_state_dict` takes over what `state_dict` has told, once the optimiser has its lr again.
"""

from collections.abc import Mapping
from math import cos, pi
from numbers import Integral
from typing import Any, Literal

from scratch.number import number
from scratch.optim.optimizer import Optimizer


class LRScheduler:
    """What all share: the count of steps, and the learning rate that the optimiser had at first.

    Subclasses write `get_lr`, the learning rate of step `last_epoch`.

    Parameters
    ----------
    optimizer : whose learning rate is to change

    Attributes
    ----------
    last_epoch : the number of the current step, from 0
    base_lr : the learning rate that the optimiser had before any scheduler
    last_lr : the one that the latest step wrote
    """

    def __init__(self, optimizer: Optimizer) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"optimizer: {type(optimizer).__name__} is not an Optimizer")
        if optimizer.initial_lr is None:
            optimizer.initial_lr = optimizer.lr
        self.optimizer, self.base_lr, self.last_epoch = optimizer, optimizer.initial_lr, -1
        self.step()

    def get_lr(self) -> float:
        """The learning rate of step `last_epoch`, from `optimizer.lr`, that of the step before."""
        raise NotImplementedError

    def step(self) -> None:
        """Go to the next step, and write its learning rate."""
        self.last_epoch += 1
        self.optimizer.lr = self.last_lr = self.get_lr()

    def get_last_lr(self) -> list[float]:
        """The learning rate that the latest step wrote; a list, as torch's, of one."""
        return [self.last_lr]

    def state_dict(self) -> dict[str, Any]:
        """All numbers of the scheduler, but not the optimiser's."""
        return {name: value for name, value in vars(self).items() if name != "optimizer"}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over the numbers of another one of the same class.

        Raises
        ------
        KeyError
            if a name is missing or unknown; nothing has been changed then
        TypeError
            if state_dict is not a mapping
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"state_dict is a {type(state_dict).__name__}; names with numbers (a dict) are needed")
        mine = self.state_dict().keys()
        if mine != state_dict.keys():
            raise KeyError(f"state_dict: {sorted(state_dict)}; needed are {sorted(mine)}")
        vars(self).update(state_dict)


class StepLR(LRScheduler):
    """Multiply by gamma after every `step_size` steps: torch.optim.lr_scheduler.StepLR.

        lr_t = base_lr * gamma**floor(t / step_size)

    >>> import numpy as np
    >>> from scratch import Parameter, optim
    >>> optimizer = optim.SGD([Parameter(np.zeros(3))], lr=8.0)
    >>> scheduler, rates = StepLR(optimizer, step_size=2, gamma=0.5), []
    >>> for _ in range(5):
    ...     rates.append(optimizer.lr)
    ...     scheduler.step()
    >>> rates
    [8.0, 8.0, 4.0, 4.0, 2.0]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        self.step_size, self.gamma = _steps("step_size", step_size), number("gamma", gamma)
        super().__init__(optimizer)

    def get_lr(self) -> float:
        """One factor at each multiple of step_size."""
        at_edge = self.last_epoch > 0 and self.last_epoch % self.step_size == 0
        return self.optimizer.lr * self.gamma if at_edge else self.optimizer.lr


class LinearLR(LRScheduler):
    """Go from one factor to another in a straight line, then stay: torch.optim.lr_scheduler.LinearLR.

        lr_t = base_lr * (start_factor + (end_factor - start_factor) * min(t, total_iters) / total_iters)

    Parameters
    ----------
    optimizer : whose learning rate is to change
    start_factor : in 0 ... 1, without 0
    end_factor : in 0 ... 1
    total_iters : how many steps it takes
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
    ) -> None:
        if not 0 < number("start_factor", start_factor) <= 1:
            raise ValueError(
                f"start_factor={start_factor!r}: Starting multiplicative factor expected to be greater than 0 and less "
                "or equal to 1."
            )
        if not 0 <= number("end_factor", end_factor) <= 1:
            raise ValueError(f"end_factor={end_factor!r}: Ending multiplicative factor expected to be between 0 and 1.")
        self.start_factor, self.end_factor = float(start_factor), float(end_factor)
        self.total_iters = _steps("total_iters", total_iters)
        super().__init__(optimizer)

    def get_lr(self) -> float:
        """The quotient of this step's factor and the last one's."""
        t = self.last_epoch
        if t == 0:
            return self.optimizer.lr * self.start_factor
        if t > self.total_iters:
            return self.optimizer.lr
        rise = self.end_factor - self.start_factor
        return self.optimizer.lr * (1 + rise / (self.total_iters * self.start_factor + (t - 1) * rise))


class CosineAnnealingLR(LRScheduler):
    """Swing along a cosine between the first learning rate and eta_min: torch.optim.lr_scheduler.CosineAnnealingLR.

        lr_t = eta_min + (base_lr - eta_min) * (1 + cos(pi * t / T_max)) / 2

    After T_max steps it is at eta_min, and swings back.

    Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017 (without restarts).
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        self.T_max, self.eta_min = _steps("T_max", T_max), number("eta_min", eta_min)
        super().__init__(optimizer)

    def get_lr(self) -> float:
        """The quotient of this step's height above eta_min and the last one's; at the bottom, that is 0 / 0."""
        t, lr = self.last_epoch, self.optimizer.lr
        if t == 0:
            return lr
        if (t - 1 - self.T_max) % (2 * self.T_max) == 0:  # from the bottom
            return lr + (self.base_lr - self.eta_min) * (1 - cos(pi / self.T_max)) / 2
        growth = (1 + cos(pi * t / self.T_max)) / (1 + cos(pi * (t - 1) / self.T_max))
        return growth * (lr - self.eta_min) + self.eta_min


class OneCycleLR(LRScheduler):
    """Up to a large learning rate, then far down: torch.optim.lr_scheduler.OneCycleLR, a step for each batch.

            max_lr       .-.                 initial = max_lr / div_factor
                       /     `-.             min = initial / final_div_factor
            initial  /           `- . _ min
                     | pct_start  |          meanwhile momentum (or beta1) goes the other way

    Parameters
    ----------
    optimizer : whose learning rate is to change
    max_lr : the height of the cycle
    total_steps : its length; or else `epochs` and `steps_per_epoch`, whose product it is
    pct_start : the part of it that goes up
    anneal_strategy : "cos" or "linear", how one goes from one height to the next
    cycle_momentum : whether momentum (Adam's beta1) goes down and up, between `base_momentum` and `max_momentum`
    div_factor, final_div_factor : see the picture
    three_phase : go down to `initial` as fast as up, and only then to `min`

    Source: Smith and Topin, "Super-convergence: very fast training of neural networks", 2019.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float,
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        cycle_momentum: bool = True,
        base_momentum: float = 0.85,
        max_momentum: float = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
    ) -> None:
        if total_steps is not None:
            self.total_steps = _steps("total_steps", total_steps)
        elif epochs is not None and steps_per_epoch is not None:
            self.total_steps = _steps("epochs", epochs) * _steps("steps_per_epoch", steps_per_epoch)
        else:
            raise ValueError("total_steps: You must define either total_steps OR (epochs AND steps_per_epoch)")
        if not (isinstance(pct_start, float | int) and 0 <= pct_start <= 1):
            raise ValueError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        if cycle_momentum and not (hasattr(optimizer, "momentum") or hasattr(optimizer, "betas")):
            raise ValueError("optimizer must support momentum or beta1 with `cycle_momentum` option enabled")
        max_lr = number("max_lr", max_lr)
        base_momentum, max_momentum = number("base_momentum", base_momentum), number("max_momentum", max_momentum)
        div_factor, final_div_factor = number("div_factor", div_factor), number("final_div_factor", final_div_factor)
        initial = max_lr / div_factor
        self.anneal_strategy, self.cycle_momentum = anneal_strategy, cycle_momentum
        up, end = pct_start * self.total_steps - 1, self.total_steps - 1
        heights = [(0, initial, max_momentum), (up, max_lr, base_momentum)]
        if three_phase:
            heights.append((2 * pct_start * self.total_steps - 2, initial, max_momentum))
        self.heights = [*heights, (end, initial / final_div_factor, max_momentum)]
        if any(after[0] == before[0] for before, after in zip(self.heights, self.heights[1:], strict=False)):
            raise ValueError(
                f"pct_start={pct_start} of total_steps={self.total_steps}: a part of the cycle has no step; more steps "
                "are needed"
            )
        super().__init__(optimizer)
        optimizer.initial_lr = initial

    def get_lr(self) -> float:
        """The height at this step; `optimizer.momentum` (or betas) is brought to its own.

        Raises
        ------
        ValueError
            after the end of the cycle
        """
        t = self.last_epoch
        if t > self.total_steps:
            self.last_epoch -= 1
            raise ValueError(f"Tried to step {t} times. The specified number of total steps is {self.total_steps}")
        parts = list(zip(self.heights, self.heights[1:], strict=False))
        (start, lr_0, momentum_0), (end, lr_1, momentum_1) = next((p for p in parts if t <= p[1][0]), parts[-1])
        part = (t - start) / (end - start)
        if self.cycle_momentum:
            self._set_momentum(self._between(momentum_0, momentum_1, part))
        return self._between(lr_0, lr_1, part)

    def _between(self, first: float, last: float, part: float) -> float:
        """How high it is after a part of the way from `first` to `last`."""
        if self.anneal_strategy == "linear":
            return (last - first) * part + first
        return last + (first - last) / 2 * (1 + cos(pi * part))

    def _set_momentum(self, value: float) -> None:
        """Write what the optimiser has of momentum."""
        optimizer: Any = self.optimizer
        if hasattr(optimizer, "betas"):
            optimizer.betas = (value, optimizer.betas[1])
        else:
            optimizer.momentum = value


def _steps(name: str, value: Any) -> int:
    """A number of steps, at least 1."""
    if not isinstance(value, Integral) or value < 1:
        raise ValueError(f"Expected positive integer {name}, but got {value}")
    return int(value)
