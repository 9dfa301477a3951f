"""Run one layer of ours, forward and backward, and collect its tensors by name. Needs no torch."""

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from parity_tests.harness.case import Inputs, Tensors
from scratch.array import HostArray, to_host


def run_layer(layer: Any, inputs: Inputs, place: Any) -> Tensors:
    """Run forward, and backward where there is a dy.

    Parameters
    ----------
    layer : with its state
    inputs : what `operands` takes, and perhaps dy, on the host
    place : puts a host array into the layer's memory

    Returns
    -------
    y (indices), dx, dweight, ..., and the buffers after forward, on the host
    """
    with quiet():
        tensors = named(map(to_host, as_tuple(layer(*operands(inputs, place)))))
    if "dy" in inputs:
        tensors["dx"] = to_host(layer.backward(place(inputs["dy"])))
        for name, parameter in layer.named_parameters():
            tensors[f"d{name}"] = to_host(parameter.grad)
    return tensors | {name: to_host(held.data) for name, held in layer.named_buffers()}


def operands(inputs: Inputs, place: Any) -> list[Any]:
    """What forward takes: x; and of MaxUnpool2d the indices, and the size of y as a tuple."""
    arrays = [place(inputs[name]) for name in ("x", "indices") if name in inputs]
    return [*arrays, tuple(map(int, inputs["output_size"]))] if "output_size" in inputs else arrays


@contextmanager
def quiet() -> Iterator[None]:
    """Leave out the warnings that are meant: of a padding that torch finds slow, a dim without a name, (N, C, L)."""
    with warnings.catch_warnings():
        for message in ("Using padding='same' with even", "Implicit dimension choice for", "(Log)?Softmax.dim=None",
                        "(?i)dropout2d: "):  # fmt: skip
            warnings.filterwarnings("ignore", message)
        yield


def named(results: Iterable[HostArray]) -> Tensors:
    """What a layer returned: y, and for a max pool the indices, too."""
    return dict(zip(("y", "indices"), results, strict=False))


def as_tuple(value: Any) -> tuple[Any, ...]:
    """A tuple, of one thing if there is only one."""
    return value if isinstance(value, tuple) else (value,)
