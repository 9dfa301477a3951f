"""Losses, as classes and as functions.

    loss = criterion.forward(logits, labels)      or criterion(logits, labels), or loss_function(logits, labels)
    dlogits = criterion.backward()                or backward(upstream), backward(logits, labels), or a partner
    loss, dlogits = softmax_loss(logits, labels)  both at once

Labels are class numbers, or where that does not do rows with a single 1. A backward that takes no upstream gradient
gives that of 1; it is multiplied with the case's, which is one rounding, as in torch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from parity_tests.check.adapters.base import Adapter, Answer, Hints, Program, Raw, Run, Step, Unmatched
from parity_tests.check.adapters.methods import Method, called, method
from parity_tests.check.adapters.names import BACKWARD, CACHES, DY, FORWARD, INPUT_GRADIENT, LOGITS, RESULT, TARGET
from parity_tests.check.adapters.options import Described, Options, demand, match
from parity_tests.check.cases import LOSSES
from parity_tests.harness.case import Inputs
from parity_tests.harness.loss_case import LossCase
from scratch.array import HostArray

ROLES = {"x": LOGITS, "target": TARGET}


@dataclass(frozen=True, kw_only=True)
class Loss(Adapter[LossCase]):
    """One reading of a loss.

    Attributes
    ----------
    options : the constructor's arguments, or the function's own
    forward : what computes the loss
    gradient : what computes dx, if it is not forward
    gradient_options : the options of a function's partner
    is_class : whether there is an object to be made first
    one_hot : whether labels go in as rows with a single 1
    loss, dx : the values that are the loss and dx
    attributes : "loss" and "back" -> the attribute in which they are left
    """

    options: Options
    forward: Method
    gradient: Method | None = None
    gradient_options: Options | None = None
    is_class: bool = True
    one_hot: bool = False
    loss: str = "loss"
    dx: str = "back"
    attributes: tuple[tuple[str, str], ...] = ()

    style: ClassVar[str] = "a loss"
    unclaimed: ClassVar[Mapping[str, str]] = {
        **Adapter.unclaimed,
        "more than two dimensions": "",
        "one sample without a batch": "",
        "a single number": "",
        "probabilities as target": "",
        "a target that does not sum to 1": "",
    }

    def titled(self) -> str:
        """A class or a function."""
        return f"a {'class' if self.is_class else 'function'} that is a loss"

    @property
    def takes_upstream(self) -> bool:
        """Whether backward takes an upstream gradient."""
        return self.gradient is not None and "dloss" in self.gradient.arguments.values()

    def fit(self, case: LossCase) -> LossCase:
        """The case as it is."""
        return case

    def lacks(self, case: LossCase) -> list[str]:
        """Options that are not taken, and labels to be ignored where nothing says which."""
        words = self.options.lacks(case)
        if "ignored" in case.target and (self.one_hot or not self.options.takes("ignore_index")):
            words.append("ignored labels")
        return ["weights of classes" if word == "weight" else word for word in words]

    def through_keywords(self, case: LossCase) -> list[str]:
        """What of a case goes through **kwargs."""
        return self.options.through_keywords(case)

    def offers(self, tensor: str, case: LossCase) -> bool:
        """The gradients of single losses only where backward takes theirs."""
        if tensor != "dx":
            return True
        return self.backward and (self.takes_upstream or case.settings["reduction"] != "none")

    def is_repeatable(self, case: LossCase) -> bool:
        """An object may remember what it should not."""
        return self.is_class

    def program(
        self, case: LossCase, inputs: Inputs, dtype: str, look: bool = False, after_another: bool = False
    ) -> Program:
        """Make it, call it, and go back."""
        arrays = dict(inputs)
        if self.one_hot and case.target in ("labels", "uint8 labels"):
            arrays["target"] = one_hot(inputs["target"], case, inputs["x"].dtype)
        run: dict[str, Any] = {"dtype": {"dtype": dtype}}
        given = self.options.call(case, run)
        run |= {"dloss": {"$": "dloss"} if inputs["dloss"].ndim else float(inputs["dloss"])}
        steps: list[Step] = [["call", "loss_object", f":{self.name}", [], given]] if self.is_class else []
        if after_another:
            arrays["another x"] = np.roll(-inputs["x"], 1)
            steps += self.both_ways(case, given, run, {"x": "another x"})
        steps += self.both_ways(case, given, run, {})
        if after_another and not self.goes_back(case):
            steps.append(self.forward.step("later", "loss_object", run, {"x": "another x"}))
        if look and self.is_class:
            steps.append(["look", "loss_object", [*RESULT, *INPUT_GRADIENT]])
        results = ["loss", "back"] if self.goes_back(case) else ["loss"]
        return Program(arrays, steps, results, array_module=self.array_module)

    def goes_back(self, case: LossCase) -> bool:
        """Whether there is something to call for dx."""
        return self.gradient is not None and self.offers("dx", case)

    def both_ways(self, case: LossCase, given: Any, run: Any, renamed: Mapping[str, str]) -> list[Step]:
        """The loss, and dx."""
        of = "loss_object" if self.is_class else ""
        options = {} if self.is_class else given
        steps = [self.forward.step("loss", of, run, renamed, options), *self.found("loss")]
        if not self.goes_back(case) or self.gradient is None:
            return steps
        if "cache" in self.gradient.arguments.values():
            steps.append(["item", "cache", "loss", 1])
        options = self.gradient_options.call(case, run) if self.gradient_options else {}
        return [*steps, self.gradient.step("back", of, run, renamed, options), *self.found("back")]

    def found(self, value: str) -> list[Step]:
        """The step that finds a result in an attribute, if it is there."""
        return [["get", value, "loss_object", [path]] for name, path in self.attributes if name == value]

    def answer(self, case: LossCase, inputs: Inputs, raw: Raw) -> Answer:
        """The loss and dx; of a backward without upstream gradient, dx times the case's."""
        got: dict[str, HostArray | str] = {"loss": raw.take(self.loss)}
        if isinstance(loss := got["loss"], np.ndarray) and loss.size == 1 == inputs["dloss"].size:
            got["loss"] = loss.reshape(inputs["dloss"].shape)
        if self.offers("dx", case):
            dx = got["dx"] = raw.take(self.dx)
            if not self.takes_upstream and isinstance(dx, np.ndarray) and dx.dtype.kind == "f":
                with np.errstate(all="ignore"):
                    got["dx"] = dx * dx.dtype.type(inputs["dloss"])
        tensors = {name: value for name, value in got.items() if not isinstance(value, str)}
        problems = {name: value for name, value in got.items() if isinstance(value, str)}
        return Answer(tensors, problems, [name for name in raw.changed if not name.startswith("another ")], {})

    def refined(self, case: LossCase, raw: Raw) -> Self:
        """Find the loss and dx in what forward returns, or in attributes."""
        reading = self
        if self.loss == "loss" and "loss.0" in raw.tensors:
            reading = replace(reading, loss="loss.0")
            second = raw.tensors.get("loss.1")
            if second is not None and second.shape == case.shape and self.gradient is None:
                reading = replace(reading, dx="loss.1", backward=True)
        for value, names in (("loss", RESULT), ("back", INPUT_GRADIENT)):
            place = next((name for name in names if name in raw.seen), None)
            if raw.problems.get(value, "").startswith("is a NoneType") and place and value not in dict(self.attributes):
                reading = replace(reading, attributes=(*self.attributes, (value, place)))
        if self.dx == "back" and "back.0" in raw.tensors:
            reading = replace(reading, dx="back.0")
        return reading

    def assumed(self) -> list[str]:
        """The constructor, the two calls, what labels are."""
        lines = [f"{self.name}({self.options.shown()})"] if self.is_class else []
        returns = "loss, dx" if self.dx == "loss.1" else "loss, cache" if self.loss != "loss" else "loss"
        more = "" if self.is_class or not self.options.arguments else f", {self.options.shown()}"
        lines.append(f"{shown(self.forward, more)} returns {returns}")
        if self.op == "CrossEntropyLoss":
            lines.append(f"labels are {'rows with a single 1' if self.one_hot else 'class numbers'}")
        return [*lines, *self.assumed_back()]

    def assumed_back(self) -> list[str]:
        """How dx is had."""
        lines = []
        if self.gradient is not None and self.backward:
            more = f", {self.gradient_options.shown()}" if self.gradient_options else ""
            lines.append(f"{shown(self.gradient, more)} returns dx")
        if self.backward and not self.takes_upstream:
            lines.append("dx is that of the upstream gradient 1: multiplied with the case's")
        return lines

    def notes(self) -> list[str]:
        """Defaults that are not torch's."""
        return self.options.notes()


def shown(method: Method, more: str) -> str:
    """A call, with what its arguments are taken for."""
    arguments = [mine if mine == its else f"{mine}={its}" for mine, its in method.arguments.items()]
    return f"{method.name.lstrip(':')}({', '.join(arguments)}{more})"


def one_hot(labels: HostArray, case: LossCase, dtype: Any) -> HostArray:
    """Rows with a single 1, the classes where x has them."""
    C = case.shape[case.axis]
    return np.moveaxis(np.eye(C, dtype=dtype)[labels], -1, case.axis)


def recognise(op: str, name: str, described: Mapping[str, Any], hints: Hints, run: Run) -> list[Loss]:
    """Find the readings of a class or function as a loss.

    Raises
    ------
    Unmatched
        if it needs something unknown
    """
    if op not in LOSSES or described.get("torch"):
        return []
    arguments = described["arguments"]
    gradient, of_gradient = None, None
    if described["kind"] == "class":
        options = match(op, "its constructor", arguments, hints)
        demand(options, "its constructor", arguments)
        methods = described["methods"]
        there = called(methods, hints.forward, FORWARD)
        if there is None:
            raise Unmatched("it has neither forward nor __call__")
        forward = method(there, methods[there], ROLES, ("x", "target"), "forward(logits, labels)")
        back = called(methods, hints.backward, BACKWARD)
        if back is not None:
            gradient = going_back(back, methods[back])
    else:
        forward, options = function(op, name, arguments, hints, ("$x", "$target"))
        if set(forward.arguments.values()) != {"x", "target"}:
            raise Unmatched(f"{name} does not take predictions and targets")
        if "partner" in described:
            gradient, of_gradient = function(op, hints.backward or "", described["partner"]["arguments"], hints, ())
    reading = Loss(
        op=op, name=name, array_module=described["array_module"], backward=gradient is not None, options=options,
        forward=forward, gradient=gradient, gradient_options=of_gradient, is_class=described["kind"] == "class",
    )  # fmt: skip
    return [reading, replace(reading, one_hot=True)] if op == "CrossEntropyLoss" else [reading]


def function(op: str, name: str, arguments: Described, hints: Hints, in_order: Sequence[str]) -> tuple[Method, Options]:
    """What the arguments of a function mean: arrays, and options.

    Raises
    ------
    Unmatched
        if it needs something unknown
    """
    taken = {"$x": LOGITS, "$target": TARGET, "$cache": CACHES, "$dloss": DY}
    options = match(op, name, arguments, hints, taken, in_order)
    arrays = {mine: its[1:] for mine, its in options.arguments.items() if its in taken}
    others = {mine: its for mine, its in options.arguments.items() if its not in taken}
    return Method(name=f":{name}", arguments=arrays), replace(options, arguments=others)


def going_back(name: str, arguments: Any) -> Method:
    """What the arguments of a loss's backward mean: an upstream gradient, or once more what forward took.

    Raises
    ------
    Unmatched
        if it needs something else
    """
    known: dict[str, tuple[str, ...]] = {"dloss": DY, "cache": CACHES, **ROLES}
    required = [each for each in arguments if each["required"]]
    in_order = {0: (), 1: ("dloss",)}.get(len(required), ("x", "target"))
    return method(name, arguments, known, in_order, "backward(), backward(dloss) or backward(logits, labels)")
