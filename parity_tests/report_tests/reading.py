"""Reads a page again, as a tree; what is not well-formed is refused."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Union

VOID = {"meta", "br", "rect", "line"}
"""Tags without a content; those of SVG say so by a slash."""


@dataclass
class Node:
    """One tag, and what is in it."""

    tag: str
    attributes: dict[str, str]
    children: list[Union["Node", str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text in it, every space one space."""
        parts = [each if isinstance(each, str) else each.text for each in self.children]
        return " ".join(" ".join(parts).split())

    def all(self, tag: str = "", kind: str = "") -> list["Node"]:
        """The tags in it of that name and class, in order."""
        found = []
        for each in self.children:
            if isinstance(each, Node):
                fits = tag in ("", each.tag) and (not kind or kind in each.attributes.get("class", "").split())
                found += [each] * fits + each.all(tag, kind)
        return found


class Reader(HTMLParser):
    """Makes the tree."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.root = Node("", {})
        self.open = [self.root]
        self.feed(html)
        self.close()
        assert [each.tag for each in self.open] == [""]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Open a tag."""
        node = Node(tag, {name: value or "" for name, value in attributes})
        assert len(node.attributes) == len(attributes)
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that was opened last."""
        if tag not in VOID:
            assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.open[-1].children.append(data)


def read(html: str) -> Node:
    """The page as a tree."""
    return Reader(html).root


def asks_for_nothing(page: Node, html: str) -> bool:
    """Whether the page needs no other file and runs no program."""
    outward = [
        node for node in page.all() if "src" in node.attributes or node.tag in ("script", "link", "iframe", "img")
    ]
    handlers = [name for node in page.all() for name in node.attributes if name.startswith("on")]
    links = [node.attributes["href"] for node in page.all() if "href" in node.attributes]
    style = " ".join(node.text for node in page.all("style"))
    return not (outward or handlers or "url(" in style or "@import" in style or "://" in html) and all(
        link.startswith("#") for link in links
    )
