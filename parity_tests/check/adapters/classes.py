"""Layers that are classes: a constructor, forward, mostly backward; weights and gradients in attributes.

layer = Conv(3, 4, kernel_size=3)
y = layer.forward(x)                        or (y, cache); or y is left in .output
dx = layer.backward(dy)                     or backward(dy, cache), backward(dy, learning_rate); or (dx, dW, db)
layer.dW, layer.grads["W"], layer.weight.grad, ...             or the weights are updated in backward
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np

from parity_tests.check.adapters.base import Answer, Program, Raw, Step
from parity_tests.check.adapters.layers import (
    POOLS,
    SIZES,
    LayerAdapter,
    gradient_shapes,
    is_tuple_of_arrays,
    sorted_out,
)
from parity_tests.check.adapters.layouts import BATCH, WINDOWS
from parity_tests.check.adapters.methods import Method
from parity_tests.check.adapters.names import ATTRIBUTES, INPUT_GRADIENT, PARAMETERS, RESULT
from parity_tests.check.adapters.options import LEARNING_RATE, Options
from parity_tests.check.adapters.state import Held, before_update, gradient_places, recovered, recovered_law
from parity_tests.check.cases import AFFINE
from parity_tests.check.child import NOWHERE
from parity_tests.harness.case import Inputs
from parity_tests.harness.comparison import Law
from parity_tests.harness.contract import other_shape
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import reference
from scratch.array import HostArray


@dataclass(frozen=True, kw_only=True)
class ClassLayer(LayerAdapter):
    """One reading of a class.

    Attributes
    ----------
    forward : the method that computes y
    gradient : the method that computes dx
    held : torch's names in the state_dict -> where they are
    y : the value that is y: what forward returns, or the first of what it returns
    attributes : "out" and "back" -> the attribute in which forward and backward leave what they do not return
    returned : what backward returns, in order, where it is a tuple or a dictionary
    updates : whether backward updates the weights with a learning rate
    lazy : whether the weights are made in the first forward
    """

    forward: Method
    gradient: Method | None
    held: Mapping[str, Held] = field(default_factory=dict)
    y: str = "out"
    attributes: Mapping[str, str] = field(default_factory=dict)
    returned: Mapping[str, str] = field(default_factory=dict)
    updates: bool = False
    lazy: bool = False

    style: ClassVar[str] = "a class of its own style"

    def titled(self) -> str:
        """Torch-like, in the tutorial's style, or of its own."""
        if self.layout.one_by_one or self.updates:
            return "in the tutorial's style"
        same_names = all(mine == its for mine, its in self.options.arguments.items())
        departs = self.layout is not BATCH or self.attributes or self.returned or self.takes_cache
        return "torch-like" if same_names and not departs else self.style

    @property
    def takes_cache(self) -> bool:
        """Whether backward needs what forward returned beside y."""
        return self.gradient is not None and "cache" in self.gradient.arguments.values()

    @property
    def biased(self) -> bool:
        """Whether there is a bias, or none is known yet."""
        known = "weight" if self.op in AFFINE else "bias"
        return not self.held or known in self.held

    @property
    def statistics(self) -> bool:
        """Whether there are running statistics."""
        return {"running_mean", "running_var"} <= self.held.keys()

    @property
    def settled(self) -> Options:
        """The constructor's arguments; the sizes are seen to where it takes the weight itself."""
        free = {"dim"} | (set() if self.biased else {AFFINE.get(self.op, "bias")})
        for mine, its in self.options.arguments.items():
            if its == "$bias" and self.options.defaults[mine] is None:  # None is no bias
                free.add("bias")
        if "$weight" in self.options.arguments.values():
            free |= SIZES
        if self.lazy:
            free |= {"in_channels", "in_features"}
        if self.op in POOLS and not self.options.takes("kernel_size"):
            free.add("kernel_size")
        return replace(self.options, settled=frozenset(free))

    def offers(self, tensor: str, case: LayerCase) -> bool:
        """Gradients only with a backward, running statistics only where they are kept."""
        if tensor in ATTRIBUTES:
            return tensor in self.held
        return self.backward or not tensor.startswith("d")

    def is_repeatable(self, case: LayerCase) -> bool:
        """A layer is an object, and may remember what it should not."""
        return True

    # What to run

    def program(
        self, case: LayerCase, inputs: Inputs, dtype: str, look: bool = False, after_another: bool = False
    ) -> Program:
        """Make a layer, give it its state, run it forward and back, and collect what it leaves."""
        arrays = {name: self.inward(name, value) for name, value in inputs.items()}
        state = {name: held.path for name, held in self.held.items() if name in inputs}
        run = self.run_of(case, dtype)
        steps = self.made(case, inputs, run)
        if self.lazy:
            steps.append(self.forward.step("out", "layer", run))
        steps += [["put", "layer", state]] if state else []
        if not case.training and not self.told_training:
            steps.append(["evaluate", "layer", self.op == "BatchNorm2d"])
        if after_another:
            arrays |= self.others(case, inputs, arrays)
            renamed = {"x": "another x", "dy": "another dy"}
            steps += [self.forward.step("wide", "layer", run, {"x": "wide x"})] if "wide x" in arrays else []
            steps += self.both_ways(arrays, run, renamed)
            steps += [["put", "layer", state]] if state else []
        steps += self.both_ways(arrays, run, {})
        returned = ["out", *(["back"] if self.backward and "dy" in inputs else [])]
        kept = []
        if after_another:
            kept = [f"first {name}" for name in returned]
            steps += [["copy", f"first {name}", name] for name in returned]
            steps += self.both_ways(arrays, run, renamed, "later ")
        gets: dict[str, list[str]] = {}
        for name, path in state.items():
            if name not in PARAMETERS:
                gets[f"state.{name}"] = [path]
            elif self.backward and "dy" in inputs and f"d{name}" not in self.returned:
                places = [path] if self.updates else self.places(name, path)
                gets[("after." if self.updates else "gradient.") + name] = places
        steps += [["get", to, "layer", paths] for to, paths in gets.items()]
        if look:
            steps.append(["look", "layer", [name for names in ATTRIBUTES.values() for name in names]])
        each = [name for name in arrays if name.endswith(("x", "dy"))] if self.layout.splits(case) else []
        return Program(arrays, steps, [*returned, *kept, *gets], each=each, array_module=self.array_module)

    def inward(self, name: str, value: HostArray) -> HostArray:
        """An input as the layer wants it."""
        if name in ("x", "dy"):
            return self.layout.inward(value)
        return self.held[name].inward(value) if name in self.held else value

    def others(self, case: LayerCase, inputs: Inputs, arrays: Mapping[str, HostArray]) -> dict[str, HostArray]:
        """Other numbers of the same shape, and an x of another shape, where nothing was said of the shape."""
        found = {f"another {name}": np.roll(-arrays[name], 1) for name in ("x", "dy") if name in arrays}
        told = "input_shape" in self.options.arguments.values()
        if not told and (self.op in WINDOWS or not self.layout.splits(case)):
            found["wide x"] = self.layout.inward(other_shape(self.op, inputs["x"]))
        return found

    def places(self, name: str, path: str) -> list[str]:
        """Where the gradient of a parameter may be."""
        return gradient_places(name, path, self.hints)

    @property
    def told_training(self) -> bool:
        """Whether the constructor or forward is told whether this is training."""
        meanings = {*self.forward.arguments.values(), *self.options.arguments.values()}
        return not meanings.isdisjoint(("training", "mode"))

    def made(self, case: LayerCase, inputs: Inputs, run: Mapping[str, Any]) -> list[Step]:
        """The step that makes the layer."""
        given = self.settled.call(case, run)
        for mine, its in self.options.arguments.items():
            if its.startswith("$") and its[1:] not in inputs:
                given.pop(mine)
        return [["call", "layer", f":{self.name}", [], given]]

    def both_ways(
        self, arrays: Mapping[str, Any], run: Mapping[str, Any], renamed: Mapping[str, str], to: str = ""
    ) -> list[Step]:
        """Forward and, if there is one and a dy, backward; `to` begins the names of what they give."""
        out, back = f"{to}out", f"{to}back"
        steps = [self.forward.step(out, "layer", run, renamed)]
        if "out" in self.attributes:
            steps.append(["get", out, "layer", [self.attributes["out"]]])
        if self.takes_cache:
            steps.append(["item", "cache", out, 1])
        if self.gradient is not None and self.backward and "dy" in arrays:
            steps.append(self.gradient.step(back, "layer", run, renamed))
            if "back" in self.attributes:
                steps.append(["get", back, "layer", [self.attributes["back"]]])
        return steps

    # What came back

    def answer(self, case: LayerCase, inputs: Inputs, raw: Raw) -> Answer:
        """y, indices, dx, the parameters' gradients, the running statistics."""
        places = {"y": self.y}
        if dict(case.spec.settings).get("return_indices"):
            places = {"y": "out.0", "indices": "out.1"}
        if self.backward and "dy" in inputs:
            places["dx"] = self.returned.get("dx", "back")
        shapes = {"dx": inputs["x"].shape}
        like_y = inputs.get("dy", inputs["x"]).shape
        early = {name: raw.early(place) for name, place in places.items()}
        got = {name: self.back(value, shapes.get(name, like_y)) for name, value in early.items()}
        for name, held in self.held.items():
            if name not in inputs:
                continue
            if name not in PARAMETERS:
                got[name] = outward(held, raw.take(f"state.{name}"), inputs[name])
            elif self.backward and "dy" in inputs:
                gradient = self.summed(case, self.gradient_of(name, inputs, raw))
                got[f"d{name}"] = outward(held, gradient, inputs[name])
        tensors = {name: value for name, value in got.items() if not isinstance(value, str)}
        problems = {name: value for name, value in got.items() if isinstance(value, str)}
        changed = [name for name in raw.changed if not name.startswith(("another ", "wide "))]
        overwritten = [name for name, place in places.items() if raw.is_overwritten(place)]
        return Answer(tensors, problems, changed, raw.kept, overwritten)

    def gradient_of(self, name: str, inputs: Inputs, raw: Raw) -> HostArray | str:
        """The gradient of a parameter, as the layer has it."""
        if f"d{name}" in self.returned:
            return raw.take(self.returned[f"d{name}"])
        if not self.updates:
            return raw.take(f"gradient.{name}")
        dtype, shape = raw.kept[name]
        return recovered(before_update(self.inward(name, inputs[name]), shape, dtype), raw.take(f"after.{name}"))

    def law(self, case: LayerCase, tensor: str, law: Law | None, inputs: Inputs, eps: float) -> Law | None:
        """A gradient that was recovered from updates has an error of its own."""
        if law is None or not self.updates or tensor[1:] not in PARAMETERS or f"d{tensor[1:]}" in self.returned:
            return law
        samples = len(inputs["x"]) if self.layout.splits(case) else 1
        return recovered_law(law, inputs[tensor[1:]], samples, eps)

    # How it was read

    def refined(self, case: LayerCase, raw: Raw) -> Self:
        """Find what is not where it was sought: in attributes, or among what backward returns."""
        reading = self
        if "out.0" in raw.tensors and reading.y == "out":
            reading = replace(reading, y="out.0")
        for value, names in (("out", RESULT), ("back", INPUT_GRADIENT)):
            place = next((name for name in names if name in raw.seen), None)
            if raw.problems.get(value, "").startswith("is a NoneType") and place and value not in self.attributes:
                reading = replace(reading, attributes={**reading.attributes, value: place})
        if is_tuple_of_arrays(raw, "back") and not reading.returned:
            inputs = reference(case, "float64", 0).inputs
            arrays = {name: self.inward(name, value) for name, value in inputs.items()}
            wanted = gradient_shapes(self, case, arrays, inputs)
            reading = replace(reading, returned=sorted_out(raw, wanted, self.hints.returns))
        missing = [raw.problems.get(f"gradient.{name}") == NOWHERE for name in PARAMETERS]
        if any(missing) and "learning_rate" in self.options.arguments.values() and not self.updates:
            reading = replace(reading, updates=True)
        return reading

    def assumed(self) -> list[str]:
        """The constructor, what x is, where the weights and gradients are."""
        lines = [
            f"{self.name}({self.options.shown()})",
            f"{self.forward.name}(x) takes {self.layout.words}" + ", and returns (y, cache)" * self.takes_cache,
        ]
        if self.lazy:
            lines.append("its weights are made by the first forward")
        if "out" in self.attributes:
            lines.append(f"y is .{self.attributes['out']}")
        if self.held:
            lines.append(", ".join(f"{name} is .{held.path}{order(held)}" for name, held in self.held.items()))
        if self.gradient is not None and self.backward:
            lines.append(self.assumed_of(self.gradient))
        return lines

    def assumed_of(self, gradient: Method) -> str:
        """How backward is called, and where the gradients are."""
        rate = gradient.means("learning_rate")
        called = f"{gradient.name}({', '.join(['dy', *['cache'] * self.takes_cache, *[rate or ''] * bool(rate)])})"
        if self.updates:
            rate = rate or next(mine for mine, its in self.options.arguments.items() if its == "learning_rate")
            text = f"{called} updates the weights: gradient = (before - after) / {rate}"
            return f"{text}, with {rate} = {LEARNING_RATE:.0f}, a power of two"
        if self.returned:
            return f"{called} returns ({', '.join(self.returned)})"
        where = "; a gradient is in .grad of its parameter, or in an attribute such as .dweight" if self.held else ""
        if self.hints.gradients:
            where = "; " + ", ".join(f"d{name} is .{path}" for name, path in self.hints.gradients.items())
        returns = f"leaves dx in .{self.attributes['back']}" if "back" in self.attributes else "returns dx"
        return f"{called} {returns}{where}"


def outward(held: Held, found: HostArray | str, like: HostArray) -> HostArray | str:
    """A parameter, or its gradient, in torch's order."""
    return found if isinstance(found, str) else held.outward(found, like.shape)


def order(held: Held) -> str:
    """In words, an order of axes that is not torch's."""
    torch, mine = held.axes
    names = {"O": "out", "I": "in"}
    return "" if mine == torch else f" ({', '.join(names.get(axis, axis) for axis in mine)})"
