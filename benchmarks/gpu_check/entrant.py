"""Who takes part in a row: each of our algorithms, and torch in its modes; what they call, and what they compute."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from typing import Any

import torch

from benchmarks.contenders import Ours, Torch
from benchmarks.filter import Filter
from benchmarks.gpu_check.chosen import WithKernels
from benchmarks.gpu_check.device import Device, implementation
from benchmarks.gpu_check.torch_mode import MODES, Mode, modes
from benchmarks.problem import Judged, Trial
from benchmarks.step import Step
from parity_tests.harness.case import Inputs, Tensors
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.loss_case import LossCase
from parity_tests.harness.torch_side import host, tensor
from scratch.array import HostArray

Calls = Mapping[str, Callable[[], object]]


@dataclass(frozen=True)
class Entrant:
    """One of those who are timed in a row.

    Attributes
    ----------
    name : "gpu:im2col", "torch.best"
    ours : whether it is ours, and so must not be wrong
    algorithm : whose law it has
    results : computes everything once, from nothing, to be judged
    calls : gives for each direction what is timed
    mode : how torch is to compute meanwhile
    judged : judges, where the row judges itself; None where the tensors are compared with the referee's
    """

    name: str
    ours: bool
    algorithm: str | None
    results: Callable[[], Tensors]
    calls: Callable[[], Calls]
    mode: Mode | None = None
    judged: Callable[[], Sequence[Judged]] | None = None

    def applied(self) -> AbstractContextManager[None]:
        """The mode, within a block."""
        return nullcontext() if self.mode is None else self.mode.applied()


def name_of(device: Device, algorithm: str | None) -> str:
    """Our name with that of the algorithm, if there is one to choose."""
    return device.name if algorithm is None else f"{device.name}:{algorithm}"


def of_layer(case: LayerCase | LossCase, inputs: Inputs, device: Device, copies: int) -> Iterator[Entrant]:
    """Those for a layer or a loss; `copies` of the inputs take turns, so that no cache holds them."""
    nn = implementation(device).nn
    for algorithm in case.algorithms(implementation(device)):
        yield Entrant(
            name_of(device, algorithm),
            True,
            algorithm,
            partial(case.run, nn, inputs, algorithm),
            partial(our_calls, nn, case, inputs, algorithm, copies),
        )
    images = isinstance(case, LayerCase) and len(case.shape) == 4
    for mode in modes(case.op in ("Conv2d", "Linear"), images):
        yield Entrant(
            mode.name,
            False,
            None,
            partial(torch_results, case, inputs, device, mode),
            partial(torch_calls, case, inputs, device, mode, copies),
            mode,
        )


def our_calls(nn: Any, case: LayerCase | LossCase, inputs: Inputs, algorithm: str | None, copies: int) -> Calls:
    """Forward, and forward with backward, of our layer or loss."""
    if isinstance(case, LossCase):
        criterion = getattr(nn, case.op)(**dict(case.spec.settings))
        if algorithm is not None:
            criterion.algorithm = algorithm
        pairs = cycle([(nn.asarray(inputs["x"]), nn.asarray(inputs["target"])) for _ in range(copies)])
        dloss = nn.asarray(inputs["dloss"])
        return {
            "forward": lambda: criterion(*next(pairs)),
            "forward+backward": lambda: (criterion(*next(pairs)), criterion.backward(dloss)),
        }
    layer = case.build(nn, inputs)
    layer.algorithm = algorithm
    taken = cycle([(nn.asarray(inputs["x"]), nn.asarray(inputs["dy"])) for _ in range(copies)])

    def both() -> None:
        x, dy = next(taken)
        layer.zero_grad()
        layer(x)
        layer.backward(dy)

    return {"forward": lambda: layer(next(taken)[0]), "forward+backward": both}


def torch_calls(case: LayerCase | LossCase, inputs: Inputs, device: Device, mode: Mode, copies: int) -> Calls:
    """The same of torch; with backward it gives x, which has the gradient, the module, and y."""
    module = torch_module(case, inputs, device, mode)
    names = ("x", "target", "dloss") if isinstance(case, LossCase) else ("x", "dy")
    sets = [[placed(inputs[name], device, mode) for name in names] for _ in range(copies)]
    for x, *_ in sets:
        x.requires_grad_()
    taken = cycle(sets)

    def forward() -> torch.Tensor:
        x, *target, _ = next(taken)
        with torch.no_grad():
            y: torch.Tensor = module(x, *target)
            return y

    def both() -> tuple[torch.Tensor, Any, torch.Tensor]:
        x, *target, upstream = next(taken)
        x.grad = None
        module.zero_grad()
        y = module(x, *target)
        y.backward(upstream)
        return x, module, y

    return {"forward": forward, "forward+backward": both}


def torch_results(case: LayerCase | LossCase, inputs: Inputs, device: Device, mode: Mode) -> Tensors:
    """What torch computes, by the very calls that are timed."""
    both: Any = torch_calls(case, inputs, device, mode, 1)["forward+backward"]
    x, module, y = both()
    found = {"loss" if isinstance(case, LossCase) else "y": host(y), "dx": host(x.grad)}
    found |= {f"d{name}": host(parameter.grad) for name, parameter in module.named_parameters()}
    return found | {name: host(buffer) for name, buffer in module.named_buffers()}


def torch_module(case: LayerCase | LossCase, inputs: Inputs, device: Device, mode: Mode) -> Any:
    """torch's layer with the state of the inputs, or its loss."""
    if isinstance(case, LossCase):
        return getattr(torch.nn, case.op)(**dict(case.spec.settings))
    module = case.spec.build(torch.nn).to(device.torch_device, torch.float32)
    module.load_state_dict({name: tensor(value) for name, value in case.state(inputs).items()})
    return module.to(memory_format=torch.channels_last) if mode.best else module


def placed(value: HostArray, device: Device, mode: Mode) -> torch.Tensor:
    """An array on the device, in the mode's layout."""
    there = tensor(value).to(device.torch_device)
    return there.contiguous(memory_format=torch.channels_last) if mode.best and there.ndim == 4 else there


def of_filter(problem: Filter, trial: Trial, device: Device) -> Iterator[Entrant]:
    """Our methods, and torch's convolution."""
    for algorithm in problem.case.algorithms(implementation(device)):
        yield from_trial(trial, Ours(implementation(device), algorithm or "auto"), name_of(device, algorithm), True)
    for mode in MODES:
        if not mode.best:  # a single channel has one layout
            yield from_trial(trial, Torch(device.torch_device), mode.name, False, mode)


def of_step(trial: Trial, device: Device) -> Iterator[Entrant]:
    """Our model with the algorithms that are preferred, and with our kernels; torch's."""
    ours = implementation(device)
    yield from_trial(trial, Ours(ours), device.name, True)
    yield from_trial(trial, Ours(WithKernels(ours.name, ours.why_not)), f"{device.name}:kernels", True)
    for mode in MODES:
        if mode.name != "torch.tf32.best":  # in a step, the best is cuDNN's choice alone: the layout stays
            yield from_trial(trial, Torch(device.torch_device), mode.name, False, mode)


def from_trial(trial: Trial, contender: Ours | Torch, name: str, ours: bool, mode: Mode | None = None) -> Entrant:
    """One who takes part in the benchmark on the CPU, too; torch is judged there in its strict mode only."""

    def arm() -> Any:
        made = trial.arm(contender)
        assert made is not None
        return made

    return Entrant(
        name, ours, None, lambda: arm().results(), lambda: arm().calls, mode, lambda: trial.judge(contender, arm())
    )


def of_row(what: Any, inputs: Inputs, trial: Trial | None, device: Device, copies: int) -> Iterator[Entrant]:
    """Everybody who takes part in a row."""
    match what:
        case Filter():
            assert trial is not None
            return of_filter(what, trial, device)
        case Step():
            assert trial is not None
            return of_step(trial, device)
    return of_layer(what, inputs, device, copies)
