"""--map: what cannot be guessed, said by hand. A table for each layer, in TOML.

[Conv]                                       # the class or function, or any name for the report
class = "Conv"                               # or function = "conv_forward"
like = "Conv2d"
arguments = { n_maps = "out_channels" }      # of the constructor or the function -> torch's
constants = { activation = "none" }          # passed as they are
forward = "run"                              # the method
backward = "back"                            # the method; of a function, its partner
weight = "theta.kernel"                      # where it is; bias, running_mean, running_var likewise
weight_gradient = "slopes.kernel"            # bias_gradient likewise
returns = ["dx", "dweight", "dbias"]         # what backward returns, in order
weight_axes = "HWIO"                         # the order of its axes; torch's is OIHW, or OI
transposed = true                            # the same as weight_axes = "IO"
layout = "sample"                            # batch, column, columns, channels last, ...: how x goes in
learning_rate = "speed"                      # the argument that is one
arrays = "numpy"                             # or torch, cupy
style = "class"                              # the only one to try
"""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from parity_tests.check.adapters import STYLES, Hints
from parity_tests.check.adapters.layouts import BY_NAME
from parity_tests.check.adapters.state import AXES
from parity_tests.check.target import UsageError, Wanted, checked_like, guess

STATE = ("weight", "bias", "running_mean", "running_var")
GRADIENTS = ("weight_gradient", "bias_gradient")
RETURNED = ("dx", "dweight", "dbias")

KEYS: Mapping[str, type[Any]] = {
    "class": str,
    "function": str,
    "like": str,
    "arguments": dict,
    "constants": dict,
    "forward": str,
    "backward": str,
    **dict.fromkeys((*STATE, *GRADIENTS), str),
    "returns": list,
    "weight_axes": str,
    "transposed": bool,
    "layout": str,
    "learning_rate": str,
    "arrays": str,
    "style": str,
}
"""What a table may say, and of which type it is."""

CHOICES: Mapping[str, tuple[str, ...]] = {
    "layout": tuple(BY_NAME),
    "arrays": ("numpy", "torch", "cupy"),
    "style": tuple(STYLES),
    "weight_axes": tuple(order for orders in AXES.values() for order in orders),
}
"""The words that are allowed, where not every word is."""

TYPES = {str: "a text", dict: "a table", list: "a list", bool: "true or false"}


def read_map(path: Path) -> list[Wanted]:
    """Read what is to be checked.

    Raises
    ------
    UsageError
        if there is no such file, or it says what it should not
    """
    try:
        with path.open("rb") as file:
            tables = tomllib.load(file)
    except OSError as error:
        raise UsageError(f"--map {path}: {(error.strerror or 'it cannot be read').lower()}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"--map {path} is no TOML: {' '.join(str(error).split())}") from None
    if not tables:
        raise UsageError(f"--map {path} names no layer; a table for each is needed, such as [Conv]")
    return [wanted(f"--map {path}", name, table) for name, table in tables.items()]


def wanted(where: str, name: str, table: Any) -> Wanted:
    """Read one table.

    Raises
    ------
    UsageError
        if it says what it should not
    """
    if not isinstance(table, dict):
        raise UsageError(f"{where}: {name} stands outside of any table; begin with the name of a layer, such as [Conv]")
    where = f"{where}, [{name}]"
    for key, value in table.items():
        check(where, key, value)
    if {"class", "function"} <= table.keys():
        raise UsageError(f"{where}: class and function exclude each other")
    called = table.get("class") or table.get("function") or name
    like = table.get("like") or guess(called)
    if like is None:
        raise UsageError(f'{where} does not say what it is like: add like = "Conv2d", for instance')
    try:
        like = checked_like(like)
    except UsageError as error:
        raise UsageError(f"{where}: {str(error).removeprefix('--')}") from None
    if table.get("transposed") and "weight_axes" in table:
        raise UsageError(f"{where}: transposed and weight_axes say the same; one of them is enough")
    return Wanted(
        called,
        like,
        Hints(
            style=table.get("style"),
            arguments=table.get("arguments", {}),
            constants={key: tuple(v) if isinstance(v, list) else v for key, v in table.get("constants", {}).items()},
            forward=table.get("forward"),
            backward=table.get("backward"),
            names={key: table[key] for key in STATE if key in table},
            gradients={key.removesuffix("_gradient"): table[key] for key in GRADIENTS if key in table},
            returns=tuple(table["returns"]) if "returns" in table else None,
            weight_axes="IO" if table.get("transposed") else table.get("weight_axes"),
            layout=table.get("layout"),
            learning_rate=table.get("learning_rate"),
            array_module=table.get("arrays"),
        ),
    )


def check(where: str, key: str, value: Any) -> None:
    """See that a key is known and its value of the right kind.

    Raises
    ------
    UsageError
        if not
    """
    if key not in KEYS:
        near = difflib.get_close_matches(key, KEYS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(KEYS)}"
        raise UsageError(f"{where}: {key} is unknown; {hint}")
    kind = KEYS[key]
    if not isinstance(value, kind):
        raise UsageError(f"{where}: {key} = {value!r} should be {TYPES[kind]}")
    if key in CHOICES and value not in CHOICES[key]:
        raise UsageError(f"{where}: {key} = {value!r} is none of {', '.join(CHOICES[key])}")
    if isinstance(value, list) and not all(one in RETURNED for one in value):
        raise UsageError(f"{where}: returns = {value!r} may name {', '.join(RETURNED)}")
    if isinstance(value, dict) and key == "arguments" and not all(isinstance(its, str) for its in value.values()):
        raise UsageError(f"{where}: arguments = {value!r} should give a name of torch's for each; see constants")
