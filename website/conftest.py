"""Where what this folder needs is not installed, as on a machine that is there for its GPU, pytest leaves it out."""

from importlib.util import find_spec
from typing import Any

MISSING = [module for module in ("griffe", "marimo", "mkdocs") if find_spec(module) is None]

collect_ignore_glob = ["*"] if MISSING else []


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if MISSING:
        terminalreporter.section("left out, and why")
        terminalreporter.write_line(f"website/: {', '.join(MISSING)} missing; pip install -e '.[test]' brings it")
