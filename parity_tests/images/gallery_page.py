"""Reads the page of `python -m scratch.images` again: its pictures as arrays, its text by section."""

import base64
import io
from functools import cache
from html.parser import HTMLParser
from typing import Any

import numpy as np
from PIL import Image

from scratch.array import HostArray
from scratch.images.gallery import page
from scratch.images.gallery.picture import Shown, load

VOID = {"meta", "img", "br"}
PNG = "data:image/png;base64,"


class Reader(HTMLParser):
    """Reads a page and refuses what is not closed; everything by the id of the section or article it stands in."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids = [""]
        self.links: list[str] = []
        self.pictures: dict[str, list[dict[str, Any]]] = {}
        self.texts: dict[str, str] = {}
        self.tags: list[tuple[str, dict[str, Any]]] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Open a tag."""
        named = dict(attributes)
        self.tags.append((tag, named))
        if tag not in VOID:
            self.open.append(tag)
        if "id" in named:
            assert named["id"] not in self.ids
            self.ids.append(named["id"])
        if "href" in named:
            self.links.append(named["href"])
        if tag == "img":
            self.pictures.setdefault(self.ids[-1], []).append(named)

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.texts[self.ids[-1]] = self.texts.get(self.ids[-1], "") + " " + data

    def text(self, part: str) -> str:
        """What stands there, every space one space."""
        return " ".join(self.texts[part].split())


def pixels(drawn: dict[str, Any]) -> HostArray:
    """The array that a page's picture holds."""
    opened = Image.open(io.BytesIO(base64.b64decode(drawn["src"].removeprefix(PNG), validate=True)))
    assert (opened.format, opened.size) == ("PNG", (int(drawn["width"]), int(drawn["height"])))
    return np.array(opened)


def small(number: float) -> str:
    """As the page prints a number far below 1."""
    return f"{number:.1e}".replace("-", "−") if number else "0"


def whole(number: float) -> str:
    """As the page prints grey levels."""
    return f"{round(number):,}".replace("-", "−")


@cache
def part_of_ours() -> Shown:
    """A part of the picture that ships with the project, so that its page is made in a moment."""
    ours = load(None)
    return Shown(ours.name, np.ascontiguousarray(ours.image[20:84, 90:201]), ours.read, ours.credit)


@cache
def its_page() -> page.Page:
    """The page of that part."""
    return page.write(part_of_ours())


@cache
def read_again() -> Reader:
    """The same, read again."""
    return Reader(its_page().html)
