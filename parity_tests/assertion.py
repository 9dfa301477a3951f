"""What `assert_parity` does: check's adapters, cases and laws, on classes and functions of this very process."""

import inspect
import json
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from parity_tests.check import child, show
from parity_tests.check.adapters import Unmatched
from parity_tests.check.examine import Examination, examine
from parity_tests.check.map_file import wanted
from parity_tests.check.process import Failure, NoChild, Process, Refused
from parity_tests.check.reading import read
from parity_tests.check.target import UsageError, checked_like, partner
from parity_tests.diagnosis import text
from parity_tests.harness.case import DTYPES


class InPlace(Process):
    """Classes and functions of this process, asked without a child: what they print and allocate is not limited.

    Parameters
    ----------
    home : the module that they are from
    things : them, by name; they need not be in the module
    folder : an empty folder, for the exchange
    """

    def __init__(self, home: Any, things: Mapping[str, Any], folder: Path) -> None:
        file = Path(getattr(home, "__file__", None) or "?")
        super().__init__(file, folder, 0.0, file.name)
        self.module = SimpleNamespace(**{**vars(home), **things})

    def ask(self, do: str, **request: Any) -> Any:
        """Answer a request here and now, just as the child would.

        Raises
        ------
        Failure, Refused, NoChild
            as the process does
        """
        with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
            answer = child.answer_to({"do": do} | as_sent(request), lambda: self.module, str(self.file))
        return self.told(as_sent(answer))


def as_sent(message: dict[str, Any]) -> dict[str, Any]:
    """A message as it comes out of the channel between two processes: tuples are lists there."""
    sent: dict[str, Any] = json.loads(json.dumps(message))
    return sent


def complaint(
    layer: Callable[..., Any],
    backward: Callable[..., Any] | None,
    like: str | None,
    dtype: str | Sequence[str] | None,
    seed: int,
    table: dict[str, Any],
) -> str:
    """What is wrong with a layer, "" if nothing is; the arguments are those of `assert_parity`.

    Raises
    ------
    ValueError
        if it cannot be called as such a layer, or nothing of it can be compared
    """
    dtypes = [dtype] if isinstance(dtype, str) else list(dtype or DTYPES)
    if unknown := set(dtypes) - set(DTYPES):
        raise ValueError(f"dtype {', '.join(sorted(map(str, unknown)))}: there are {', '.join(DTYPES)}")
    name = name_of(layer)
    things = {name: layer}
    if backward is not None:
        table["backward"] = name_of(backward)
        things[table["backward"]] = backward
    home = sys.modules.get(getattr(layer, "__module__", ""), SimpleNamespace(__name__=""))
    with tempfile.TemporaryDirectory() as folder, torch.random.fork_rng(devices=[]):
        of_numpy = np.random.get_state()  # noqa: NPY002 - the generator that all share
        process = InPlace(home, things, Path(folder))
        try:
            its = wanted("map", name, table | ({"like": checked_like(like)} if like is not None else {}))
            if inspect.isroutine(layer) and its.hints.backward is None:
                back = partner(name, process.ask("contents")["functions"])
                its = replace(its, hints=replace(its.hints, backward=back))
            adapter = read(process, its.like, its.name, its.hints)
            found = examine(process, adapter, dtypes, seed)
        except (UsageError, Unmatched, Refused, Failure, NoChild) as reason:
            raise ValueError(
                f"{name} cannot be compared{f' with {like}' if like else ''}: {str(reason).removeprefix('--')}"
            ) from None
        finally:
            np.random.set_state(of_numpy)  # noqa: NPY002
    if not found.compared:
        raise ValueError(f"{name}: nothing can be compared, every case needs one of {', '.join(found.lacks)}")
    return "" if found.agrees else told(found, name)


def name_of(thing: Any) -> str:
    """The name of a class or function.

    Raises
    ------
    ValueError
        if it is neither
    """
    if inspect.isclass(thing) or inspect.isroutine(thing):
        return str(thing.__name__)
    kind = type(thing).__name__
    hint = f", the class {kind} itself rather than one of it" if hasattr(thing, "forward") else ""
    raise ValueError(f"a class or a function is needed{hint}: this is a {kind}")


def told(found: Examination, name: str) -> str:
    """The verdict, the diagnosis, and the worst element of each tensor."""
    lines = [show.verdict_on(found, name)]
    if found.diagnosis is not None:
        lines += [text.named(found.diagnosis), text.unexplained(found.diagnosis)]
    lines += [*show.worst(found.findings), *show.worst(found.again, ", in a second call"), *show.failures(found)]
    return "\n".join(filter(None, lines))
