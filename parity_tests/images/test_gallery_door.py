"""The door `python -m scratch.images`: what it prints, where it writes, and how it refuses."""

import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scratch.images import __main__ as door
from scratch.images.gallery import filtered, page


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, with a small picture in it."""
    monkeypatch.chdir(tmp_path)
    image = np.random.default_rng(0).integers(0, 256, (20, 24), np.uint8)
    Image.fromarray(image).save("small.png")
    return tmp_path


def refused(capsys, *arguments):
    """What it says on stderr, one sentence, and nothing else."""
    assert door.main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("images: ")
    assert err.endswith(".\n")
    assert err.count("\n") == 1
    return err


def test_the_verdict_and_the_file(folder, capsys):
    assert door.main(["small.png"]) == 0
    out, err = capsys.readouterr()
    verdict, where = out.splitlines()
    assert verdict.startswith("AGREE: sums and Fourier differ by ")
    assert len(verdict) <= 80
    size = (folder / "images.html").stat().st_size
    assert where == f"{folder / 'images.html'}, {size / 1e6:.1f} MB"
    assert err == ""  # progress is for terminals
    assert (folder / "images.html").read_text("utf-8").startswith("<!DOCTYPE html>")


def test_another_file_and_our_own_picture(folder, capsys):
    assert door.main(["-o", "page.html"]) == 0
    assert "astronaut.jpg" in (folder / "page.html").read_text("utf-8")
    assert str(folder / "page.html") in capsys.readouterr().out
    assert not (folder / "images.html").exists()


def test_a_difference_that_rounding_does_not_explain(folder, monkeypatch, capsys):
    right = filtered.convolve_fourier
    monkeypatch.setattr(filtered, "convolve_fourier", lambda *given: np.roll(right(*given), 1, axis=0))
    assert door.main(["small.png"]) == 1
    assert capsys.readouterr().out.startswith("DISAGREE: sums and Fourier differ by ")
    assert "The two ways disagree." in (folder / "images.html").read_text("utf-8")


def test_an_address(folder, capsys):
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert door.main([f"http://127.0.0.1:{server.server_port}/small.png?key=secret"]) == 0
        server.shutdown()
    written = (folder / "images.html").read_text("utf-8")
    assert "small.png" in written
    assert "secret" not in written


def test_bad_pictures(folder, capsys):
    whole = Path("small.png").read_bytes()
    for name, content in {"text.png": b"hello", "empty.png": b"", "cut.png": whole[:-60]}.items():
        Path(name).write_bytes(content)
        assert name in refused(capsys, name)
    assert "no such file" in refused(capsys, "none.png")
    assert "cannot be read" in refused(capsys, str(folder))
    assert "cannot be reached" in refused(capsys, "http://127.0.0.1:1/small.png")
    Image.fromarray(np.zeros((2, 3), np.uint8)).save("tiny.png")
    assert "2 pixels high and 3 wide" in refused(capsys, "tiny.png")
    assert not (folder / "images.html").exists()


def test_a_file_that_cannot_be_written_is_told_before_anything_is_computed(folder, monkeypatch, capsys):
    monkeypatch.setattr(door, "write", None)
    assert "cannot write there" in refused(capsys, "small.png", "-o", "none/page.html")
    assert "cannot write there" in refused(capsys, "small.png", "-o", str(folder))
    assert "cannot write there" in refused(capsys, "small.png", "-o", 300 * "x")
    before = Path("small.png").read_bytes()
    assert "the picture itself" in refused(capsys, "small.png", "-o", str(folder / "small.png"))
    assert Path("small.png").read_bytes() == before


def test_what_was_there_stays_until_the_page_is_made(folder, monkeypatch):
    Path("images.html").write_text("the last one")

    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(door, "write", stopped)
    for _ in range(2):
        assert door.main(["small.png"]) == 130
        assert Path("images.html").read_text() == "the last one"
    Path("images.html").unlink()
    assert door.main(["small.png"]) == 130
    assert not Path("images.html").exists()


@pytest.mark.parametrize(("module", "name"), [("PIL", "Pillow"), ("jinja2", "Jinja2")])
def test_a_missing_library(folder, monkeypatch, capsys, module, name):
    monkeypatch.setattr(door, "find_spec", lambda asked: None if asked == module else find_spec(asked))
    assert door.main(["small.png"]) == 3
    assert capsys.readouterr() == (
        "",
        f'images: {name} is missing: pip install -c constraints.txt -e ".[images]" brings it.\n',
    )


def test_progress_is_optional_and_goes_through_all_topics(monkeypatch, capsys):
    assert list(door.progress(page.TOPICS)) == list(page.TOPICS)
    monkeypatch.setattr(door, "find_spec", lambda _: None)
    assert door.progress(page.TOPICS) is page.TOPICS
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("arguments", [["--fast"], ["a.png", "b.png"], ["-o"]])
def test_a_wrong_command_line(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        door.main(arguments)
    assert stop.value.code == 2
    assert "usage: python -m scratch.images" in capsys.readouterr().err


def test_it_is_a_door_of_its_own_and_loads_no_torch(folder):
    root = Path(door.__file__).parents[2]
    program = f"""
import runpy, sys
sys.path.insert(0, {str(root)!r})
sys.argv = ["images", "small.png"]
try:
    runpy.run_module("scratch.images", run_name="__main__")
except SystemExit as end:
    print(end.code, "torch" in sys.modules, "scipy" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=folder)
    assert (done.stdout.splitlines()[-1], done.stderr) == ("0 False False", "")
