"""README.md and docs/: links lead somewhere, commands are known, and examples give what the page shows."""

import doctest
import re
import shlex
import sys
from functools import reduce
from importlib import import_module
from operator import or_

import pytest
import torch

import run
from gpu.kernels import modules
from parity_tests.documentation.pages import PAGES, ROOT, anchors, blocks, commands, headings, links

TEXTS = {name: page.read_text(encoding="utf-8") for name, page in PAGES.items()}
LINKS = [(name, link) for name, text in TEXTS.items() for link in links(text)]
COMMANDS = [(name, command) for name, text in TEXTS.items() for command in commands(text)]
OURS = {verb: parts.split() for verb, (_, [parts, *_]) in run.VERBS.items() if run.is_ours(parts.split()[0])}
"""The verbs that are our own, and what they run."""

ROWS = {
    "docs/tutorial-layers.md": [f"A{n}" for n in range(1, 12)],
    "docs/tutorial-images.md": [f"B{n}" for n in range(1, 10)],
}


EXAMPLES = [
    *ROWS,
    "docs/kernel-ladder.md",
    "docs/laws.md",
    "docs/benchmarks.md",
    "docs/gpu.md",
    "docs/start.md",
    "docs/namespaces.md",
    "docs/check.md",
    "docs/rules.md",
]
"""Pages whose examples make one session; those of docs/emulator.md are in test_emulator.py."""


def after(verb: str, command: str) -> list[str]:
    """What a command line says to a verb; nothing if it is about another one."""
    words = shlex.split(command.rstrip("\\ "))  # a line may go on
    return words[words.index(verb) + 1 :] if verb in words else []


@pytest.mark.parametrize(("page", "link"), LINKS)
def test_a_link_leads_somewhere(page: str, link: str):
    if link.startswith("https://"):
        return
    path, _, anchor = link.partition("#")
    target = (PAGES[page].parent / path).resolve() if path else PAGES[page]
    assert target.exists()
    assert target.is_relative_to(ROOT)
    if anchor:
        assert anchor in anchors(target.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("page", "command"), COMMANDS)
def test_a_command_is_one_that_run_py_knows(page: str, command: str):
    words = command.split()
    verb = next(word for word in words if not word.startswith("--"))
    assert verb in run.VERBS
    assert all(word in run.OPTIONS for word in words[: words.index(verb)])


@pytest.mark.parametrize("verb", sorted({word for _, line in COMMANDS for word in line.split()} & OURS.keys()))
def test_a_verb_knows_the_options_that_the_pages_give_it(verb: str, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [*OURS[verb], "--help"])
    with pytest.raises(SystemExit) as stop:
        import_module(f"{OURS[verb][0]}.__main__").main()
    assert not stop.value.code
    known = set(re.findall(r"--?\w[\w-]*", capsys.readouterr().out))
    said = {word for _, line in COMMANDS for word in after(verb, line) if re.fullmatch(r"--?\w[\w-]*", word)}
    assert said <= known


@pytest.mark.parametrize(("page", "command"), [each for each in COMMANDS if after("test", each[1])])
def test_the_tests_that_a_page_names_exist(page: str, command: str):
    assert [word for word in after("test", command) if "/" in word and not (ROOT / word.split("::")[0]).exists()] == []


@pytest.mark.parametrize("page", ROWS)
def test_every_row_of_the_tutorial_is_in_the_table_and_has_a_section(page: str):
    sections = [heading.split(".")[0] for heading in headings(TEXTS[page])]
    assert [section for section in sections if section in ROWS[page]] == ROWS[page]
    for row in ROWS[page]:
        assert f"| [{row}](#{row.lower()}-" in TEXTS[page]


def test_every_kernel_stands_on_the_ladder():
    files = [f"../gpu/kernels/{module.SOURCE.file}" for module in modules()]
    assert [file for file in files if file not in links(TEXTS["docs/kernel-ladder.md"])] == []


@pytest.fixture
def one_thread():
    """torch's threads wait for each other in thousands of tiny steps, for minutes where others use the cores too."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("page", EXAMPLES)
def test_the_examples_give_what_they_show(page: str, pytestconfig, tmp_path, monkeypatch):
    """One after the other, in one session, as the page says."""
    monkeypatch.chdir(tmp_path)  # where the examples write their pictures
    parser, examples = doctest.DocTestParser(), []
    for block in blocks(TEXTS[page], "pycon"):
        found = parser.get_examples(block.code, page)
        assert found, f"{page}, line {block.line}: a block without an example"
        for example in found:
            example.lineno += block.line
        examples += found
    flags = [doctest.OPTIONFLAGS_BY_NAME[name] for name in pytestconfig.getini("doctest_optionflags")]
    page_as_test = doctest.DocTest(examples, {}, page, page, 0, TEXTS[page])
    complaints: list[str] = []
    results = doctest.DocTestRunner(optionflags=reduce(or_, flags)).run(page_as_test, out=complaints.append)
    assert results.failed == 0, "".join(complaints)
    assert results.attempted == len(examples) > 0
