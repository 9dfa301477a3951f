"""A lesson as a static page: run once, its text, code and results written into one file that needs no network.

(marimo's own export fetches its JavaScript from a CDN.) Sliders and other elements stand there with their first value.
"""

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lessons.catalogue import LESSONS, Lesson
from lessons.cells import cells
from lessons.pieces import Verdict

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Shown:
    """A cell on the page.

    Attributes
    ----------
    code : as one reads it, "" if it is hidden
    result : HTML, "" if there is none
    """

    code: str
    result: str


def page(lesson: Lesson, home: str = "") -> str:
    """Run a lesson and write its page.

    Parameters
    ----------
    home : where its link "Documentation" leads, "" for none

    Raises
    ------
    Exception
        whatever a cell raises: a number in the text that has become untrue, perhaps
    """
    from pygments.formatters import HtmlFormatter

    colours = HtmlFormatter(style="friendly").get_style_defs(".code")
    lessons = list(LESSONS.values())
    at = lessons.index(lesson)
    neighbours = {"before": lessons[at - 1] if at else None, "after": lessons[at + 1] if lessons[at + 1 :] else None}
    return filled(
        "lesson.html", lesson=lesson, cells=shown(lesson), others=lessons, colours=colours, home=home, **neighbours
    )


def index(home: str = "") -> str:
    """The page that lists the lessons."""
    return filled("index.html", lessons=LESSONS.values(), home=home)


def filled(template: str, **contents: Any) -> str:
    """A template with its contents."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates.get_template(template).render(**contents)


def shown(lesson: Lesson) -> list[Shown]:
    """Run a lesson; its cells from the first to the last."""
    app = importlib.import_module(f"lessons.notebooks.{lesson.name}").app
    outputs, _ = app.run()
    written = cells(lesson.notebook.read_text(encoding="utf-8"))
    return [
        Shown("" if cell.hidden else highlighted(cell.code), as_html(output))
        for cell, output in zip(written, outputs, strict=True)
    ]


def highlighted(code: str) -> str:
    """Python in colours."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return str(highlight(code, PythonLexer(), HtmlFormatter(cssclass="code", style="friendly")))


def as_html(output: Any) -> str:
    """What a cell shows; of an element that only lives in the notebook, what it is and its first value.

    Raises
    ------
    TypeError
        if this page has no way to show it
    """
    from marimo import Html, ui

    if output is None or isinstance(output, Verdict):  # nobody has answered
        return ""
    if isinstance(output, ui.radio):
        return f'<ul class="options">{"".join(f"<li>{option}</li>" for option in output.options)}</ul>'
    if isinstance(output, ui.slider):
        reach = f"from {output.start} to {output.stop}, here {output.value}"
        return f'<p class="live">In the live lesson a slider {reach}.</p>'
    if isinstance(output, ui.dropdown):
        return f'<p class="live">In the live lesson a list of {len(output.options)}, here “{output.value}”.</p>'
    if isinstance(output, ui.matrix):
        return '<p class="live">In the live lesson these numbers can be changed.</p>'
    if isinstance(output, Html):
        return output.text
    if hasattr(output, "_repr_html_"):
        return str(output._repr_html_())
    raise TypeError(f"{type(output).__name__}: a page shows text, pieces of a lesson, and four kinds of elements")
