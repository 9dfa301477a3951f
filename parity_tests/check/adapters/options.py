"""The arguments of a constructor or a function, matched with torch's options by their names.

What an argument means is written as a word:

    stride             an option of torch's
    kernel_size[0]     the first of a pair
    $weight            an array of the case
    dtype, training, mode, input_shape, learning_rate      what is known of the run
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from inspect import Parameter
from typing import Any

from parity_tests.check.adapters.base import Hints, Unmatched
from parity_tests.check.adapters.names import MODES, OPTIONS, SYNONYMS, TRAINING
from parity_tests.check.cases import given, torch_defaults
from parity_tests.harness.case import Case

LEARNING_RATE = 2.0**40
"""A power of two: to multiply and to divide by it is exact."""

KNOWN_WITHOUT_TORCH = {"input_shape": ("input_shape", "in_shape", "shape", "input_dims"), "dtype": ("dtype",)}

STARS = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}
"""The kinds of arguments that stand for any number of others, and how they are written."""

Described = Sequence[Mapping[str, Any]]
"""The arguments of something, as child.py describes them."""


@dataclass(frozen=True)
class Options:
    """The arguments that are known.

    Attributes
    ----------
    op : torch's name of the layer
    arguments : their names -> what they mean
    defaults : their defaults; `Parameter.empty` where one is required
    takes_any : whether there are **kwargs
    constants : what is passed as it is
    settled : options of torch's that need not be passed, since they are seen to otherwise
    """

    op: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    takes_any: bool = False
    constants: Mapping[str, Any] = field(default_factory=dict)
    settled: frozenset[str] = frozenset()

    def takes(self, option: str) -> bool:
        """Whether one of torch's options can be passed."""
        meanings = set(self.arguments.values())
        if option in ("in_channels", "in_features") and "input_shape" in meanings:
            return True
        return self.takes_any or option in meanings or {f"{option}[0]", f"{option}[1]"} <= meanings

    def lacks(self, case: Case) -> list[str]:
        """The options of a case that cannot be passed, and that are not torch's defaults."""
        defaults = torch_defaults(self.op)
        missing = [
            name
            for name, value in given(case).items()
            if name not in self.settled and not self.takes(name) and value != defaults[name]
        ]
        return ["bias=False" if name == "bias" else name for name in missing]

    def call(self, case: Case, run: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments for a case: those that it gives, and those that are demanded or whose default is not torch's.

        Parameters
        ----------
        case : what is to be run
        run : what else is known, by the words that arguments may mean (training, dtype, ...)
        """
        values = given(case)
        torch = torch_defaults(self.op)
        if torch.get("stride", 0) is None:  # of a pool
            torch["stride"] = values["kernel_size"]
        call = dict(self.constants)
        for mine, meaning in self.arguments.items():
            its, _, index = meaning.partition("[")
            if its.startswith("$"):
                call[mine] = {"$": its[1:]}
            elif its in run:
                call[mine] = run[its]
            elif its in values:
                call[mine] = part(values[its], index)
            elif self.defaults[mine] is Parameter.empty or (mine in self.other_defaults() and torch[its] is not None):
                call[mine] = part(torch[its], index)
        return call | {name: values[name] for name in self.through_keywords(case)}

    def through_keywords(self, case: Case) -> list[str]:
        """What of a case is passed through **kwargs, by torch's names."""
        if not self.takes_any:
            return []
        torch = torch_defaults(self.op)
        others = [name for name, value in given(case).items() if value != torch[name]]
        return [name for name in others if name not in {*self.arguments.values(), *self.settled}]

    def other_defaults(self) -> dict[str, Any]:
        """The arguments whose default is not torch's, where both have one."""
        torch = torch_defaults(self.op)
        found = {}
        for mine, meaning in self.arguments.items():
            its, _, index = meaning.partition("[")
            both = its in torch and its != "dtype" and Parameter.empty not in (self.defaults[mine], torch[its])
            if both and self.defaults[mine] != part(torch[its], index):
                found[mine] = self.defaults[mine]
        return found

    def notes(self) -> list[str]:
        """A sentence for each default that is not torch's."""
        torch, notes = torch_defaults(self.op), []
        for mine, default in self.other_defaults().items():
            its, _, index = self.arguments[mine].partition("[")
            if its == "dim":
                notes.append(
                    f"The default of {mine} is {default!r}, torch's goes by the dimensions: it was always passed."
                )
            elif torch[its] is not None or its == "stride":
                value = part(torch[its], index)
                notes.append(f"The default of {mine} is {default!r}, torch's is {value!r}: torch's was passed.")
        return notes

    def shown(self) -> str:
        """The arguments in one line, with what they are taken for."""
        known = [mine if mine == its else f"{mine}={its.lstrip('$')}" for mine, its in self.arguments.items()]
        known += [f"{mine}={value!r}" for mine, value in self.constants.items()]
        return ", ".join([*known, "**torch's"] if self.takes_any else known)


def part(value: Any, index: str) -> Any:
    """A value, or the one of its pair that a meaning such as kernel_size[0] names."""
    return value[int(index[0])] if index and isinstance(value, tuple) else value


def match(
    op: str,
    what: str,
    arguments: Described,
    hints: Hints,
    also: Mapping[str, Sequence[str]] | None = None,
    in_order: Sequence[str] = (),
) -> Options:
    """Match arguments with torch's options.

    Parameters
    ----------
    op : torch's name of the layer
    what : what takes the arguments, for messages: "its constructor"
    arguments : as the child describes them
    hints : of the map file
    also : what else an argument may mean -> the names that it may then have; this goes before torch's options
    in_order : what the first arguments mean, one after the other, if no argument has a name that says that it means it

    Raises
    ------
    Unmatched
        if an argument is required that nothing is known about
    """
    meanings: dict[str, str] = {}
    defaults, unknown = {}, []
    named = [each for each in arguments if each["kind"] not in STARS]
    see_hints(op, what, arguments, hints, also or {})
    for each in named:
        name = each["name"]
        default = tuple(each["default"]) if isinstance(each["default"], list) else each["default"]
        defaults[name] = Parameter.empty if each["required"] else default
        if name in hints.constants:
            continue
        its = hinted(name, hints, also or {}) or meaning_of(op, name, also or {}, meanings)
        if its is None and each["required"]:
            its = next(
                (one for one in in_order if one not in meanings.values() and not said(one, named, also or {})), None
            )
        if its is not None:
            meanings[name] = its
        elif each["required"]:
            unknown.append(name)
    takes_any = any(each["kind"] == "VAR_KEYWORD" for each in arguments)
    if unknown:
        raise Unmatched(
            f"{what} {shown(arguments)} needs {' and '.join(unknown)}, which is unknown to torch's {op}"
            f"({', '.join(torch_defaults(op))}) under this and any similar name; --map can tell what it is"
        )
    constants = {name: value for name, value in hints.constants.items() if takes_any or name in defaults}
    return Options(op, meanings, defaults, takes_any, constants)


def hinted(name: str, hints: Hints, also: Mapping[str, Sequence[str]]) -> str | None:
    """What the map file says that an argument means; arrays have a $ before their names here."""
    its = hints.arguments.get(name)
    return f"${its}" if f"${its}" in also else its


def see_hints(op: str, what: str, arguments: Described, hints: Hints, also: Mapping[str, Sequence[str]]) -> None:
    """See that what the map file says of arguments can be so.

    Raises
    ------
    Unmatched
        if it names an argument that there is not, or a meaning that there is not
    """
    names = {each["name"] for each in arguments}
    takes_more = any(each["kind"] == "VAR_KEYWORD" or each["name"].lower() in OPTIONS for each in arguments)
    for mine, its in hints.arguments.items():
        if mine not in names and not takes_more and not hints.backward:
            raise Unmatched(f"{what} {shown(arguments)} has no argument {mine}, which the map file names")
        if its.partition("[")[0] not in {
            *torch_defaults(op),
            *(each.lstrip("$") for each in also),
            *KNOWN_WITHOUT_TORCH,
        }:
            torch = ", ".join(torch_defaults(op))
            raise Unmatched(f"the map file takes {mine} for {its}, which is no argument of torch's {op}({torch})")


def said(meaning: str, arguments: Described, also: Mapping[str, Sequence[str]]) -> bool:
    """Whether the name of one of the arguments says that it has a certain meaning."""
    return any(each["name"].lower() in also.get(meaning, ()) for each in arguments)


def meaning_of(op: str, name: str, also: Mapping[str, Sequence[str]], taken: Mapping[str, str]) -> str | None:
    """What an argument of that name means; None if nobody knows."""
    word = name.lower()
    for meaning, names in also.items():
        if word in names and meaning not in taken.values():
            return meaning
    torch = torch_defaults(op)
    options = [*torch, *(each for each in SYNONYMS if "[" in each and each.partition("[")[0] in torch)]
    fitting = [each for each in options if word == each or word in SYNONYMS.get(each, ())]
    free = [each for each in fitting if each not in taken.values()]
    if free:
        return free[0]
    others = {**KNOWN_WITHOUT_TORCH, "training": TRAINING, "mode": MODES}
    return next((meaning for meaning, names in others.items() if word in names), None)


def demand(options: Options, what: str, arguments: Described) -> None:
    """See that everything can be passed that torch's constructor needs.

    Raises
    ------
    Unmatched
        if not
    """
    torch = torch_defaults(options.op)
    needed = [name for name, default in torch.items() if default is Parameter.empty and name not in options.settled]
    missing = [name for name in needed if not options.takes(name)]
    told = {"in_channels", "in_features"}  # by the first x
    if options.op in ("MaxPool2d", "AvgPool2d"):
        told.add("kernel_size")  # by the shape of y, where it is always the same
    if not set(missing) <= told:
        hints = "; ".join(f"{name} may also be called {', '.join(SYNONYMS[name][:8])}" for name in missing)
        raise Unmatched(f"{what} {shown(arguments)} takes no {' and no '.join(missing)} ({hints})")


def shown(arguments: Described) -> str:
    """The arguments as they are written."""
    return f"({', '.join(STARS.get(each['kind'], '') + each['name'] for each in arguments)})"
