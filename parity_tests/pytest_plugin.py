"""Check a layer as tests: `pytest --parity-layer mylayers.py:Conv --like Conv2d`, an item for each case.

Installing the project brings this plugin. It does nothing unless --parity-layer is given: then each layer is read and
run as by `python -m parity_tests check`, in a child process, and what it does not offer is skipped with the reason.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # at the start of somebody's pytest nothing else may be imported
    from _pytest._code.code import ExceptionInfo, TerminalRepr

    from parity_tests.pytest_layers import Layer

PROMISES = "what is promised beside the numbers"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("parity", "comparison of layers with PyTorch")
    group.addoption(
        "--parity-layer",
        action="append",
        default=[],
        metavar="FILE.py:Name",
        help="compare a class or function with torch's, a test for each case; may be repeated",
    )
    group.addoption(
        "--like", action="append", default=[], metavar="LAYER",
        help="torch's name of it, one for each --parity-layer in order; not needed where the name tells",
    )  # fmt: skip


@pytest.hookimpl(tryfirst=True)  # before -k and -m choose
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the cases of every layer."""
    words, likes = config.getoption("--parity-layer"), config.getoption("--like")
    if len(likes) not in ((0, len(words)) if words else (0,)):
        raise pytest.UsageError(f"{len(words)} --parity-layer and {len(likes)} --like: one for each is needed, or none")
    for word, like in zip(words, likes or [None] * len(words), strict=True):
        items += Layers.from_parent(session, name=word, nodeid=word, word=word, like=like).collect()


class Layers(pytest.Collector):
    """What one --parity-layer names: a layer, or all known ones of a file."""

    def __init__(self, *, word: str, like: str | None, **of_node: Any) -> None:
        super().__init__(**of_node)
        self.word, self.like = word, like

    def collect(self) -> "Iterator[Case]":
        """An item for each case of each layer, and one for its promises.

        Raises
        ------
        pytest.UsageError
            if there is no such layer, or it cannot be called
        """
        try:
            from parity_tests.pytest_layers import NotChecked, layers
        except ModuleNotFoundError as error:
            raise pytest.UsageError(f'--parity-layer needs {error.name}: pip install -e ".[torch]" brings it') from None
        try:
            for layer in layers(self.word, self.like):
                for name in [*layer.cases, PROMISES]:
                    yield Case.from_parent(
                        self, name=name, nodeid=f"{layer.file}::{layer.wanted.name}::{name}", layer=layer
                    )
        except NotChecked as reason:
            raise pytest.UsageError(f"--parity-layer {reason}") from None


class Disagrees(Exception):  # noqa: N818  (a verdict, not a defect)
    """What is wrong in a case, in words."""


class Case(pytest.Item):
    """One case of one layer."""

    def __init__(self, *, layer: "Layer", **of_node: Any) -> None:
        super().__init__(**of_node)
        self.layer = layer

    def runtest(self) -> None:
        """Pass, fail or skip, by what was found out; the first item of a layer finds it out."""
        if self.name != PROMISES and (reason := self.layer.why_not(self.name)):
            pytest.skip(reason)
        complaint = self.layer.broken() if self.name == PROMISES else self.layer.complaint(self.name)
        if complaint:
            raise Disagrees(complaint)

    def repr_failure(self, excinfo: "ExceptionInfo[BaseException]", style: Any = None) -> "str | TerminalRepr":
        """The verdict alone, without a traceback of ours."""
        return str(excinfo.value) if isinstance(excinfo.value, Disagrees) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Where it stands: in the layer's file."""
        return self.layer.path, None, f"{self.layer.wanted.name} {self.name}"
