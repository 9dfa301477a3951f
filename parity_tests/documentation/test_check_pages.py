"""docs/start.md and docs/check.md: their files are saved, their commands run, and what they print is compared."""

import doctest
import re
import shlex
import sys
import tomllib
from pathlib import Path

import pytest

from parity_tests.__main__ import main
from parity_tests.check.map_file import read_map
from parity_tests.documentation.pages import FENCED, PAGES, blocks


def masked(text: str) -> str:
    """The text without figures that depend on the machine."""
    return re.sub(r"-?\d+\.\d+", "#.#", text)


def printed(words: list[str], monkeypatch, capsys) -> str:
    monkeypatch.setattr(sys, "argv", ["parity_tests", *words])
    main()
    out, err = capsys.readouterr()
    return out + err


@pytest.mark.parametrize("page", ["docs/start.md", "docs/check.md"])
def test_a_command_prints_what_the_page_shows(page: str, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    commands = 0
    for match in FENCED.finditer(PAGES[page].read_text(encoding="utf-8")):
        head, _, rest = match[2].partition("\n")
        if match[1] == "python":
            Path(head.removeprefix("# ")).write_text(match[2], encoding="utf-8")
        elif match[1] == "console":
            got = printed(shlex.split(head.removeprefix("$ python3 run.py ")), monkeypatch, capsys)
            assert doctest.OutputChecker().check_output(masked(rest), masked(got), doctest.ELLIPSIS), got
            commands += 1
    assert commands


def test_the_convolution_is_right_once_it_is_mended(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    text = PAGES["docs/check.md"].read_text(encoding="utf-8")
    wrong = blocks(text, "python")[0].code
    mended = re.sub(r"(dx\[.*\]) = ", r"\1 += ", wrong)
    assert mended != wrong
    Path("mine.py").write_text(mended, encoding="utf-8")
    verdict = printed(["check", "mine.py:Conv2d", "--like", "Conv2d"], monkeypatch, capsys).partition("\n\n")[0]
    assert verdict in text


def test_the_map_is_one_that_check_reads(tmp_path):
    (block,) = blocks(PAGES["docs/check.md"].read_text(encoding="utf-8"), "toml")
    file = tmp_path / "map.toml"
    file.write_text(block.code, encoding="utf-8")
    assert [each.like for each in read_map(file)] == [table["like"] for table in tomllib.loads(block.code).values()]
