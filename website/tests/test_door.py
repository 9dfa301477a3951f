"""`python -m website`: the refusals. The site itself is built by the README's command."""

import pytest

from lessons import __main__ as lessons_door
from website import __main__ as door


def test_what_is_missing_is_named(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(door, "find_spec", lambda module: None if module == "mkdocs" else module)
    assert door.main(["-o", str(tmp_path / "site")]) == 3
    assert 'MkDocs is missing: pip install -c constraints.txt -e ".[docs]"' in capsys.readouterr().err


@pytest.mark.parametrize("name", ["file", "folder"])
def test_nothing_else_is_overwritten(name, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(door, "find_spec", lambda module: module)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "thesis.txt").touch()
    (tmp_path / "file").touch()
    assert door.main(["-o", str(tmp_path / name)]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "there is something else already" in err
    assert (tmp_path / "folder" / "thesis.txt").exists()


def test_an_unknown_option_is_a_usage_error(capsys):
    with pytest.raises(SystemExit) as stop:
        door.main(["--public"])
    assert stop.value.code == 2
    assert "--public" in capsys.readouterr().err


def test_a_lesson_that_fails_is_one_sentence(monkeypatch, capsys, tmp_path):
    pytest.importorskip("mkdocs")

    def fails(lessons, folder, home):
        raise lessons_door.Stop("pixels fails: AssertionError: 13 is not 15.", 1)

    monkeypatch.setattr(lessons_door, "export", fails)
    assert door.build(tmp_path / "site") == 1
    assert capsys.readouterr().err == "docs: pixels fails: AssertionError: 13 is not 15.\n"
