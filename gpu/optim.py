"""The optimisers on a GPU: what scratch.optim has, by array code or by one kernel for all parameters.

- "arrays": the code of scratch.optim, two to fifteen array functions for each parameter
- "fused": the parameters of one dtype side by side in one buffer, and one launch for a step (gpu/kernels/optimiser.cu);
  RMSprop has the array code alone

With "fused", the first step moves the parameters: `parameter.data` is then a view of the buffer, and later steps are in
place. Whatever else gets into its place (by `model.to`, by `load_state_dict`), is taken over at the next step, and so
is what somebody puts into `state`, which has the parameter's dtype afterwards.

>>> import numpy as np
>>> from gpu import emulated as nn
>>> theta = nn.Parameter(nn.asarray(np.array([1.0, -2.0])))
>>> optimizer = nn.optim.SGD([theta], lr=0.1)
>>> list(optimizer.algorithms)
['fused', 'arrays']
>>> optimizer.algorithm = "arrays"
>>> theta.accumulate(nn.asarray(np.array([0.5, 0.5])))
>>> optimizer.step()
>>> theta.data, optimizer.ran
(array([ 0.95, -2.05]), 'arrays')
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from gpu.declaration import FLOATS
from gpu.flat import DATA, Flat, Run
from gpu.kernels import optimiser
from scratch import optim
from scratch.optim import RMSprop, clip_grad_norm_, clip_grad_value_, lr_scheduler
from scratch.optim.optimizer import Optimizer, by_arrays

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "Optimizer",
    "RMSprop",
    "clip_grad_norm_",
    "clip_grad_value_",
    "lr_scheduler",
]


class Fused(Optimizer):
    """A step of all parameters that have a gradient: those of one dtype and at the same stage by one launch."""

    _flats: Mapping[str, Flat] = MappingProxyType({})

    def _kept(self) -> tuple[str, ...]:
        """The names of the arrays in a state."""
        raise NotImplementedError

    def _stage(self, state: dict[str, Any]) -> Any:
        """What parameters have in common that one launch steps."""
        raise NotImplementedError

    def _launch(self, run: Run) -> None:
        """Step a run."""
        raise NotImplementedError

    def by_kernel(self) -> None:
        """Do one step.

        Raises
        ------
        TypeError, ValueError
            if a gradient or a state does not fit its parameter; nothing has been changed then
        """
        parameters, state, kept = self.parameters, self.state, self._kept()
        self._check(kept)
        of_dtype: dict[str, list[int]] = {}
        for i, parameter in enumerate(parameters):
            of_dtype.setdefault(parameter.dtype.name, []).append(i)
        flats, runs = {}, {}
        for dtype, numbers in of_dtype.items():
            if any(parameters[i].grad is not None for i in numbers):
                flat = self._flats.get(dtype)
                if flat is None or not flat.holds(parameters, state, numbers, kept):
                    flat = Flat(parameters, state, numbers, kept)
                flats[dtype] = flat
                runs[dtype] = list(flat.runs(parameters, {i: self._stage(state[i]) for i in numbers}))
        for dtype, flat in flats.items():
            for run in runs[dtype]:
                self._launch(run)
            flat.show(parameters, state, {i for run in runs[dtype] for i in run.numbers})
        self._flats = {dtype: flat for dtype, flat in {**self._flats, **flats}.items() if dtype in of_dtype}

    def _preferred(self) -> str:
        """The first; array code where there is a dtype that the kernel is not for."""
        served = all(parameter.dtype.name in FLOATS for parameter in self.parameters)
        return super()._preferred() if served else "arrays"

    def _check(self, kept: tuple[str, ...]) -> None:
        """Refuse what does not fit."""
        if len({id(parameter) for parameter in self.parameters}) < len(self.parameters):
            raise ValueError("parameters: one of them is there twice")
        if len({id(parameter.data) for parameter in self.parameters}) < len(self.parameters):
            raise ValueError("parameters: two of them hold the same array; side by side they would be two")
        for i, (parameter, state) in enumerate(zip(self.parameters, self.state, strict=True)):
            data, grad = parameter.data, parameter.grad
            if type(data) is not type(self.parameters[0].data):
                raise TypeError(f"parameters[{i}] is a {kind(data)}, those before are of another namespace")
            if grad is not None and data.dtype.name not in FLOATS:
                raise TypeError(f"parameters[{i}] has dtype {data.dtype}; the kernel is for {' and '.join(FLOATS)}")
            for name, array in {"grad": grad, **{name: state.get(name) for name in kept}}.items():
                if array is None:
                    continue
                if type(array) is not type(data):
                    raise TypeError(f"parameters[{i}] is a {kind(data)}, its {name} a {kind(array)}")
                if array.shape != data.shape:
                    raise ValueError(f"parameters[{i}] has shape {data.shape}, its {name} has {array.shape}")
            if grad is not None and grad.dtype != data.dtype:
                raise TypeError(f"parameters[{i}] has dtype {data.dtype}, its grad has {grad.dtype}")

    def __getstate__(self) -> dict[str, Any]:
        """What a copy or a pickle gets: not the buffers, for views become arrays of their own when they are copied."""
        return {name: value for name, value in vars(self).items() if name != "_flats"}


def kind(array: Any) -> str:
    """The name of an array's class."""
    return f"{type(array).__module__}.{type(array).__qualname__}"


ARRAYS_FIRST = MappingProxyType({"arrays": by_arrays, "fused": Fused.by_kernel})


class SGD(Fused, optim.SGD):
    """Gradient descent with momentum: torch.optim.SGD. Formula and parameters are those of `scratch.optim.SGD`."""

    algorithms = ARRAYS_FIRST

    def _kept(self) -> tuple[str, ...]:
        return ("momentum_buffer",) if self.momentum else ()

    def _stage(self, state: dict[str, Any]) -> bool:
        return bool(self.momentum) and state.get("momentum_buffer") is None

    def _launch(self, run: Run) -> None:
        optimiser.sgd(
            run.g,
            run.arrays[DATA],
            run.arrays.get("momentum_buffer"),
            first=run.stage,
            lr=self.lr,
            momentum=self.momentum,
            dampening=self.dampening,
            weight_decay=self.weight_decay,
            nesterov=bool(self.nesterov),
            maximize=bool(self.maximize),
        )


class Adam(Fused, optim.Adam):
    """Gradient descent with steps scaled by the gradients' own size: torch.optim.Adam, see `scratch.optim.Adam`."""

    algorithms = ARRAYS_FIRST

    def _kept(self) -> tuple[str, ...]:
        return ("exp_avg", "exp_avg_sq", *(["max_exp_avg_sq"] if self.amsgrad else []))

    def _stage(self, state: dict[str, Any]) -> int:
        return int(state.get("step", 0)) + 1

    def _launch(self, run: Run) -> None:
        optimiser.adam(
            run.g,
            run.arrays[DATA],
            run.arrays["exp_avg"],
            run.arrays["exp_avg_sq"],
            run.arrays.get("max_exp_avg_sq"),
            t=run.stage,
            lr=self.lr,
            betas=self.betas,
            eps=self.eps,
            weight_decay=self.weight_decay,
            decoupled=bool(self.decoupled_weight_decay),
            maximize=bool(self.maximize),
        )
        for i in run.numbers:
            self.state[i]["step"] = run.stage


class AdamW(Adam, optim.AdamW):
    """Adam whose pull towards 0 does not go through its means: torch.optim.AdamW, see `scratch.optim.AdamW`."""
