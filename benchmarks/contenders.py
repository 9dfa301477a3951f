"""Who is timed: our namespaces, and torch on the CPU or on a GPU. Each builds the same work from the same numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from benchmarks.timing import Arm
from parity_tests.harness.case import Inputs, Tensors
from parity_tests.harness.implementations import IMPLEMENTATIONS, Implementation
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.lockstep import RATE
from parity_tests.harness.torch_side import host, tensor
from scratch.array import HostArray, to_host
from scratch.train import train_step

STAND_INS = ("gpu.on_numpy",)
"""Namespaces that take a GPU's place in the tests: their speed says nothing about anybody."""

LOOPS = "scratch.naive"
"""The namespace that is so slow that it does a part of a large row only."""


def nothing() -> None:
    """Wait for the CPU: it has finished when a call returns."""


class Contender(Protocol):
    """Builds the arms."""

    @property
    def name(self) -> str:
        """As it is printed."""

    @property
    def implementation(self) -> Implementation | None:
        """The namespace to be judged; None is torch, which judges."""

    def why_not(self) -> str | None:
        """Tell why it cannot run here, or None if it can."""

    def layer_arm(self, case: LayerCase, inputs: Inputs) -> Arm:
        """Make the layer: forward, and forward+backward with all gradients."""

    def step_arm(
        self, build: Callable[[Any], Any], weights: Mapping[str, HostArray], images: HostArray, labels: HostArray
    ) -> Arm:
        """Make the model, in the dtype of images: forward, and a step of training with cross entropy and SGD."""


@dataclass(frozen=True)
class Ours:
    """One of our namespaces, where gradients are computed by backward and not by an autograd."""

    implementation: Implementation

    @property
    def name(self) -> str:
        """The name of the namespace."""
        return self.implementation.name

    def why_not(self) -> str | None:
        """Ask the implementation."""
        return self.implementation.why_not()

    def finish(self) -> Callable[[], None]:
        """The function that waits for a GPU."""
        if self.name != "gpu":
            return nothing
        import cupy

        wait: Callable[[], None] = cupy.cuda.get_current_stream().synchronize
        return wait

    def layer_arm(self, case: LayerCase, inputs: Inputs) -> Arm:
        """Make the layer."""
        nn = self.implementation.nn
        layer = case.build(nn, inputs)
        x, dy = nn.asarray(inputs["x"]), nn.asarray(inputs["dy"])

        def forward() -> Any:
            return layer(x)

        def both() -> tuple[Any, Any]:
            layer.zero_grad()
            return layer(x), layer.backward(dy)

        def results() -> Tensors:
            y, dx = both()
            grads = {f"d{name}": to_host(parameter.grad) for name, parameter in layer.named_parameters()}
            return {"y": to_host(y), "dx": to_host(dx), **grads}

        return Arm({"forward": forward, "forward+backward": both}, inputs["dy"].size, results, self.finish())

    def step_arm(
        self, build: Callable[[Any], Any], weights: Mapping[str, HostArray], images: HostArray, labels: HostArray
    ) -> Arm:
        """Make model, loss and optimiser."""
        nn = self.implementation.nn
        model = build(nn).to(images.dtype)
        model.load_state_dict(weights)
        criterion, optimizer = nn.CrossEntropyLoss(), nn.optim.SGD(model.parameters(), lr=RATE)
        x, target = nn.asarray(images), nn.asarray(labels)

        def forward() -> Any:
            return model(x)

        def step() -> Any:
            return train_step(model, criterion, optimizer, x, target)

        def results() -> Tensors:
            step()
            return dict(model.state_dict())

        return Arm({"forward": forward, "step": step}, len(images), results, self.finish())


@dataclass(frozen=True)
class Torch:
    """torch.nn with autograd, in its default memory format, on the CPU or on a GPU."""

    device: str = "cpu"
    implementation: None = None

    @property
    def name(self) -> str:
        """How it is printed: torch or torch.cuda."""
        return "torch" if self.device == "cpu" else f"torch.{self.device}"

    def why_not(self) -> str | None:
        """Ask torch whether it finds the device."""
        if self.device == "cpu" or torch.cuda.is_available():
            return None
        return "torch finds no CUDA device"

    def finish(self) -> Callable[[], None]:
        """The function that waits for a GPU."""
        return nothing if self.device == "cpu" else torch.cuda.synchronize

    def layer_arm(self, case: LayerCase, inputs: Inputs) -> Arm:
        """Make the layer."""
        module = case.spec.build(torch.nn)
        module.load_state_dict({name: tensor(value) for name, value in case.state(inputs).items()})
        module.to(self.device)
        x = tensor(inputs["x"]).to(self.device).requires_grad_()
        dy = tensor(inputs["dy"]).to(self.device)

        def forward() -> torch.Tensor:
            with torch.no_grad():
                y: torch.Tensor = module(x)
                return y

        def both() -> torch.Tensor:
            module.zero_grad()
            x.grad = None
            y: torch.Tensor = module(x)
            y.backward(dy)  # type: ignore[no-untyped-call]
            return y

        def results() -> Tensors:
            y = host(both())
            assert x.grad is not None
            return {
                "y": y,
                "dx": host(x.grad),
                **{f"d{name}": host(p.grad) for name, p in module.named_parameters()},
            }

        return Arm({"forward": forward, "forward+backward": both}, inputs["dy"].size, results, self.finish())

    def step_arm(
        self, build: Callable[[Any], Any], weights: Mapping[str, HostArray], images: HostArray, labels: HostArray
    ) -> Arm:
        """Make model, loss and optimiser."""
        x, target = tensor(images).to(self.device), tensor(labels).to(self.device)
        model = build(torch.nn).to(self.device, x.dtype)
        model.load_state_dict({name: tensor(value) for name, value in weights.items()})
        criterion, optimizer = torch.nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=RATE)

        def forward() -> torch.Tensor:
            with torch.no_grad():
                logits: torch.Tensor = model(x)
                return logits

        def step() -> None:
            loss = criterion(model(x), target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

        def results() -> Tensors:
            step()
            return {name: host(value) for name, value in model.state_dict().items()}

        return Arm({"forward": forward, "step": step}, len(images), results, self.finish())


def contenders() -> dict[str, Contender]:
    """Everybody who can be chosen, by name; torch on the CPU, which always takes part, is not among them."""
    ours = [Ours(each) for name, each in IMPLEMENTATIONS.items() if name not in STAND_INS]
    everybody: list[Contender] = [*ours, Torch("cuda")]
    everybody.sort(key=lambda each: each.name == LOOPS)  # the loops come last: nobody asks who wins there
    return {each.name: each for each in everybody}


def field(chosen: Mapping[str, Contender]) -> tuple[dict[str, Contender], dict[str, str]]:
    """Add torch to the chosen ones, and say who is compared with whom.

    Returns
    -------
    everybody : all that take part, by name
    rivals : for each of them the one that its time is divided by: torch on the same device if it runs there
    """
    cpu, cuda = Torch(), Torch("cuda")
    everybody: dict[str, Contender] = {cpu.name: cpu}
    if "gpu" in chosen and cuda.why_not() is None:
        everybody[cuda.name] = cuda
    everybody |= chosen
    return everybody, {name: cuda.name if name == "gpu" and cuda.name in everybody else cpu.name for name in everybody}
