"""The door: `python -m lessons [NAME] [--export DIR]`, `python -m lessons --jupyter`.

A lesson is opened as a copy in the reader's own folder, so that what is written into it stays there, and the lessons
that the tests run stay as they are.
"""

import argparse
import os
import runpy
import shutil
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from textwrap import fill

from lessons.catalogue import LESSONS, Lesson

NEEDED = {"marimo": "marimo", "jinja2": "Jinja2", "PIL": "Pillow"}
"""What the extra `lessons` brings."""

COPIES = Path("my-lessons")
SETTINGS = """\
# Written by `run.py lessons`. marimo reads it: a lesson that is opened here runs at once.
[tool.marimo.runtime]
auto_instantiate = true

[tool.marimo.display]
custom_css = ["lessons.css"]
"""
STYLE = """\
/* Written by `run.py lessons`. A result is shown in full, and not in a box to scroll in. */
.marimo-cell.interactive .output-area { max-height: none; }
/* marimo shows text without running it, and then marks it as not run. */
.marimo-cell:has(.output-area .markdown) .cell-status-stale { display: none; }
"""


class Stop(Exception):  # noqa: N818  (a reason to stop, not a defect)
    """One sentence for the user, and the exit code."""

    def __init__(self, sentence: str, code: int = 2) -> None:
        super().__init__(sentence)
        self.code = code


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; the exit code: 0 fine, 1 a lesson fails, 2 usage, 3 environment, 130 Ctrl-C."""
    options = parser().parse_args(arguments)
    try:
        return run(options)
    except Stop as stop:
        sys.stderr.write(f"lessons: {stop}\n")
        return stop.code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # nobody reads the list; without this Python complains when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(prog="python -m lessons", description="Open a lesson with live code in the browser")
    made.add_argument("name", metavar="NAME", nargs="?", help=f"{', '.join(LESSONS)}; without it they are listed")
    made.add_argument("--export", metavar="DIR", type=Path, help="write static pages there, which need no network")
    made.add_argument("--jupyter", action="store_true", help="write lessons/jupyter anew, after a change of a lesson")
    made.add_argument("--no-token", action="store_true", help="let any program on this machine in, without a password")
    made.add_argument("--no-browser", action="store_true", help="print the address, open no browser")
    return made


def run(options: argparse.Namespace) -> int:
    """List, export, or open."""
    if options.name is not None and options.name not in LESSONS:
        raise Stop(f"{options.name!r}: there is no such lesson; there are {', '.join(LESSONS)}.")
    if options.export is not None and (options.no_token or options.no_browser):
        raise Stop("--export opens nothing: leave out --no-token and --no-browser.")
    if options.jupyter:
        if options.name is not None or options.export is not None or options.no_token or options.no_browser:
            raise Stop("--jupyter writes all notebooks, and nothing else: leave out the rest.")
        return write_notebooks()
    if options.name is None and options.export is None:
        if options.no_token or options.no_browser:
            raise Stop(f"which lesson is to be opened? There are {', '.join(LESSONS)}.")
        print(listed(), flush=True)
        return 0
    missing = [name for module, name in NEEDED.items() if find_spec(module) is None]
    if missing:
        raise Stop(f'{missing[0]} is missing: pip install -c constraints.txt -e ".[lessons]" brings it.', 3)
    if options.export is not None:
        chosen = [LESSONS[options.name]] if options.name else list(LESSONS.values())
        return export(chosen, options.export)
    return opened(LESSONS[options.name], options.no_token, options.no_browser)


def listed() -> str:
    """The lessons, each behind its name, in 80 columns."""
    lines = [
        fill(f"{lesson.title}: {lesson.about}", 80, initial_indent=f"  {lesson.name:<10}", subsequent_indent=" " * 12)
        for lesson in LESSONS.values()
    ]
    first = next(iter(LESSONS))
    foot = (f"`python3 run.py lessons {first}` opens the first;", "`--export DIR` writes all of them as pages.")
    return "\n".join(["lessons", *lines, "", *foot])


def write_notebooks() -> int:
    """Write all lessons for Jupyter and Colab into the checkout, and return the exit code."""
    from lessons.ipynb import FOLDER, notebook

    try:
        FOLDER.mkdir(exist_ok=True)
        for lesson in LESSONS.values():
            target = FOLDER / f"{lesson.name}.ipynb"
            target.write_text(notebook(lesson), encoding="utf-8", newline="\n")
            print(target, flush=True)
    except OSError as error:
        raise Stop(f"{FOLDER}: cannot write there ({error.strerror}).") from error
    return 0


def export(lessons: Sequence[Lesson], folder: Path, home: str = "") -> int:
    """Write pages, with an index if they are all, and return the exit code: 1 if a lesson fails.

    Parameters
    ----------
    home : where the link "Documentation" of each page leads, "" for none
    """
    from lessons.export import index, page

    def write(name: str, html: str) -> None:
        target = folder / f"{name}.html"
        target.write_text(html, encoding="utf-8")
        print(f"{target.resolve()}, {len(html) / 1e6:.1f} MB", flush=True)

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for lesson in lessons:
            write(lesson.name, page(lesson, home))
        if len(lessons) == len(LESSONS):
            write("index", index(home))
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Stop(f"--export {folder}: cannot write there ({error.strerror}).") from error
    except Exception as error:  # a cell may raise anything
        raise Stop(f"{lesson.name} fails: {type(error).__name__}: {error}.", 1) from error
    return 0


def opened(lesson: Lesson, no_token: bool, no_browser: bool) -> int:
    """Copy the lesson, unless there is a copy already, and let marimo serve it to this machine alone."""
    copy = COPIES / f"{lesson.name}.py"
    try:
        COPIES.mkdir(exist_ok=True)
        (COPIES / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
        (COPIES / "lessons.css").write_text(STYLE, encoding="utf-8")
        if copy.exists():
            print(f"{copy.resolve()}, as you left it; delete it to begin again", flush=True)
        else:
            shutil.copyfile(lesson.notebook, copy)
            print(f"{copy.resolve()} is your copy, write into it as you like", flush=True)
    except OSError as error:
        raise Stop(f"{COPIES.resolve()}: cannot write there ({error.strerror}).") from error
    sys.argv = ["marimo", "--yes", "edit", str(copy), "--host", "127.0.0.1", "--skip-update-check", "--no-sandbox"]
    sys.argv += ["--no-token" if no_token else "--token"] + ["--headless"] * no_browser
    try:
        # In this process: Ctrl-C, and the signal with which run.py ends it, reach the server.
        runpy.run_module("marimo", run_name="__main__")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
