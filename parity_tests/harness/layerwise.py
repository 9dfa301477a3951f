"""A whole model, judged layer by layer.

Each layer is fed the reference's input and upstream gradient, so its verdict is about this layer alone. The error that
piles up from the first layer on is reported beside it and not judged: a ReLU or a maximum that decides otherwise
moves it by any amount. Those decisions are counted.

    reference   x0 -> layer 0 -> x1 -> layer 1 -> x2 ...                torch, float64
    judged            layer 0(x0)      layer 1(x1)                      each against the reference, by its law
    piled up    x0 -> layer 0 -> x1' -> layer 1 -> x2' ...              x2' against x2
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from parity_tests.harness.case import Inputs, Spec
from parity_tests.harness.implementations import Implementation
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import Finding, judge_against, refer
from parity_tests.harness.torch_side import host, tensor
from scratch.array import HostArray, to_host

Builder = Callable[[Any], Any]
"""A model definition: a function of the namespace."""


class Recorder:
    """A namespace whose layers are their own specifications: `lines_cnn(Recorder())` is the list of its Specs."""

    def __getattr__(self, op: str) -> Callable[..., Any]:
        return lambda *args, **settings: list(args) if op == "Sequential" else Spec.of(op, *args, **settings)


@dataclass(frozen=True)
class LayerVerdict:
    """One layer of a model.

    Attributes
    ----------
    layer : its constructor call
    findings : every tensor of this layer, fed the reference's input
    piled_up : rms error of its output in the running model, relative to the rms of the output
    flips : how many of its decisions (signs of a ReLU, places of a maximum) differ from the reference's
    decisions : how many it makes
    """

    layer: str
    findings: list[Finding]
    piled_up: float
    flips: int
    decisions: int


@dataclass(frozen=True)
class Chain:
    """The reference run: for each layer its Spec, and its inputs (x, dy, state), in the dtype of the run."""

    specs: list[Spec]
    inputs: list[Inputs]
    outputs: list[HostArray]


def reference_chain(build: Builder, x: HostArray, labels: HostArray, dtype: str, seed: int) -> Chain:
    """Run torch in float64 forward and backward through cross entropy, and note what every layer got.

    The weights are torch's own first ones for this seed, rounded to `dtype` beforehand.
    """
    torch.manual_seed(seed)
    model = build(torch.nn)
    rounded = {name: host(value).astype(dtype).astype(np.float64) for name, value in model.state_dict().items()}
    model.double().load_state_dict({name: tensor(value) for name, value in rounded.items()})

    activations = [tensor(x.astype(dtype).astype(np.float64), needs_grad=True)]
    for layer in model:
        activations.append(layer(activations[-1]))
        activations[-1].retain_grad()
    torch.nn.CrossEntropyLoss()(activations[-1], tensor(labels)).backward()

    inputs: list[Inputs] = []
    for position, layer in enumerate(model):
        state = {name: host(value).astype(dtype) for name, value in layer.state_dict().items()}
        dy = activations[position + 1].grad
        assert dy is not None
        inputs.append({"x": host(activations[position]).astype(dtype), "dy": host(dy).astype(dtype), **state})
    return Chain(build(Recorder()), inputs, [host(each) for each in activations[1:]])


def judge_model(
    build: Builder, implementation: Implementation, x: HostArray, labels: HostArray, dtype: str, seed: int = 0
) -> list[LayerVerdict]:
    """Judge a sequential model with cross entropy behind it.

    Parameters
    ----------
    build : the model, a function of the namespace that returns a Sequential of layers
    implementation : who runs it
    x : images, (N, ...)
    labels : (N,) int64
    dtype : "float32" or "float64"
    seed : of the weights

    Returns
    -------
    one LayerVerdict for each layer, from first to last
    """
    chain = reference_chain(build, x, labels, dtype, seed)
    nn = implementation.nn
    model = build(nn).to(np.dtype(dtype))
    state = {
        f"{position}.{name}": value
        for position, given in enumerate(chain.inputs)
        for name, value in given.items()
        if name not in ("x", "dy")
    }
    model.load_state_dict(state)

    verdicts = []
    running = nn.asarray(chain.inputs[0]["x"])
    for spec, layer, given, want in zip(chain.specs, model, chain.inputs, chain.outputs, strict=True):
        flips, decisions = count_flips(spec, to_host(running), given["x"])
        running = layer(running)
        case = LayerCase(spec, given["x"].shape)
        error = to_host(running).astype(np.float64) - want
        piled_up = float(np.sqrt(np.mean(error**2)) / max(np.sqrt(np.mean(want**2)), 1e-300))
        findings = judge_against(refer(case, given, dtype), case, implementation, dtype)
        verdicts.append(LayerVerdict(str(spec), findings, piled_up, flips, decisions))
    return verdicts


def count_flips(spec: Spec, ours: HostArray, reference: HostArray) -> tuple[int, int]:
    """Count the decisions of a layer that differ between two inputs, and how many decisions there are."""
    if spec.op == "ReLU":
        return int(np.sum((ours > 0) != (reference > 0))), reference.size
    if spec.op == "MaxPool2d":
        pool = Spec(spec.op, spec.args, (*spec.settings, ("return_indices", True))).build(torch.nn)
        places = [host(pool(tensor(x))[1]) for x in (ours, reference)]
        return int(np.sum(places[0] != places[1])), places[0].size
    return 0, 0
