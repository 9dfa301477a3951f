"""Cases of one layer: forward, and every gradient from a random upstream gradient."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from parity_tests.harness.case import DTYPES, HALF_DATA, Case, Inputs, Laws, Spec, Tensors, generator_for, signature_of
from parity_tests.harness.implementations import Implementation
from parity_tests.harness.inputs import draw
from parity_tests.harness.laws.conv_fft import conv_fft_laws
from parity_tests.harness.laws.layers import LAYER_LAWS
from parity_tests.harness.laws.winograd import winograd_laws
from parity_tests.harness.layer_run import as_tuple, named, operands, quiet, run_layer
from parity_tests.harness.torch_side import host, tensor, torch_dtype
from scratch import layers
from scratch.array import HostArray
from scratch.naive.dropout import kept
from scratch.precision import precision

KEY = (0x243F6A88, 0x85A308D3)
"""What Dropout counts its random numbers from in every case, in place of a key that it draws."""


@dataclass(frozen=True)
class LayerCase(Case):
    """One call of one layer.

    Attributes
    ----------
    spec : the layer
    shape : of x
    data : how x is drawn (see `inputs.draw`)
    training : False runs the layer in evaluation
    integer : an integer dtype for x, for the pools that take one; forward only then
    upstream : how dy is drawn; "normal" is small integers where x is
    first_batch : whether a batch norm has seen no other before
    output_size : what MaxUnpool2d's forward is told; None leaves it to the arguments
    """

    spec: Spec
    shape: tuple[int, ...]
    data: str = "normal"
    training: bool = True
    integer: str | None = None
    upstream: str = "normal"
    first_batch: bool = False
    output_size: tuple[int, int] | None = None

    @property
    def dtypes(self) -> tuple[str, ...]:  # type: ignore[override]
        """Both, but of integers one."""
        return DTYPES[:1] if self.integer else DTYPES

    @property
    def half(self) -> bool:  # type: ignore[override]
        """Floating numbers that are not too large do."""
        return self.integer is None and self.data in HALF_DATA

    @property
    def op(self) -> str:  # type: ignore[override]
        """The name of the layer."""
        return self.spec.op

    def __str__(self) -> str:
        notes = [
            self.integer or "",
            "" if self.training else "eval",
            "" if self.data == "normal" else self.data,
            "" if self.upstream == "normal" else f"dy {self.upstream}",
            "first batch" if self.first_batch else "",
            "" if self.output_size is None else f"to {self.output_size[0]}x{self.output_size[1]}",
        ]
        return " ".join([str(self.spec), "on", "x".join(map(str, self.shape)) or "scalar", *filter(None, notes)])

    @property
    def arguments(self) -> dict[str, Any]:
        """The layer's arguments by name, those that are left at their defaults included."""
        bound = signature_of(getattr(layers, self.op)).bind(*self.spec.args, **dict(self.spec.settings))
        bound.apply_defaults()
        return bound.arguments

    def algorithms(self, implementation: Implementation, dtype: str = DTYPES[0]) -> list[str | None]:
        """Those of an implementation that serve the layer in any precision; [None] where there is nothing to choose."""
        names = implementation.algorithms(self.op)
        if self.op != "Conv2d" or names == [None]:
            return names
        with precision("fast"):
            return [*self.spec.build(implementation.nn).algorithms]

    def draw(self, dtype: Any, seed: int) -> Inputs:
        """Make x, dy and the layer's state."""
        generator = generator_for(self, seed)
        x = draw(self.data, self.shape, generator)
        if self.integer:
            return {"x": (x * 100).astype(self.integer)}
        numbers = "integers" if self.data == "integers" else "normal"
        module = self.spec.build(torch.nn)
        state = {name: state_values(name, value, numbers, generator) for name, value in module.state_dict().items()}
        if self.first_batch:
            state["num_batches_tracked"] = np.array(0)
        inputs = {"x": x.astype(dtype)} | {
            name: value.astype(dtype) if value.dtype.kind == "f" else value for name, value in state.items()
        }
        if self.op in ("Dropout", "Dropout2d"):
            each = self.shape if self.op == "Dropout" else (*self.shape[:2], *(1 for _ in self.shape[2:]))
            keep = [kept(i, self.arguments["p"], KEY) for i in range(int(np.prod(each)))]
            inputs["keep"] = np.array(keep, bool).reshape(each)
        if self.op == "MaxUnpool2d":
            inputs |= self.pooled(generator, dtype)
        y = self.run_torch(inputs, np.float64)["y"]
        upstream = numbers if self.upstream == "normal" else self.upstream
        return inputs | {"dy": draw(upstream, y.shape, generator).astype(dtype)}

    def pooled(self, generator: np.random.Generator, dtype: Any) -> dict[str, HostArray]:
        """What a max pool makes of an image of y's size: the x of MaxUnpool2d, and its indices."""
        unpool = self.spec.build(layers)
        size = unpool.size(self.shape[-2:], self.output_size)
        image = tensor(draw(self.data, (*self.shape[:-2], *size), generator).astype(dtype))
        pool = torch.nn.MaxPool2d(unpool.kernel_size, unpool.stride, unpool.padding, return_indices=True)
        x, indices = map(host, pool(image))
        assert x.shape == self.shape, f"{self}: the max pool's output is of shape {x.shape}"
        told = {} if self.output_size is None else {"output_size": np.array(self.output_size)}
        return {"x": x, "indices": indices} | told

    def state(self, inputs: Inputs) -> dict[str, HostArray]:
        """What of the inputs is the layer's state."""
        return {name: value for name, value in inputs.items() if name not in NO_STATE}

    def build(self, nn: Any, inputs: Inputs) -> Any:
        """Make the layer in one of our namespaces, with its state."""
        layer = self.spec.build(nn)
        if not self.integer:
            layer.to(inputs["x"].dtype)
        layer.load_state_dict(self.state(inputs))
        if "keep" in inputs:
            layer.draw_key = lambda: KEY
        return layer.train(self.training)

    def run(self, nn: Any, inputs: Inputs, algorithm: str | None = None, place: Any = None) -> Tensors:
        """Run one of our layers; in the fast precision where the algorithm is there in that one only.

        Raises
        ------
        AssertionError
            if another algorithm ran than the one that was named; to which it may leave what is not finite
        """
        place = nn.asarray if place is None else place
        layer = self.build(nn, inputs)
        layer.algorithm = algorithm
        strict = algorithm is None or algorithm in getattr(layer, "algorithms", [algorithm])
        with precision("strict" if strict else "fast"):
            tensors = run_layer(layer, inputs, place)
        finite = all(np.isfinite(value).all() for name, value in inputs.items() if name != "dy")
        if algorithm is not None and layer.ran != algorithm and finite:
            raise AssertionError(f"{self}: algorithm {algorithm!r} was named, {layer.ran!r} ran")
        return tensors

    def run_torch(self, inputs: Inputs, dtype: Any) -> Tensors:
        """Run torch's layer, with autograd for the gradients."""
        module = self.spec.build(torch.nn).train(self.training)
        x, *others = operands(inputs, tensor)
        if not self.integer:
            module.to(torch_dtype(dtype))
            module.load_state_dict({name: tensor(value) for name, value in self.state(inputs).items()})
            x = x.to(torch_dtype(dtype))
        if "keep" not in inputs:
            return with_gradients(module, [x, *others], inputs.get("dy"))
        with OurMask(inputs["keep"]):
            return with_gradients(module, [x], inputs.get("dy"))

    def laws(self, inputs: Inputs, eps: float, tiny: float) -> Laws:
        """Look the laws up by the name of the layer."""
        return LAYER_LAWS[self.op](self, inputs, eps, tiny)

    def other_laws(self, inputs: Inputs, eps: float, tiny: float) -> dict[str, Laws]:
        """Those of a convolution by other products than a plain sum's."""
        return winograd_laws(self, inputs, eps, tiny) | conv_fft_laws(self, inputs, eps, tiny)


NO_STATE = ("x", "dy", "keep", "indices", "output_size")
"""The inputs that are not a layer's state."""


class OurMask(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Within it, torch's Dropout draws what we keep in place of its own random numbers; all else it does itself."""

    def __init__(self, keep: HostArray) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.keep = keep

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Answer for `noise.bernoulli_(1 - p)`, and hand all else on."""
        if function is torch.ops.aten.bernoulli_.float:
            return args[0].copy_(tensor(self.keep))
        return function(*args, **kwargs or {})


def with_gradients(module: torch.nn.Module, given: list[Any], dy: HostArray | None) -> Tensors:
    """Run a torch module on x, and whatever else it takes, and autograd from dy where there is one."""
    x = given[0].requires_grad_(dy is not None)
    with quiet():
        results = as_tuple(module(*given))
    tensors = named(map(host, results))
    if dy is not None:
        results[0].backward(tensor(dy).to(x.dtype))
        assert x.grad is not None
        tensors["dx"] = host(x.grad)
        for name, parameter in module.named_parameters():
            assert parameter.grad is not None
            tensors[f"d{name}"] = host(parameter.grad)
    return tensors | {name: host(buffer) for name, buffer in module.named_buffers()}


def state_values(name: str, like: torch.Tensor, numbers: str, generator: np.random.Generator) -> HostArray:
    """Draw one tensor of a layer's state; variances are positive, and counters count."""
    if name.endswith("num_batches_tracked"):
        return np.array(3)
    values = draw(numbers, tuple(like.shape), generator)
    return np.abs(values) + 0.5 if name.endswith("running_var") else values
