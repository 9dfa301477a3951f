"""`python -m lessons`: the list, the refusals, and how marimo is called."""

import runpy
import sys

import pytest

from lessons import __main__ as door
from lessons import export, ipynb
from lessons.catalogue import LESSONS


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The reader's folder, and a marimo that only remembers how it was called."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["lessons"])
    monkeypatch.setattr(runpy, "run_module", lambda name, run_name: sys.exit(0 if name == "marimo" else 9))
    return tmp_path


def test_without_a_name_they_are_listed(folder, capsys):
    assert door.main([]) == 0
    out, err = capsys.readouterr()
    assert all(f"  {name} " in out and lesson.title in out for name, lesson in LESSONS.items())
    assert max(map(len, out.splitlines())) <= 80
    assert err == ""
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["slide"], 2, f"'slide': there is no such lesson; there are {', '.join(LESSONS)}."),
        (["--no-token"], 2, "which lesson is to be opened?"),
        (["--export", "pages", "--no-token"], 2, "--export opens nothing"),
        (["--jupyter", "sliding"], 2, "--jupyter writes all notebooks, and nothing else"),
        (["--export", "file"], 2, "--export file: cannot write there (File exists)."),
    ],
)
def test_a_user_error_is_one_sentence(folder, capsys, arguments, code, words):
    (folder / "file").touch()
    assert door.main(arguments) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("lessons: ")
    assert words in err
    assert err.count("\n") == 1


def test_an_unknown_option_is_a_usage_error(capsys):
    with pytest.raises(SystemExit) as stop:
        door.main(["--public"])
    assert stop.value.code == 2
    assert "--public" in capsys.readouterr().err


def test_what_is_missing_is_named(folder, monkeypatch, capsys):
    monkeypatch.setattr(door, "find_spec", lambda module: None if module == "marimo" else module)
    assert door.main(["sliding"]) == 3
    assert 'marimo is missing: pip install -c constraints.txt -e ".[lessons]"' in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_the_notebooks_for_jupyter_are_written(folder, monkeypatch, capsys):
    monkeypatch.setattr(ipynb, "FOLDER", folder / "new")
    assert door.main(["--jupyter"]) == 0
    written = [folder / "new" / f"{name}.ipynb" for name in LESSONS]
    assert capsys.readouterr().out.splitlines() == list(map(str, written))
    assert [path.read_text(encoding="utf-8") for path in written] == list(map(ipynb.notebook, LESSONS.values()))


def test_a_lesson_that_fails_is_no_success(folder, monkeypatch, capsys):
    def fails(lesson, home):
        raise AssertionError(f"13 is not 15 in {lesson.name}")

    monkeypatch.setattr(export, "page", fails)
    assert door.main(["--export", "pages"]) == 1
    first = next(iter(LESSONS))
    assert capsys.readouterr().err == f"lessons: {first} fails: AssertionError: 13 is not 15 in {first}.\n"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ["--token"]),
        (["--no-token"], ["--no-token"]),
        (["--no-browser"], ["--token", "--headless"]),
    ],
)
def test_a_copy_is_opened_for_this_machine_alone(folder, options, expected, capsys):
    assert door.main(["backward", *options]) == 0
    copy = folder / "my-lessons" / "backward.py"
    assert copy.read_bytes() == LESSONS["backward"].notebook.read_bytes()
    assert sys.argv[:4] == ["marimo", "--yes", "edit", str(copy.relative_to(folder))]
    assert sys.argv[sys.argv.index("--host") + 1] == "127.0.0.1"
    assert sys.argv[-len(expected) :] == expected
    assert ("--token" in sys.argv) != ("--no-token" in sys.argv)
    assert str(copy) in capsys.readouterr().out


def test_what_the_reader_wrote_is_kept(folder, capsys):
    copy = folder / "my-lessons" / "sliding.py"
    copy.parent.mkdir()
    copy.write_text("mine\n")
    assert door.main(["sliding"]) == 0
    assert copy.read_text() == "mine\n"
    assert "as you left it; delete it to begin again" in capsys.readouterr().out


def test_a_folder_that_cannot_be_made(folder, capsys):
    (folder / "my-lessons").touch()
    assert door.main(["sliding"]) == 2
    assert "my-lessons: cannot write there (File exists)." in capsys.readouterr().err


def test_ctrl_c_is_quiet(folder, monkeypatch, capsys):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(runpy, "run_module", interrupted)
    assert door.main(["sliding"]) == 130
    assert capsys.readouterr().err == ""
