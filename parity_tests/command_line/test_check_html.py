"""`check --format html -o FILE`: exit codes as for text, and Jinja2 missing."""

import pytest

from parity_tests.check import command
from parity_tests.command_line.reading import flat
from parity_tests.report_tests.reading import asks_for_nothing, read


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["defects.py:FlippedKernel", "--like", "Conv2d"], 1),
        (["misbehaving.py:Raises", "--like", "ReLU"], 1),
        (["misbehaving.py:ReLU", "--like", "ReLU"], 0),
    ],
)
def test_exit_code_and_file(words, code, check, tmp_path):
    words += ["--dtype", "float32", "-o", str(tmp_path / "page")]
    given, out, err = check(*words, "--format", "html")
    assert (given, err) == (code, "")
    html = (tmp_path / "page").read_text("utf-8")
    page = read(html)
    assert asks_for_nothing(page, html)
    assert flat(out) in page.all("header")[0].text
    assert check(*words)[:2] == (given, out)


def test_an_error_of_the_user_leaves_no_page(check, tmp_path):
    code, out, err = check("none.py", "--format", "html", "-o", str(tmp_path / "page"))
    assert (code, out, err) == (2, "", "check: there is no file none.py\n")
    assert not (tmp_path / "page").exists()


def test_a_page_needs_jinja2_which_is_said_before_anything_runs(check, monkeypatch):
    monkeypatch.setattr(command, "check", None)
    monkeypatch.setattr("parity_tests.terminal.find_spec", lambda name: None)
    sentence = 'check: jinja2 is missing: pip install -c constraints.txt -e ".[report]" brings it\n'
    assert check("tutorial.py", "--format", "html") == (3, "", sentence)
