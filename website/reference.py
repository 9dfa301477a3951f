"""The reference: a page for each module, from its docstrings, and one that lists them."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("scratch", "gpu", "parity_tests", "benchmarks", "lessons")
LEFT_OUT = {"notebooks", "tests", "mutants", "check_samples"}
"""Folders whose modules are run, and not read up."""


def reference() -> dict[str, str]:
    """The pages by their paths on the site."""
    pages, lines, last = {}, ["# Reference", "", "Every public function and class, from its docstring."], ""
    for name, about in modules():
        package = name.partition(".")[0]
        if package != last:
            lines += ["", f"## {package}", "", "| module | |", "|---|---|"]
            last = package
        lines.append(f"| [{name}]({name}.md) | {about.replace('|', '&#124;')} |")
        pages[f"reference/{name}.md"] = f"# {name}\n\n::: {name}\n"
    return pages | {"reference/index.md": "\n".join(lines) + "\n"}


def modules() -> Iterator[tuple[str, str]]:
    """Every module that has something to look up, and the first line of what it says about itself."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if LEFT_OUT & {*parts} or serves_tests(path):
                continue
            tree = ast.parse(path.read_text(encoding="utf-8"))
            if any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in tree.body):
                about = (ast.get_docstring(tree) or "").partition("\n")[0]
                yield ".".join(part for part in parts if part != "__init__"), about


def serves_tests(path: Path) -> bool:
    """Whether a module is a test, or lies in a folder of tests."""
    if path.stem.startswith(("test_", "conftest")):
        return True
    return path.parent.name != "parity_tests" and any(path.parent.glob("test_*.py"))
