"""The chart and the page: that they can be opened, and say what the tables say."""

import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest
from PIL import Image

from benchmarks.contenders import LOOPS, OTHERS
from benchmarks.measure import Results
from parity_tests.bench.made_up import results

pytest.importorskip("matplotlib", reason="the extra plots is not installed")


def drawn(found: Results) -> list[str]:
    from benchmarks.chart import draw

    picture = draw(found, "svg")
    assert draw(found, "svg") == picture
    return [words.strip() for words in ET.fromstring(picture.decode()).itertext() if words.strip()]


def test_the_chart_has_every_line_of_every_suite():
    said = drawn(results("scratch", "scratch+fast", LOOPS, *OTHERS, allocators=["default", "tuned"]))
    for words in ("conv 3x3 64 fwd", "BatchNorm f+b", "tutorial step step", "filter 51x51 fwd", "epoch float32 epoch"):
        assert words in said
    assert "scratch+fast, malloc tuned" in said
    assert not [words for words in said if "scipy" in words]


def test_a_chart_of_the_loops_alone():
    assert "conv 3x3 64 fwd" in drawn(results(LOOPS))


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_plot_can_be_opened(bench, tmp_path, kind):
    file = tmp_path / f"chart.{kind}"
    done = bench("--filter", "conv", "--impl", "scratch", "--plot", str(file))
    assert (done.code, done.err) == (0, "")
    if kind == "png":
        with Image.open(file) as picture:
            picture.load()
    else:
        assert "conv fwd" in file.read_text("utf-8")


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.words = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data.split()


def test_the_page(bench, tmp_path):
    file = tmp_path / "page.html"
    done = bench("--suite", "layers", "--impl", "scratch", "--html", str(file))
    assert (done.code, done.err) == (0, "")
    page = file.read_text("utf-8")
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    assert not re.findall(r'(?:src|href)="(?!data:)', page)  # it asks nothing of any network
    said = " ".join(reader.words)
    verdict = " ".join(done.out.partition("\n\n")[0].split())
    assert verdict[:60] in said
    assert "Conv2d(2, 3, (3, 2)) on 4x2x7x6, float32" in said
    assert "CPU" in said


def test_a_page_escapes_what_it_shows():
    pytest.importorskip("jinja2", reason="the extra report is not installed")
    from benchmarks.page import render

    page = render("<title>", ["<b>"], [], [], ["<i>"], {"<u>": "<s>"}, {"<em>": "<q>"})
    for tag in ("<b>", "<i>", "<u>", "<s>", "<em>", "<q>"):
        assert tag not in page
