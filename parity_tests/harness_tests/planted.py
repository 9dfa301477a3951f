"""Namespaces made for a test: scratch, with an algorithm or a class replaced by a wrong one, or by another right one.

planted("flipped kernel", conv2d=altered(conv, conv2d=...))      an algorithm, by the name of its table
planted("missing eps", BatchNorm2d=...)                          a layer, by its name
planted("eps inside the root", Adam=...)                         an optimiser, by its name
planted("border off by one", images=altered(images, ...))        the image filters
"""

import warnings
from dataclasses import dataclass, fields, replace
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

import scratch
from parity_tests.harness.case import Case
from parity_tests.harness.implementations import Implementation
from parity_tests.harness.layer_case import LayerCase
from parity_tests.report.gather import findings_of, promises_of
from scratch import images, layers, optim
from scratch.backend import Backend, bind

TABLES = {field.name for field in fields(Backend)} - {"correlate2d"}  # filters find their table by their namespace


@dataclass(frozen=True)
class Planted(Implementation):
    """An implementation whose namespace was made rather than imported."""

    nn: Any = None


def planted(name: str, **replaced: Any) -> Planted:
    """Make a namespace like scratch, but for what is given by its name."""
    tables = {key: {"planted": value} for key, value in replaced.items() if key in TABLES}
    classes = {key: value for key, value in replaced.items() if key not in TABLES}
    unknown = classes.keys() - {*layers.__all__, *optim.__dict__, "images"}
    if unknown:
        raise ValueError(f"{sorted(unknown)}: neither a table of Backend, nor a layer, an optimiser or images")
    backend = replace(scratch.backend, name=name, **tables)
    names: dict[str, Any] = dict(bind(backend, SimpleNamespace(**vars(layers) | classes)))  # type: ignore[arg-type]
    names |= {"optim": SimpleNamespace(**vars(optim) | classes), "images": classes.get("images", images)}
    return Planted(name, nn=SimpleNamespace(**vars(scratch) | names | {"backend": backend}))


def altered(module: ModuleType, **functions: Any) -> SimpleNamespace:
    """A module with some of its functions replaced."""
    unknown = functions.keys() - vars(module).keys()
    if unknown:
        raise ValueError(f"{module.__name__} has no {sorted(unknown)}")
    return SimpleNamespace(**vars(module) | functions)


def accusations(case: Case, implementation: Implementation, dtype: str = "float32") -> list[str]:
    """Everything that the suite has to say against an implementation on one case."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # what is wrong may overflow on its way
        findings = findings_of(case, implementation, dtype, seed=0)
        broken = promises_of(case, implementation) if isinstance(case, LayerCase) else []
    return [f"{f.tensor} {f.ours.verdict} {f.ours.reason}" for f in findings if not f.ours.verdict.agrees] + broken
