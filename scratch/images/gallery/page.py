"""The page: every topic computed and put into its template, and all of them into one file."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scratch.images.gallery import draw, edges, filtered, flip, off_by_one, picture, pooling, sizes, waves
from scratch.images.gallery.filtered import Compared
from scratch.images.gallery.picture import Shown

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Topic:
    """A section of the page.

    Attributes
    ----------
    name : of its template, and of what it computes in the templates
    title : its heading
    compute : from the picture, its arrays and numbers
    """

    name: str
    title: str
    compute: Callable[[Shown], Any]


TOPICS = (
    Topic("picture", "The picture is an array", picture.parts),
    Topic("filtered", "What each kernel does", filtered.every_kernel),
    Topic("flip", "Correlation and convolution", flip.both),
    Topic("edges", "Beyond the edge", edges.five),
    Topic("sizes", "Stride, padding and the size of the result", sizes.table),
    Topic("pooling", "Pooling", pooling.pooled),
    Topic("waves", "The picture as a sum of waves", waves.waves),
    Topic("off_by_one", "Sums and Fourier, and one pixel off", off_by_one.measured),
)


@dataclass(frozen=True)
class Page:
    """The page, and what it comes to.

    Attributes
    ----------
    html : all of it
    name : of the kernel with the largest difference between sums and Fourier, one that rounding does not explain first
    compared : its difference
    """

    html: str
    name: str
    compared: Compared


def write(shown: Shown, progress: Callable[[Iterable[Topic]], Iterable[Topic]] = iter) -> Page:
    """Compute everything and write the page.

    Parameters
    ----------
    shown : the picture, from `scratch.images.gallery.picture.load`
    progress : goes through the topics and may tell how far it is

    Raises
    ------
    ImportError
        if Pillow or Jinja2 is missing
    """
    from markupsafe import Markup

    templates = environment()
    facts: dict[str, Any] = {"shown": shown, "layout": layout(shown)}
    sections = []
    for topic in progress(TOPICS):
        facts[topic.name] = topic.compute(shown)
        template = templates.get_template(f"{topic.name}.html")
        sections.append((topic, Markup(template.render(facts))))
    differences = [(each.kernel.name, one) for each in facts["filtered"].each.values() for one in each.compared]
    name, compared = max(differences, key=lambda each: (not each[1].agrees, each[1].largest))
    html = templates.get_template("page.html").render(facts, sections=sections, name=name, compared=compared)
    return Page(html, name, compared)


def layout(shown: Shown) -> str:
    """The page's CSS classes: of wide pictures fewer stand side by side, and small ones show their pixels."""
    H, W = shown.grey.shape
    side_by_side = "three" if W <= 2 * H else "two" if W <= 5 * H else "one"
    return f"{side_by_side} small" if max(H, W) < 150 else side_by_side


def environment() -> Any:
    """Jinja2, with everything escaped that a picture's name could bring, and the ways to draw and to print numbers."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        plain=draw.plain,
        greys=draw.greys,
        stretched=draw.stretched,
        signed=draw.signed,
        waves=draw.waves,
        reach=draw.reach,
        whole=whole,
        small=lambda number: small(number).replace("-", "−"),
        percent=lambda share: f"{100 * share:.1f} %",
    )
    return made


def whole(number: float) -> str:
    """A number of grey levels, rounded, with a minus sign that can be told from a hyphen.

    >>> whole(-1020.0), whole(0.3)
    ('−1,020', '0')
    """
    return f"{round(number):,}".replace("-", "−")


def small(number: float) -> str:
    """A number far below 1, or 0.

    >>> small(2.28e-13), small(0.0)
    ('2.3e-13', '0')
    """
    return f"{number:.1e}" if number else "0"
