"""docs/emulator.md: its commands print what the page shows, its Python gives what it shows, and no kind is left out."""

import doctest
import platform
import shlex
from functools import reduce
from operator import or_

import pytest

from gpu.__main__ import main
from gpu.emulator.show import MEANING
from gpu.emulator.signature import signatures
from parity_tests.documentation.pages import PAGES, ROOT, blocks, headings
from parity_tests.kernels import nvrtc

pytestmark = pytest.mark.gxx

PAGE = "docs/emulator.md"
TEXT = PAGES[PAGE].read_text(encoding="utf-8")


@pytest.mark.parametrize("block", blocks(TEXT, "console"), ids=lambda block: f"line {block.line}")
def test_a_command_prints_what_the_page_shows(block, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    command, _, shown = block.code.partition("\n")
    program, script, *words = shlex.split(command.removeprefix("$ "))
    assert (program, script) == ("python3", "run.py")
    main(words)
    out, err = capsys.readouterr()
    if platform.machine() == "aarch64" and "access outside an array" in out:
        pytest.skip("arm64 does not tell a read from a write")
    assert out + err == shown
    assert max(map(len, shown.splitlines())) <= 80


def test_the_python_gives_what_the_page_shows(monkeypatch, pytestconfig):
    monkeypatch.chdir(ROOT)
    code = "".join(block.code for block in blocks(TEXT, "pycon"))
    examples = doctest.DocTestParser().get_doctest(code, {}, PAGE, PAGE, 0)
    flags = [doctest.OPTIONFLAGS_BY_NAME[name] for name in pytestconfig.getini("doctest_optionflags")]
    complaints: list[str] = []
    results = doctest.DocTestRunner(optionflags=reduce(or_, flags)).run(examples, out=complaints.append)
    assert results.failed == 0, "".join(complaints)
    assert results.attempted > 10


def test_every_kind_of_finding_has_a_section():
    assert sorted(MEANING) == sorted(each[0].lower() + each[1:] for each in headings(TEXT) if each.lower() in MEANING)


@pytest.mark.skipif(not nvrtc.installed(), reason="NVRTC is not installed: the extra kernels brings it")
@pytest.mark.parametrize("file", ["reverse.cu", "mistakes.cu"])
def test_cudas_own_compiler_takes_the_kernels_too(file):
    text = (ROOT / "docs" / "kernels" / file).read_text(encoding="utf-8")
    ok, log = nvrtc.compile_for("sm_80", text, file, list(signatures(text)))
    assert ok, log
