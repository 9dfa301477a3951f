"""The static pages: complete, and without any address outside of themselves."""

import re
from html.parser import HTMLParser

import pytest

from lessons import __main__ as door
from lessons import export
from lessons.catalogue import LESSONS
from lessons.export import as_html, page


class Reader(HTMLParser):
    """Collects the elements of a page, and finds out whether each is closed."""

    VOID = ("meta", "img", "br", "hr", "link", "input")

    def __init__(self, html):
        super().__init__()
        self.elements, self.open, self.words = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(scope="module")
def pages():
    """All pages, written once."""
    return {name: page(lesson) for name, lesson in LESSONS.items()}


@pytest.mark.parametrize("name", LESSONS)
def test_a_page_needs_nothing_but_itself(pages, name):
    read = Reader(pages[name])
    assert read.open == []
    tags = [tag for tag, _ in read.elements]
    assert not {"script", "link", "iframe", "object"} & set(tags)
    assert not [tag for tag in tags if "marimo" in tag]  # these live in marimo alone
    for tag, attributes in read.elements:
        if "src" in attributes:
            assert attributes["src"].startswith("data:image/png;base64,")
        if "href" in attributes:
            assert tag == "a"
            assert attributes["href"] in [f"{other}.html" for other in LESSONS if other != name]
    assert "@import" not in pages[name]
    assert "url(" not in pages[name]
    assert set(re.findall(r"https?://[^\"\s<]+", pages[name])) <= {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("name", LESSONS)
def test_every_picture_says_what_it_shows(pages, name):
    elements = Reader(pages[name]).elements
    pictures = [attributes for tag, attributes in elements if tag in ("img", "svg")]
    assert len(pictures) > 5
    for attributes in pictures:
        assert len(attributes.get("alt") or attributes.get("aria-label") or "") > 20


@pytest.mark.parametrize("name", LESSONS)
def test_a_page_has_text_code_questions_and_folded_solutions(pages, name):
    html, words = pages[name], "".join(Reader(pages[name]).words)
    assert html.startswith("<!DOCTYPE html>")
    assert f"<title>{LESSONS[name].title}</title>" in html
    for each in ("After this lesson you can", "Predict.", "Exercises", "What to take along", "import marimo as mo"):
        assert each in words
    assert html.count("A solution (try for yourself first)") == 4
    assert "<details open" not in html
    assert "Not answered yet" not in html
    assert "return (" not in words  # what marimo puts around a cell


def test_a_page_leads_to_the_one_before_and_the_one_after(pages):
    ways = {
        name: {each["rel"]: each["href"] for tag, each in Reader(html).elements if tag == "a" and "rel" in each}
        for name, html in pages.items()
    }
    before, after = [None, *LESSONS], [*list(LESSONS)[1:], None]
    for name, prev, following in zip(LESSONS, before[:-1], after, strict=True):
        expected = {"prev": prev, "next": following}
        assert ways[name] == {rel: f"{other}.html" for rel, other in expected.items() if other}


def test_what_a_page_cannot_show_is_refused():
    with pytest.raises(TypeError, match="set: a page shows"):
        as_html({1})


def test_export_writes_pages_and_tells_where(pages, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(export, "page", lambda lesson, home: pages[lesson.name])
    folder = tmp_path / "new" / "pages"
    assert door.main(["--export", str(folder)]) == 0
    assert {path.name for path in folder.iterdir()} == {f"{name}.html" for name in (*LESSONS, "index")}
    read = Reader((folder / "index.html").read_text(encoding="utf-8"))
    assert read.open == []
    assert [each["href"] for tag, each in read.elements if tag == "a"] == [f"{name}.html" for name in LESSONS]
    assert all(lesson.title in read.words and f": {lesson.about}" in read.words for lesson in LESSONS.values())
    out, err = capsys.readouterr()
    assert out.splitlines()[0].startswith(str(folder / f"{next(iter(LESSONS))}.html"))
    assert err == ""


def test_export_of_one(tmp_path):
    assert door.main(["backward", "--export", str(tmp_path)]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["backward.html"]


def test_within_the_site_every_page_leads_back_to_it(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "shown", lambda lesson: [])
    assert door.export(list(LESSONS.values()), tmp_path, home="../index.html") == 0
    for name in (*LESSONS, "index"):
        read = Reader((tmp_path / f"{name}.html").read_text(encoding="utf-8"))
        assert next(each["href"] for tag, each in read.elements if tag == "a") == "../index.html"
        assert read.open == []
