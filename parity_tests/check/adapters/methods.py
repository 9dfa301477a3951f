"""How the methods of a class are called: what each of their arguments means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parity_tests.check.adapters.base import Hints, Step, Unmatched
from parity_tests.check.adapters.names import BACKWARD, CACHES, DY, FORWARD, MODES, RATES, TRAINING, X
from parity_tests.check.adapters.options import STARS, Described, shown


@dataclass(frozen=True, kw_only=True)
class Method:
    """How a method is called: its name, and what each argument is, by the names of values or of what a run knows."""

    name: str
    arguments: Mapping[str, str]

    def means(self, meaning: str) -> str | None:
        """The argument that means this; None if there is none."""
        return next((mine for mine, its in self.arguments.items() if its == meaning), None)

    def step(
        self,
        to: str,
        of: str,
        run: Mapping[str, Any],
        renamed: Mapping[str, str] | None = None,
        also: Mapping[str, Any] | None = None,
    ) -> Step:
        """The step that calls it.

        Parameters
        ----------
        to : the name of the value that it gives
        of : the value whose method it is; "" for a function
        run : what arguments may mean that is no value -> what to pass
        renamed : values that go by another name
        also : further arguments
        """
        names = {name: (renamed or {}).get(name, name) for name in self.arguments.values()}
        values = [run[its] if its in run else {"$": names[its]} for its in self.arguments.values()]
        called = of if self.name == "__call__" else f"{of}.{self.name}".lstrip(".")
        by_name = dict(zip(self.arguments, values, strict=True)) | dict(also or {})
        first = next(iter(by_name), None)
        return ["call", to, called, [by_name.pop(first)] if first is not None else [], by_name]


def methods_of(described: Mapping[str, Any], hints: Hints) -> tuple[Method, Method | None]:
    """A layer's forward and backward, with the meaning of each argument.

    Raises
    ------
    Unmatched
        if there is no forward, or one of them needs something unknown
    """
    methods: Mapping[str, Any] = described["methods"]
    name = called(methods, hints.forward, FORWARD)
    if name is None:
        raise Unmatched("it has neither forward nor __call__")
    forward = method(name, methods[name], {"x": X, "training": TRAINING, "mode": MODES}, ("x",), "forward(x)")
    name = called(methods, hints.backward, BACKWARD)
    if name is None:
        return forward, None
    rates = (*RATES, *([hints.learning_rate.lower()] if hints.learning_rate else []))
    known = {"learning_rate": rates, "cache": CACHES, "dy": DY, "x": X, "training": TRAINING}
    ways = "backward(dy), backward(dy, cache) or backward(d_out, learning_rate)"
    backward = method(name, methods[name], known, ("dy",), ways)
    if "dy" not in backward.arguments.values():
        raise Unmatched(f"its {name} takes no upstream gradient")
    return forward, backward


def called(methods: Mapping[str, Any], hint: str | None, names: Sequence[str]) -> str | None:
    """The name of a method: as the map file says, or the first that there is.

    Raises
    ------
    Unmatched
        if the map file names one that there is not
    """
    if hint is not None and hint not in methods:
        raise Unmatched(f"it has no {hint}, which the map file names")
    return hint or next((name for name in names if name in methods), None)


def method(
    name: str, arguments: Described, known: Mapping[str, Sequence[str]], in_order: Sequence[str], ways: str
) -> Method:
    """What the arguments of a method mean.

    Parameters
    ----------
    name : of the method
    arguments : as the child describes them
    known : what an argument may mean -> the names that it may then have
    in_order : what the first mean that have unknown names
    ways : how it may be called, for a message

    Raises
    ------
    Unmatched
        if one is required that means nothing
    """
    if arguments and arguments[0]["kind"] == "VAR_POSITIONAL":
        return Method(name=name, arguments={arguments[0]["name"]: in_order[0]} if in_order else {})
    named = [each for each in arguments if each["kind"] not in STARS]
    found: dict[str, str] = {}
    for each in sorted(named, key=lambda one: not one["required"]):
        meanings = [its for its, words in known.items() if each["name"].lower() in words and its not in found.values()]
        if meanings and (each["required"] or meanings[0] not in ("x", "target")):
            found[each["name"]] = meanings[0]
    for each in named:
        missing = [its for its in in_order if its not in found.values()]
        if each["required"] and each["name"] not in found and missing:
            found[each["name"]] = missing[0]
    strange = [each["name"] for each in named if each["required"] and each["name"] not in found]
    if strange:
        raise Unmatched(f"its {name}{shown(arguments)} needs {' and '.join(strange)}; {ways} is known")
    return Method(name=name, arguments={each["name"]: found[each["name"]] for each in named if each["name"] in found})
