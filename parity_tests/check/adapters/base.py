"""What every adapter has: which cases it serves, the program that the child is to run, and how the answer is read."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Self, TypeAlias, TypeVar

from parity_tests.check.cases import peculiarities
from parity_tests.harness.case import Case, Inputs, Tensors
from parity_tests.harness.comparison import Law
from scratch.array import HostArray

C = TypeVar("C", bound=Case)
"""The kind of case that an adapter serves."""

Shape: TypeAlias = tuple[int, ...]
Step: TypeAlias = list[Any]
"""One step of a program, as child.py describes them."""


class Unmatched(Exception):  # noqa: N818  (the end of a check, in one sentence)
    """Something that cannot be called as a layer of that kind; the sentence says what it lacks."""


@dataclass(frozen=True, kw_only=True)
class Hints:
    """What a map file says by hand about one layer; what it does not say is guessed.

    Attributes
    ----------
    style : the only style to try
    arguments : names of the constructor's (or function's) arguments -> torch's
    constants : arguments that are passed as they are
    forward, backward : the methods; of a function, its partner
    names : weight, bias, running_mean, running_var -> the attribute
    gradients : weight, bias -> the attribute
    returns : what backward returns, in order
    weight_axes : the order of the weight's axes, such as HWIO (torch's is OIHW, or OI)
    layout : in which arrangement x goes in
    learning_rate : the argument that is one
    array_module : numpy, torch or cupy
    """

    style: str | None = None
    arguments: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    forward: str | None = None
    backward: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    gradients: Mapping[str, str] = field(default_factory=dict)
    returns: tuple[str, ...] | None = None
    weight_axes: str | None = None
    layout: str | None = None
    learning_rate: str | None = None
    array_module: str | None = None


@dataclass(frozen=True)
class Program:
    """What the child is to do in one case.

    Attributes
    ----------
    arrays : the inputs, as the layer wants them
    steps : what to do
    results : which values to send back
    before : what to do once beforehand, where `steps` are repeated on what it has made
    each : the inputs that hold a sample for each repetition
    array_module : whose arrays the layer takes
    """

    arrays: Mapping[str, HostArray]
    steps: Sequence[Step]
    results: Sequence[str]
    before: Sequence[Step] = ()
    each: Sequence[str] = ()
    array_module: str = "numpy"


@dataclass(frozen=True)
class Raw:
    """What came back from the child.

    Attributes
    ----------
    tensors : arrays by the names of the results; "back.1" is the second of a tuple, "back.dW" an entry of a dictionary
    problems : what is wrong with a result that is no array of numbers, in words
    changed : which of the inputs were changed in place
    kept : dtype and shape of the arrays that hold the layer's state
    read : the keys of a dictionary of options that were looked at
    seen : the shapes of all arrays that an object holds, if that was asked
    """

    tensors: Tensors
    problems: Mapping[str, str]
    changed: list[str] = field(default_factory=list)
    kept: Mapping[str, tuple[str, Shape]] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)
    seen: Mapping[str, Shape] = field(default_factory=dict)

    def take(self, name: str) -> HostArray | str:
        """The result of that name, or what is wrong with it."""
        return self.tensors[name] if name in self.tensors else self.problems.get(name, "is missing")

    def early(self, name: str) -> HostArray | str:
        """The result of that name as it was before later calls, if there were any."""
        return self.take(f"first {name}" if self.has_early(name) else name)

    def is_overwritten(self, name: str) -> bool:
        """Whether later calls have changed a result."""
        if not self.has_early(name) or f"first {name}" not in self.tensors or name not in self.tensors:
            return False
        return self.tensors[name].tobytes() != self.tensors[f"first {name}"].tobytes()

    def has_early(self, name: str) -> bool:
        """Whether a result was copied before later calls."""
        return f"first {name}" in {*self.tensors, *self.problems}

    def parts(self, name: str) -> list[str]:
        """The names of the parts of a result that is a tuple, a list or a dictionary, in order."""
        return [each for each in [*self.tensors, *self.problems] if each.startswith(f"{name}.")]


@dataclass(frozen=True)
class Answer:
    """What a layer computed in one case, arranged as torch's tensors are.

    Attributes
    ----------
    tensors : by torch's name
    problems : what is wrong with a tensor that is no array of numbers, in words
    changed : which of the inputs the layer changed
    kept : dtype and shape of each array in which the layer keeps its state
    overwritten : the tensors that a later call has changed, after they were returned
    """

    tensors: Tensors
    problems: Mapping[str, str]
    changed: list[str]
    kept: Mapping[str, tuple[str, Shape]]
    overwritten: Sequence[str] = ()


Run: TypeAlias = Callable[[Program], Raw]


@dataclass(frozen=True, kw_only=True)
class Adapter(ABC, Generic[C]):
    """How something of somebody's is called: one reading of it.

    Attributes
    ----------
    op : torch's name of what it is compared with
    name : its own
    array_module : whose arrays it takes
    backward : whether it offers the gradients
    no_backward : what a backward does that is there and not implemented
    """

    op: str
    name: str
    array_module: str = "numpy"
    backward: bool = True
    no_backward: str = ""

    style: ClassVar[str]
    unclaimed: ClassVar[Mapping[str, str]] = {"an empty batch": ""}
    """What counts as not offered where nothing else is wrong -> how the reason begins, if not any will do."""

    @abstractmethod
    def fit(self, case: C) -> C:
        """The case without what can be left out of it for this layer."""

    @abstractmethod
    def lacks(self, case: C) -> list[str]:
        """What a fitted case needs and the layer does not offer, in words, as far as one can see beforehand."""

    @abstractmethod
    def program(self, case: C, inputs: Inputs, dtype: str, look: bool = False, after_another: bool = False) -> Program:
        """What the child is to do in a fitted case.

        Parameters
        ----------
        case, inputs, dtype : what to run
        look : whether to say which arrays the layer holds in the end
        after_another : whether to run on other numbers first, where that should make no difference
        """

    @abstractmethod
    def answer(self, case: C, inputs: Inputs, raw: Raw) -> Answer:
        """What came back, arranged as torch's tensors are."""

    @abstractmethod
    def assumed(self) -> list[str]:
        """What was assumed, in words, a line each."""

    def titled(self) -> str:
        """The style, in words."""
        return self.style

    def refined(self, case: C, raw: Raw) -> Self:
        """The reading that what came back suggests; the same if it suggests none."""
        return self

    def offers(self, tensor: str, case: C) -> bool:
        """Whether the layer offers one of torch's tensors."""
        return self.backward or not tensor.startswith("d")

    def law(self, case: C, tensor: str, law: Law | None, inputs: Inputs, eps: float) -> Law | None:
        """The law of a tensor, where the way in which it was got adds to it."""
        return law

    def not_offered(self) -> dict[str, str]:
        """What is not offered in any case -> why that is known."""
        return {} if self.backward else {"backward": self.no_backward}

    def notes(self) -> list[str]:
        """What is good to know, in words."""
        return []

    def through_keywords(self, case: C) -> list[str]:
        """What of a case goes through **kwargs, so that only a run tells whether it is offered."""
        return []

    def peculiarities(self, case: C) -> list[str]:
        """What a fitted case takes for granted that not everybody offers, in words."""
        return peculiarities(case)

    def is_repeatable(self, case: C) -> bool:
        """Whether it makes sense to run it again after another call."""
        return False
