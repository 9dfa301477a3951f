"""A whole model, judged layer by layer: torch's run of it is recorded, then ours is judged on the recording."""

import numpy as np
import torch

from parity_tests.harness.case import Spec
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
)
from parity_tests.harness.referee import refer
from parity_tests.harness.torch_side import host, tensor
from scratch.array import HostArray


def record(build: Builder, x: HostArray, target: HostArray, dtype: str, seed: int) -> Recording:
    """Run torch in float64 forward and backward through a loss, and note what every layer got and should give.

    The weights are torch's own first ones for this seed, rounded to `dtype` beforehand.

    Parameters
    ----------
    build : the model, a function of the namespace that returns a Sequential of layers
    x : inputs, (N, ...)
    target : (N,) int64 labels for cross entropy, or numbers shaped like the output for the mean squared error
    dtype : "float32" or "float64"
    seed : of the weights
    """
    torch.manual_seed(seed)
    model = build(torch.nn)
    rounded = {name: rounded_to(dtype, host(value)) for name, value in model.state_dict().items()}
    model.double().load_state_dict({name: tensor(value) for name, value in rounded.items()})
    layers = leaves(model)
    states = {path: {n: host(v) for n, v in layer.state_dict().items()} for path, layer in layers.items()}

    activations = [tensor(rounded_to(dtype, x), needs_grad=True)]
    specs: list[Spec] = build(Recorder())
    for spec, layer in zip(specs, layers.values(), strict=True):
        activations.append(layer.train(spec.op not in DRAWS_AT_RANDOM)(activations[-1]))
        activations[-1].retain_grad()
    criterion = torch.nn.CrossEntropyLoss() if target.dtype.kind == "i" else torch.nn.MSELoss()
    criterion(activations[-1], tensor(target)).backward()

    recorded = []
    for position, (path, spec) in enumerate(zip(layers, specs, strict=True)):
        dy = activations[position + 1].grad
        assert dy is not None
        floats = {"x": host(activations[position]), "dy": host(dy), **states[path]}
        inputs = {n: value.astype(dtype) if value.dtype.kind == "f" else value for n, value in floats.items()}
        training = spec.op not in DRAWS_AT_RANDOM
        case = LayerCase(spec, inputs["x"].shape, training=training)
        recorded.append(RecordedLayer(path, spec, training, refer(case, inputs, dtype)))
    return Recording(dtype, recorded)


def rounded_to(dtype: str, values: HostArray) -> HostArray:
    """The same numbers in float64, each of them one that `dtype` has; integers as they are."""
    return values.astype(dtype).astype(np.float64) if values.dtype.kind == "f" else values


def judge_model(
    build: Builder, implementation: Implementation, x: HostArray, labels: HostArray, dtype: str, seed: int = 0
) -> list[LayerVerdict]:
    """Judge a sequential model with a loss behind it: see `record` and `recording.judge_recording`."""
    recording = record(build, x, labels, dtype, seed)
    return judge_recording(recording, build, implementation.name, implementation.nn)
