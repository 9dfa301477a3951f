"""Optimisers, as classes and as functions. Each works on two parameters, or where it takes but one on that.

optimiser = SGD(parameters, lr=0.1); optimiser.step()           parameters with .data and .grad
optimiser = SGD(arrays, lr=0.1); optimiser.step(gradients)      lists or dictionaries of arrays
optimiser = SGD(lr=0.1); optimiser.update(params, grads)        in place, or returning the new ones
optimiser = SGD(lr=0.1); w = optimiser.update(w, dw)            one array
optimiser = SGD(lr=0.1); optimiser.update_params(layer)         with .weights, .dweights, .biases, .dbiases
w, config = sgd(w, dw, config)                                  a function, its state in a dictionary
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from parity_tests.check.adapters.base import Adapter, Answer, Hints, Program, Raw, Run, Step, Unmatched
from parity_tests.check.adapters.functions import all_keys
from parity_tests.check.adapters.in_a_row import InARow
from parity_tests.check.adapters.methods import Method, called, method
from parity_tests.check.adapters.names import AROUND, GRADS, LAYER, OPTIONS, PARAMS, STEP
from parity_tests.check.adapters.options import Options, demand, match
from parity_tests.harness.case import Inputs
from parity_tests.harness.implementations import OPTIMISERS
from parity_tests.harness.optimiser_case import OptimiserCase
from scratch.array import HostArray

FIRST = 4
"""So many elements of theta are the first of two parameters; the others are the second."""

LAYERS_NAMES = {"W": ("weights", "dweights"), "b": ("biases", "dbiases")}

Held = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Optimiser(Adapter[OptimiserCase]):
    """One reading of an optimiser.

    Attributes
    ----------
    options : the constructor's arguments, or the function's own
    keys : the entries of a dictionary of options that holds the state, too; None without one
    step : what is called for each step
    kind : what it works on: "parameters", "layer", "dict", "list" or "array"
    in_constructor : whether the constructor takes what it works on
    around : the methods that are called before and after a step
    returns : "" if it works in place, else the value that holds the new parameters: "back", or "back.0"
    """

    options: Options
    step: Method
    kind: str
    keys: Options | None = None
    in_constructor: bool = False
    around: tuple[str, ...] = ()
    returns: str = ""

    style: ClassVar[str] = "an optimiser"

    def titled(self) -> str:
        """A class or a function."""
        return "a function that is an optimiser" if self.is_function else "a class that is an optimiser"

    @property
    def is_function(self) -> bool:
        """Whether there is no object."""
        return self.step.name.startswith(":")

    def fit(self, case: OptimiserCase) -> InARow:
        """The same steps in a row: nobody can put torch's state into it."""
        return InARow(case.spec)

    def lacks(self, case: OptimiserCase) -> list[str]:
        """Options that are not taken."""
        known = set(self.keys.arguments.values()) if self.keys else set()
        pairs = {name for name in ("betas",) if {f"{name}[0]", f"{name}[1]"} <= known}
        return replace(self.options, settled=frozenset(known | pairs)).lacks(case)

    def through_keywords(self, case: OptimiserCase) -> list[str]:
        """What of a case goes through **kwargs."""
        return self.options.through_keywords(case)

    # What to run

    @property
    def parts(self) -> dict[str, slice]:
        """The parameters: names and places in theta."""
        if self.kind == "array":
            return {"W": slice(None)}
        return {"W": slice(0, FIRST), "b": slice(FIRST, None)}

    def program(
        self, case: OptimiserCase, inputs: Inputs, dtype: str, look: bool = False, after_another: bool = False
    ) -> Program:
        """Make it once; before each step set theta to torch's and the gradients to the case's."""
        arrays: dict[str, HostArray] = {}
        for name, part in self.parts.items():
            arrays[f"first {name}"] = inputs["theta"][0, part]
            arrays[name], arrays[f"d{name}"] = inputs["theta"][:, part], inputs["g"][:, part]
        each = [name for name in arrays if not name.startswith("first ")]
        before = [*self.made_parameters(), *self.made_optimiser(case)]
        steps: list[Step] = []
        for name in self.parts:
            steps += self.given(name)
        run = {
            "params": {"$": "params"},
            "grads": self.gradients(),
            "layer": {"$": "params"},
            "options": {"$": "options"},
        }
        also = self.options.call(case, {}) if self.is_function else {}
        steps += [["call", "", f"optimiser.{name}", []] for name in self.around[:1]]
        steps.append(self.step.step("back", "" if self.is_function else "optimiser", run, also=also))
        steps += [["call", "", f"optimiser.{name}", []] for name in self.around[1:]]
        if self.returns:
            steps += [["let", "params", {"$": "back"}] if self.returns == "back" else ["item", "params", "back", 0]]
        if self.returns == "back.0" and self.keys is not None:
            steps.append(["item", "options", "back", 1])
        steps += [["get", f"after {name}", "params", [self.path(name)]] for name in self.parts]
        return Program(
            arrays, steps, [*(f"after {name}" for name in self.parts), "back"], before, each, self.array_module
        )

    def path(self, name: str) -> str:
        """Where a parameter is among the parameters."""
        return {
            "parameters": f"{list(self.parts).index(name)}.data",
            "list": str(list(self.parts).index(name)),
            "layer": LAYERS_NAMES[name][0],
            "array": "",
        }.get(self.kind, name)

    def made_parameters(self) -> list[Step]:
        """What it works on, with the first theta."""
        first = {name: {"$": f"first {name}"} for name in self.parts}
        if self.kind == "parameters":
            steps: list[Step] = [["parameter", f"p{name}", self.name, f"first {name}"] for name in self.parts]
            return [*steps, ["let", "params", {"list": [{"$": f"p{name}"} for name in self.parts]}]]
        content = {
            "dict": {"dict": first},
            "list": {"list": list(first.values())},
            "array": first["W"],
            "layer": {"object": {of: first[name] for name in first for of in LAYERS_NAMES[name]}},
        }[self.kind]
        return [["let", "params", content]]

    def made_optimiser(self, case: OptimiserCase) -> list[Step]:
        """The object, or the dictionary that holds its state."""
        if not self.is_function:
            return [["call", "optimiser", f":{self.name}", [], self.options.call(case, {})]]
        return [["let", "options", {"options": self.keys.call(case, {})}]] if self.keys is not None else []

    def given(self, name: str) -> list[Step]:
        """The steps that set one parameter to torch's theta, and its gradient to the case's."""
        if self.kind == "array":
            return [["let", "params", {"$": name}]]
        steps: list[Step] = [["reset", "params", self.path(name), name]]
        if self.kind == "parameters":
            steps.append(["assign", f"p{name}", "grad", {"$": f"d{name}"}])
        if self.kind == "layer":
            steps.append(["assign", "params", LAYERS_NAMES[name][1], {"$": f"d{name}"}])
        return steps

    def gradients(self) -> Any:
        """The gradients, as an argument."""
        gradients = {name: {"$": f"d{name}"} for name in self.parts}
        if self.kind == "array":
            return gradients["W"]
        return {"dict": gradients} if self.kind == "dict" else {"list": list(gradients.values())}

    # What came back

    def answer(self, case: OptimiserCase, inputs: Inputs, raw: Raw) -> Answer:
        """Theta after each step."""
        parts = [raw.take(f"after {name}") for name in self.parts]
        wrong = [part for part in parts if isinstance(part, str)]
        changed = sorted({"g" for name in raw.changed if name in ("dW", "db")})
        if wrong:
            return Answer({}, {"theta": wrong[0]}, changed, {})
        arrays = [np.asarray(part) for part in parts]
        if any(array.ndim != 2 for array in arrays):
            return Answer({"theta": arrays[0]}, {}, changed, {})
        return Answer({"theta": np.concatenate(arrays, axis=1)}, {}, changed, {})

    def refined(self, case: OptimiserCase, raw: Raw) -> Self:
        """See what it returns, and which options it looks up."""
        reading = self
        if not self.returns and not raw.problems.get("back", "").startswith("is a NoneType"):
            entries = {"dict": {"back.W", "back.b"}, "list": {"back.0", "back.1"}}.get(self.kind, {"back"})
            if entries <= raw.tensors.keys():
                reading = replace(reading, returns="back")
            elif "back.0" in raw.tensors or "back.0" in raw.problems:
                reading = replace(reading, returns="back.0")
        if self.keys is not None and not set(self.keys.arguments) <= set(raw.read):
            known = {key: its for key, its in self.keys.arguments.items() if key in raw.read}
            reading = replace(reading, keys=replace(self.keys, arguments=known))
        return reading

    def assumed(self) -> list[str]:
        """The calls, and how a step is judged."""
        taken = {
            "parameters": "parameters with .data and .grad",
            "layer": "an object with .weights, .dweights, .biases, .dbiases",
            "dict": "dictionaries of arrays",
            "list": "lists of arrays",
            "array": "one array",
        }[self.kind]
        given = self.options.shown()
        lines = [] if self.is_function else [f"{self.name}({given})"]
        if self.keys is not None:
            lines.append(f"the options are {{{self.keys.shown() or 'nothing that is known'}}}")
        more = f", {given}" if self.is_function and given else ""
        arguments = ", ".join(mine if mine == its else f"{mine}={its}" for mine, its in self.step.arguments.items())
        does = "returns what is new" if self.returns else "works in place"
        return [
            *lines,
            f"{self.step.name.lstrip(':')}({arguments}{more}) {does}",
            f"params are {taken}",
            "50 steps in a row: before each theta is set to torch's, its own state goes on",
        ]

    def notes(self) -> list[str]:
        """Defaults that are not torch's."""
        return self.options.notes()


def recognise(op: str, name: str, described: Mapping[str, Any], hints: Hints, run: Run) -> list[Optimiser]:
    """Find the readings of a class or function as an optimiser.

    Raises
    ------
    Unmatched
        if it needs something unknown
    """
    if op not in OPTIMISERS or described.get("torch") == "Module":
        return []
    array_module = described["array_module"]
    if described["kind"] == "function":
        return of_function(op, name, described, hints, array_module)
    options = match(op, "its constructor", described["arguments"], hints, {"$params": PARAMS})
    demand(options, "its constructor", described["arguments"])
    methods = described["methods"]
    there = called(methods, hints.forward, STEP)
    if there is None:
        raise Unmatched(f"it has no {', '.join(STEP[:3])}")
    known = {"params": PARAMS, "grads": GRADS, "layer": LAYER}
    in_constructor = "$params" in options.arguments.values()
    in_order = ("grads",) if in_constructor else ("params", "grads")
    step = method(there, methods[there], known, in_order, "step(), step(grads), update(params, grads)")
    around = tuple(each for each in AROUND if each in methods)
    taken = set(step.arguments.values())
    kinds = ["layer"] if "layer" in taken else ["dict", "list", "array"] if "grads" in taken else ["parameters"]
    if taken == {"params"} and not in_constructor:
        kinds = ["parameters", "layer"]
    return [
        Optimiser(
            op=op, name=name, array_module=array_module, options=options, step=step, kind=kind,
            in_constructor=in_constructor,
            around=around,
        )
        for kind in kinds
    ]  # fmt: skip


def of_function(op: str, name: str, described: Mapping[str, Any], hints: Hints, array_module: str) -> list[Optimiser]:
    """The readings of a function.

    Raises
    ------
    Unmatched
        if it needs something unknown
    """
    taken = {"$params": PARAMS, "$grads": GRADS, "options": (*OPTIONS, "state", "cache")}
    options = match(op, name, described["arguments"], hints, taken, ("$params", "$grads", "options"))
    arrays = {mine: its.lstrip("$") for mine, its in options.arguments.items() if its in taken}
    if not {"params", "grads"} <= set(arrays.values()):
        raise Unmatched(f"{name} does not take parameters and gradients")
    others = {mine: its for mine, its in options.arguments.items() if its not in taken}
    keys = all_keys(op, hints) if "options" in arrays.values() else None
    step = Method(name=f":{name}", arguments=arrays)
    return [
        Optimiser(
            op=op,
            name=name,
            array_module=array_module,
            options=replace(options, arguments=others),
            step=step,
            kind=kind,
            keys=keys,
        )
        for kind in ("array", "dict", "list")
    ]
