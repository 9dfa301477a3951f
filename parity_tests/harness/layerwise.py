"""A whole model, judged layer by layer: torch's run of it is recorded, then ours is judged on the recording."""

from typing import Any

import numpy as np
import torch

from parity_tests.harness.case import Inputs, Laws, Spec
from parity_tests.harness.comparison import Law
from parity_tests.harness.implementations import Implementation
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.recording import (
    DRAWS_AT_RANDOM,
    Builder,
    LayerVerdict,
    RecordedLayer,
    Recorder,
    Recording,
    judge_recording,
    leaves,
    set_modes,
)
from parity_tests.harness.referee import Reference, judge_tensor, refer
from parity_tests.harness.torch_side import host, tensor
from scratch.array import HostArray


def record(build: Builder, x: HostArray, target: HostArray, dtype: str, seed: int) -> Recording:
    """Run torch in float64 forward and backward through a loss, and note what every layer got and should give.

    The weights are torch's own first ones for this seed, rounded to `dtype` beforehand.

    Parameters
    ----------
    build : the model, a function of the namespace that returns a Sequential of layers and Residuals
    x : inputs, (N, ...)
    target : (N,) int64 labels for cross entropy, or numbers shaped like the output for the mean squared error
    dtype : "float32" or "float64"
    seed : of the weights
    """
    torch.manual_seed(seed)
    model = build(torch.nn)
    rounded = {name: rounded_to(dtype, host(value)) for name, value in model.state_dict().items()}
    model.double().load_state_dict({name: tensor(value) for name, value in rounded.items()})
    layers = leaves(set_modes(model))
    states = {path: {n: host(v) for n, v in layer.state_dict().items()} for path, layer in layers.items()}
    specs: list[Spec] = build(Recorder())

    seen = dict[torch.nn.Module, tuple[torch.Tensor, torch.Tensor]]()
    for module in model.modules():
        module.register_forward_hook(lambda module, given, y: seen.update({module: (given[0], y)}))
    y = model(tensor(rounded_to(dtype, x), needs_grad=True))
    for module in layers.values():
        seen[module][1].retain_grad()
    criterion = torch.nn.CrossEntropyLoss() if target.dtype.kind == "i" else torch.nn.MSELoss()
    criterion(y, tensor(target)).backward(retain_graph=True)

    recorded = []
    for spec, (path, layer) in zip(specs, layers.items(), strict=True):
        given, y = seen[layer]
        assert y.grad is not None
        own = ways(layer, seen) if spec.op == "Residual" else states[path]
        floats = {"x": host(given), "dy": host(y.grad), **own}
        inputs = {n: value.astype(dtype) if value.dtype.kind == "f" else value for n, value in floats.items()}
        training = spec.op not in DRAWS_AT_RANDOM
        if spec.op == "Residual":
            should = refer_sum(inputs, dtype)
        else:
            should = refer(LayerCase(spec, inputs["x"].shape, training=training), inputs, dtype)
        recorded.append(RecordedLayer(path, spec, training, should))
    return Recording(dtype, recorded)


def ways(block: Any, seen: dict[torch.nn.Module, tuple[torch.Tensor, torch.Tensor]]) -> dict[str, HostArray]:
    """What the ways through a Residual gave, forward and backward, by name; of a shortcut that is x itself, nothing."""
    x, y = seen[block]
    found = dict[str, HostArray]()
    for name, module in block.named_children():
        (dx,) = torch.autograd.grad(seen[module][1], x, y.grad, retain_graph=True)
        found |= {name: host(seen[module][1]), f"d{name}": host(dx)}
    return found


def refer_sum(inputs: Inputs, dtype: str) -> Reference:
    """What a Residual should make of what its two ways give: in y and in dx, a sum of two numbers, rounded once."""
    limits = np.finfo(dtype)
    sums = {"y": ("body", "shortcut" if "shortcut" in inputs else "x")}
    sums["dx"] = ("dbody", "dshortcut" if "shortcut" in inputs else "dy")
    oracle = {name: inputs[a].astype(np.float64) + inputs[b] for name, (a, b) in sums.items()}
    laws: Laws = {name: Law(limits.eps * np.abs(value), limits.eps * np.abs(value)) for name, value in oracle.items()}
    torch_sums = {name: host(tensor(inputs[a]) + tensor(inputs[b])) for name, (a, b) in sums.items()}
    torchs = {name: judge_tensor(torch_sums[name], oracle[name], laws, name, dtype) for name in oracle}
    return Reference(inputs, oracle, torchs, laws, {})


def rounded_to(dtype: str, values: HostArray) -> HostArray:
    """The same numbers in float64, each of them one that `dtype` has; integers as they are."""
    return values.astype(dtype).astype(np.float64) if values.dtype.kind == "f" else values


def judge_model(
    build: Builder, implementation: Implementation, x: HostArray, labels: HostArray, dtype: str, seed: int = 0
) -> list[LayerVerdict]:
    """Judge a model with a loss behind it: see `record` and `recording.judge_recording`."""
    recording = record(build, x, labels, dtype, seed)
    return judge_recording(recording, build, implementation.name, implementation.nn)
