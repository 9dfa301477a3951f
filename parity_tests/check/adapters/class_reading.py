"""How a class is read as a layer: its constructor, its methods, and where a layer of it holds its weights."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from parity_tests.check.adapters.base import Hints, Program, Run, Step, Unmatched
from parity_tests.check.adapters.classes import ClassLayer
from parity_tests.check.adapters.layers import SIZES
from parity_tests.check.adapters.layouts import to_try
from parity_tests.check.adapters.methods import methods_of
from parity_tests.check.adapters.names import ATTRIBUTES, BIAS, PARAMETERS, RATES, WEIGHT
from parity_tests.check.adapters.options import demand, match
from parity_tests.check.adapters.state import AXES, Held, find_state
from parity_tests.check.cases import AFFINE, ELEMENTWISE, LAYERS, PLAIN
from parity_tests.check.process import Failure
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import reference


def recognise(op: str, name: str, described: Mapping[str, Any], hints: Hints, run: Run) -> list[ClassLayer]:
    """Find the readings of a class as a layer: the likeliest first.

    Raises
    ------
    Unmatched
        if it cannot be called as such a layer
    """
    if described["kind"] != "class" or described["torch"] or op not in LAYERS:
        return []
    return readings(ClassLayer, op, name, described, hints, run, described["array_module"])


def readings(
    cls: type[ClassLayer], op: str, name: str, described: Mapping[str, Any], hints: Hints, run: Run, array_module: str
) -> list[ClassLayer]:
    """The readings of a class, as adapters of the class `cls`."""
    arguments = described["arguments"]
    of_arrays = array_arguments(op, arguments)
    rates = {} if op in ELEMENTWISE else {"learning_rate": RATES}  # which learn nothing: alpha is a slope there
    also = rates | of_arrays
    options = match(op, "its constructor", arguments, hints, also)
    if of_arrays:
        options = replace(options, settled=SIZES)
    demand(options, "its constructor", arguments)
    forward, backward = methods_of(described, hints)
    readings = []
    rate = backward is not None and backward.means("learning_rate") is not None
    reading = cls(
        op=op, name=name, array_module=array_module, backward=backward is not None, options=options, forward=forward,
        gradient=backward, hints=hints, updates=rate,
    )  # fmt: skip
    for axes in AXES.get(op, ("",)) if of_arrays and not hints.weight_axes else (hints.weight_axes,):
        for each in with_state(reading, replace(hints, weight_axes=axes or None), run):
            readings += [replace(each, layout=layout) for layout in to_try(op, hints.layout, rate)]
    return sorted(readings, key=lambda each: each.layout.one_by_one, reverse=rate)


def array_arguments(op: str, arguments: Any) -> dict[str, tuple[str, ...]]:
    """Which arguments of a constructor are arrays: a weight without a default, and what then is its bias."""
    if op not in ("Conv2d", "ConvTranspose2d", "Linear", *AFFINE):
        return {}
    required = [each["name"].lower() for each in arguments if each["required"]]
    sizes = [name for name in ("in_channels", "in_features", "num_features") if name in required]
    weights = tuple(name.lower() for name in (*ATTRIBUTES["weight"], *WEIGHT))
    if sizes or not required or required[0] not in weights or len(required) > 2:
        return {}
    return {"$weight": weights, "$bias": tuple(name.lower() for name in (*ATTRIBUTES["bias"], *BIAS))}


def with_state(reading: ClassLayer, hints: Hints, run: Run) -> list[ClassLayer]:
    """The reading with where its state is, from a layer of it.

    Raises
    ------
    Unmatched
        if no attribute can be the weight, or several can be
    """
    case = PLAIN[reading.op]
    assert isinstance(case, LayerCase)
    inputs = reference(case, "float64", 0).inputs
    wanted = {name: value.shape for name, value in case.state(inputs).items()}
    if not wanted:
        return [reading]
    order = {"weight": Held("", (AXES[reading.op][0], hints.weight_axes))} if hints.weight_axes else {}
    known = [name for names in ATTRIBUTES.values() for name in names]
    unread = replace(reading, held=order)
    arrays = {name: unread.inward(name, value) for name, value in inputs.items()}
    made = reading.made(case, inputs, reading.run_of(case, "float64"))
    look = ["look", "layer", [*known, *hints.names.values()]]
    try:
        seen = run(Program(arrays, [*made, look], [], array_module=reading.array_module)).seen
        try:
            return [replace(reading, held=find_state(reading.op, wanted, seen, hints))]
        except Unmatched as reason:
            if reading.op == "BatchNorm2d":
                buffers = {name: shape for name, shape in wanted.items() if name not in PARAMETERS}
                held = find_state(reading.op, buffers, seen, hints)
                return [replace(reading, held=held)] if held else [reading]
            return [after_first_forward(reading, wanted, arrays, made, look, hints, run, reason)]
    except Failure:  # it will fail in every case, and be reported
        return [reading]


def after_first_forward(
    reading: ClassLayer, wanted: Any, arrays: Any, made: Any, look: Step, hints: Hints, run: Run, reason: Unmatched
) -> ClassLayer:
    """Find the weights of a layer that makes them in its first forward.

    Raises
    ------
    Unmatched
        if it does not either
    """
    case = PLAIN[reading.op]
    assert isinstance(case, LayerCase)
    forward = reading.forward.step("out", "layer", reading.run_of(case, "float64"))
    try:
        seen = run(Program(arrays, [*made, forward, look], [], array_module=reading.array_module)).seen
        return replace(reading, lazy=True, held=find_state(reading.op, wanted, seen, hints))
    except (Unmatched, Failure):
        raise reason from None
