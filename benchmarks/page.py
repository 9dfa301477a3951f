"""The results as one HTML file: no network, no script. It looks as the report's page does."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.words import Table
from parity_tests.report.as_html import TEMPLATES

OWN_TEMPLATES = Path(__file__).parent / "page"


@dataclass(frozen=True)
class Picture:
    """An SVG file, and what it shows in words."""

    svg: bytes
    words: str

    @property
    def data(self) -> str:
        """The file as a page can hold it; within an image its names cannot meet those of another one."""
        return base64.b64encode(self.svg).decode("ascii")


def render(
    title: str,
    said: Sequence[str],
    pictures: Sequence[Picture],
    tables: Sequence[Table],
    rows: Sequence[str],
    legend: Mapping[str, str],
    environment: Mapping[str, str],
) -> str:
    """Write the page; every value is escaped.

    Parameters
    ----------
    title : its headline
    said : the verdict, sentence by sentence
    pictures, tables, rows, legend, environment : what follows, from top to bottom
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader([OWN_TEMPLATES, TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["one_line"] = lambda words: " ".join(words.split())
    return made.get_template("benchmark.html").render(
        title=title,
        said=said,
        pictures=pictures,
        tables=tables,
        rows=rows,
        legend=legend,
        environment=environment,
    )
