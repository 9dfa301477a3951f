"""A model's reference run, layer by layer, and the judgement of ours on it. Needs no torch: a recording may be old.

Each layer is fed the reference's input and upstream gradient, so its verdict is about this layer alone. The error that
piles up from the first layer on is reported beside it and not judged: a ReLU or a maximum that decides otherwise
moves it by any amount. Those decisions are counted.

    reference   x0 -> layer 0 -> x1 -> layer 1 -> x2 ...                torch, float64
    judged            layer 0(x0)      layer 1(x1)                      each against the reference, by its law
    piled up    x0 -> layer 0 -> x1' -> layer 1 -> x2' ...              x2' against x2
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from parity_tests.harness.case import Spec
from parity_tests.harness.layer_run import run_layer
from parity_tests.harness.referee import Finding, Reference, judge_tensor
from scratch.array import Array, HostArray, to_host
from scratch.module import Module

Builder = Callable[[Any], Any]
"""A model definition: a function of the namespace that returns a Sequential, in which there may be Residuals."""

DRAWS_AT_RANDOM = ("Dropout", "Dropout2d")
"""Layers that are run in evaluation: nobody else draws the same mask."""


class Recorder:
    """A namespace whose layers are their own specifications: `lines_cnn(Recorder())` is the list of its Specs."""

    def __getattr__(self, op: str) -> Callable[..., Any]:
        return CONTAINERS.get(op, lambda *args, **settings: Spec.of(op, *args, **settings))


def sequence(*modules: Any) -> list[Spec]:
    """List the layers of a Sequential, those of a Sequential inside it among them."""
    first = modules[0] if len(modules) == 1 else None
    inside = first.values() if isinstance(first, OrderedDict) else modules
    return [spec for each in inside for spec in (each if isinstance(each, list) else [each])]


def block(body: Any, shortcut: Any = None) -> list[Spec]:
    """List the layers of a Residual: its body's, its shortcut's, and the sum."""
    return [*sequence(body), *([] if shortcut is None else sequence(shortcut)), Spec.of("Residual")]


CONTAINERS: dict[str, Callable[..., list[Spec]]] = {"Sequential": sequence, "Residual": block}
"""What holds layers, and lists them in the order in which they run."""


def leaves(model: Any, path: str = "") -> dict[str, Any]:
    """The layers of a model of ours or of torch's, in the order in which they run, by their paths.

    A Residual stands behind what is inside it: as the sum that it is.
    """
    kind, found = type(model).__name__, dict[str, Any]()
    for name, child in model.named_children() if kind in CONTAINERS else ():
        found |= leaves(child, f"{path}.{name}" if path else name)
    return found if kind == "Sequential" else found | {path: model}


def set_modes(model: Any) -> Any:
    """Put a model of ours or of torch's in training, but for what draws at random; returns it."""
    model.train()
    for layer in leaves(model).values():
        if type(layer).__name__ in DRAWS_AT_RANDOM:
            layer.eval()
    return model


class Given(Module):
    """One way through a Residual, as it went in the reference run: gives that y, and that dx."""

    def __init__(self, y: Array, dx: Array) -> None:
        super().__init__()
        self.y, self.dx = y, dx

    def forward(self, x: Array) -> Array:
        """What was given."""
        return self.y

    def backward(self, dy: Array, needs_dx: bool = True) -> Array:
        """What was given."""
        return self.dx


@dataclass(frozen=True)
class RecordedLayer:
    """One layer of the reference run.

    Attributes
    ----------
    path : where it stands in the model, "0" or "features.3"
    spec : its constructor call
    training : its mode
    should : its inputs (x, dy and state, in the dtype of the run), and what it should give
    """

    path: str
    spec: Spec
    training: bool
    should: Reference


@dataclass(frozen=True)
class Recording:
    """The reference run of a model.

    Attributes
    ----------
    dtype : in which it is judged
    layers : from first to last
    """

    dtype: str
    layers: list[RecordedLayer]

    @property
    def state(self) -> dict[str, HostArray]:
        """The model's state before the run, by torch's names."""
        return {
            f"{layer.path}.{name}": value
            for layer in self.layers
            if layer.spec.op != "Residual"
            for name, value in layer.should.inputs.items()
            if name not in ("x", "dy")
        }


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


def judge_recording(recording: Recording, build: Builder, name: str, nn: Any) -> list[LayerVerdict]:
    """Judge a model of ours on a reference run.

    Parameters
    ----------
    recording : the reference run
    build : the model that was recorded
    name, nn : a namespace of ours

    Returns
    -------
    one LayerVerdict for each layer, from first to last

    Raises
    ------
    KeyError, ValueError
        if the model is not the one that was recorded
    """
    dtype = np.dtype(recording.dtype)
    model = set_modes(build(nn).to(dtype))
    model.load_state_dict(recording.state)
    seen = dict[str, tuple[Any, Any]]()
    for path, layer in leaves(model).items():
        layer.register_forward_hook(lambda _, given, y, path=path: seen.update({path: (given[0], y)}))
    model(nn.asarray(recording.layers[0].should.inputs["x"]))
    verdicts = []
    for recorded, (running, output) in zip(recording.layers, seen.values(), strict=True):
        given, want = recorded.should.inputs, recorded.should.oracle["y"]
        flips, decisions = count_flips(recorded.spec, nn, running, nn.asarray(given["x"]))
        error = to_host(output).astype(np.float64) - want
        piled_up = float(np.sqrt(np.mean(error**2)) / max(np.sqrt(np.mean(want**2)), 1e-300))
        tensors = run_layer(alone(recorded, nn, dtype), given, nn.asarray)
        findings = [
            Finding(
                name,
                None,
                recorded.spec.op,
                f"{recorded.path} {recorded.spec}",
                recording.dtype,
                tensor,
                judge_tensor(tensors.get(tensor), oracle, recorded.should.laws, tensor, recording.dtype),
                recorded.should.torch[tensor],
            )
            for tensor, oracle in recorded.should.oracle.items()
        ]
        verdicts.append(LayerVerdict(str(recorded.spec), findings, piled_up, flips, decisions))
    return verdicts


def alone(recorded: RecordedLayer, nn: Any, dtype: Any) -> Any:
    """A layer of the reference run by itself, with its state; of a Residual, the sum of what its two ways gave."""
    given = recorded.should.inputs
    if recorded.spec.op == "Residual":
        ways = {
            name: Given(nn.asarray(given[name]), nn.asarray(given[f"d{name}"]))
            for name in ("body", "shortcut")
            if name in given
        }
        return nn.Residual(**ways)
    layer = recorded.spec.build(nn).to(dtype).train(recorded.training)
    layer.load_state_dict({key: value for key, value in given.items() if key not in ("x", "dy")})
    return layer


def count_flips(spec: Spec, nn: Any, ours: Any, reference: Any) -> tuple[int, int]:
    """Count the decisions of a layer that differ between two inputs, and how many decisions there are."""
    if spec.op == "ReLU":
        return int(to_host((ours > 0) != (reference > 0)).sum()), int(reference.size)
    if spec.op == "MaxPool2d":
        settings = dict(spec.settings) | {"return_indices": True}
        pool = Spec(spec.op, spec.args, tuple(settings.items())).build(nn)
        places = [to_host(pool(x)[1]) for x in (ours, reference)]
        return int(np.sum(places[0] != places[1])), places[0].size
    return 0, 0
