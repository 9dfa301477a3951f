"""docs/add-an-op.md: every file and test that it names is there, its code is the code, and no file is left out."""

import ast
import re

import pytest

from parity_tests.documentation.pages import PAGES, ROOT, blocks, links

PAGE = "docs/add-an-op.md"
TEXT = PAGES[PAGE].read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(parity_tests/[\w/]+\.py)::(\w+)`", TEXT)))
ELSEWHERE = {
    "parity_tests/test_coverage.py",  # a layer of that name, made up
    "parity_tests/modules/test_numpy_scalars.py",  # of any layer with an option of one number
    "parity_tests/documentation/test_add_an_op.py",
}
"""Files that say LeakyReLU and are none of its own."""


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_a_test_that_is_named_is_there(file: str, test: str):
    tree = ast.parse(ROOT.joinpath(file).read_text(encoding="utf-8"))
    assert test in [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize("block", blocks(TEXT, "python"), ids=lambda block: f"line {block.line}")
def test_the_code_is_that_of_the_file(block):
    head, _, code = block.code.partition("\n")
    assert code in ROOT.joinpath(head.removeprefix("# ")).read_text(encoding="utf-8")


def test_a_file_or_folder_that_a_command_names_is_there():
    words = [word for block in blocks(TEXT, "console") for word in block.code.split()]
    paths = [word.partition(":")[0] for word in words if word.startswith("parity_tests/")]
    assert paths
    assert [path for path in paths if not ROOT.joinpath(path).exists()] == []


def test_every_file_that_names_the_op_is_on_the_page():
    """So that a table that is new, and has a line for each op, comes onto the page."""
    files = [file for folder in ("scratch", "gpu", "parity_tests") for file in ROOT.joinpath(folder).rglob("*.py")]
    naming = {
        file.relative_to(ROOT).as_posix()
        for file in files
        if re.search("LeakyReLU|leaky_relu", file.read_text(encoding="utf-8"))
    }
    linked = {
        (PAGES[PAGE].parent / link.replace("\\", "")).resolve().relative_to(ROOT.resolve()).as_posix()
        for link in links(TEXT)
        if "#" not in link
    }
    assert naming - linked - ELSEWHERE == set()
