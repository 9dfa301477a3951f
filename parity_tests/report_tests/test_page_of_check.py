"""The page of check: what its text says, escaped, in one file, with every finding."""

from dataclasses import replace

import pytest

from parity_tests.check import as_html, show
from parity_tests.report.layout import unfolded
from parity_tests.report_tests import made_up_layers
from parity_tests.report_tests.made_up import hostile_text
from parity_tests.report_tests.reading import asks_for_nothing, read


def page_of(layers, python="/usr/bin/python3"):
    """The page, and its text as HTML."""
    html = as_html.render(layers, python, ["float32", "float64"], 3)
    return read(html), html


ALL, ALL_HTML = page_of(made_up_layers.checked())
RIGHT, RIGHT_HTML = page_of([made_up_layers.right()])


@pytest.mark.parametrize(("page", "html"), [(ALL, ALL_HTML), (RIGHT, RIGHT_HTML)], ids=["all", "right"])
def test_it_is_one_file_whose_links_lead_somewhere(page, html):
    assert asks_for_nothing(page, html)
    ids = [node.attributes["id"] for node in page.all() if "id" in node.attributes]
    assert len(set(ids)) == len(ids)
    assert {node.attributes["href"] for node in page.all("a")} == {f"#{name}" for name in ids}


def test_the_verdict_comes_first_then_the_summary_of_several():
    header = ALL.all("header")[0]
    assert header.all(kind="disagrees")[0].text == f"✗ {show.verdict_on_all(made_up_layers.checked())}"
    rows = [[cell.text for cell in row.all("td")] for row in header.all("tr")]
    assert rows[1:] == [[str(cell) for cell in row] for row in show.summary(made_up_layers.checked()).rows]
    assert RIGHT.all("header")[0].all(kind="agrees")[0].text.startswith("✓ mine.py:Right agrees with torch.nn.Conv2d")
    assert RIGHT.all("header")[0].all("table") == []


def test_every_layer_has_a_section_with_its_verdict():
    sections = ALL.all("section")
    assert [each.all("h2")[0].text for each in sections] == [
        "mine.py:Conv", "mine.py:Right", "mine.py:Odd", "Environment and thresholds",
    ]  # fmt: skip
    for section, layer in zip(sections, made_up_layers.checked(), strict=False):
        told = show.verdict_on(layer.found, layer.shown) if layer.found else f"{layer.shown}{layer.reason}."
        assert section.all("p", "verdict")[0].text.endswith(told)


def test_all_that_the_text_says_is_said():
    """Paragraph by paragraph, but for tables and what is arranged otherwise."""
    layer = made_up_layers.wrong()
    found, text = layer.found, ALL.all("section")[0].text
    assert found is not None
    paragraphs = [
        *show.worst(show.untold(found)),
        *show.worst(found.again, ", in a second call"),
        *show.failures(found),
        *(note.removeprefix("Note: ") for note in show.remarks(found, layer.printed)),
        *found.adapter.assumed(),
        *found.lacks,
        *found.diagnosis.facts,
        *found.diagnosis.script.splitlines(),
        *(found.diagnosis.named[0].suspect, found.diagnosis.named[0].sentence, "kernel-turned"),
        "It explains y in 2 cases.",
        "Nothing else that is known to go wrong gives these numbers of dx.",
        f"The smallest case that shows it: {made_up_layers.EVEN}, float32",
        "dx in Conv2d(2, 3, 3) on 2x2x6x7, float32, plane [1, 2]:",
        "1 case left out",
    ]
    assert [paragraph for paragraph in unfolded(paragraphs) if paragraph not in text] == []


def test_the_table_and_every_finding():
    section, found = ALL.all("section")[0], made_up_layers.wrong().found
    rows = [[cell.text for cell in row.all("td")] for row in section.all("table")[0].all("tr")]
    assert rows[1:] == [[str(cell) for cell in row] for row in show.by_tensor(found.findings).rows]
    rows = [
        [cell.text for cell in row.all("td")] for table in section.all("table", "findings") for row in table.all("tr")
    ]
    assert sorted((row[1], row[2], row[3].split()[1]) for row in rows if row) == sorted(
        (f.dtype, f.tensor, str(f.ours.verdict)) for f in found.findings
    )


def test_a_histogram_for_each_tensor_and_a_map_for_each_that_disagrees():
    titles = [
        node.attributes["aria-label"] for node in ALL.all("section")[0].all("svg") if "aria-label" in node.attributes
    ]
    assert titles == [
        "Map of the errors in y[1, 2, 0:4, 0:5]",
        "Map of the errors in dx[1, 2, 0:4, 0:5]",
        *(f"Histogram of the errors of {name} and of torch; the numbers are below" for name in ("y", "dx", "dweight")),
    ]


def test_environment_and_thresholds():
    text = ALL.all("section")[-1].text
    for words in ("interpreter of the layers /usr/bin/python3", "formats float32 and float64", "seed 3", "torch 2."):
        assert words in text
    for words in ("law at most 1:", "index at most 1:", "norm at most 8:", "norm of sums at most 0.00195312:"):
        assert words in text


def test_hostile_names_are_text():
    layer = made_up_layers.wrong()
    found = replace(
        layer.found,
        findings=[replace(f, case=hostile_text(f.case), tensor=hostile_text(f.tensor)) for f in layer.found.findings],
        lacks={hostile_text("stride"): hostile_text("why")},
    )
    found.diagnosis = replace(made_up_layers.diagnosis(), script=hostile_text("import torch"))
    name = hostile_text("mine.py:Conv")
    layers = [replace(layer, shown=name, found=found, printed=[hostile_text("hello")]), made_up_layers.unknown()]
    page, html = page_of(layers, hostile_text("python"))
    assert asks_for_nothing(page, html)
    assert [len(page.all("head")[0].all(tag)) for tag in ("style", "title")] == [1, 1]
    assert page.all("h2")[0].text == name
    assert hostile_text("python") in page.all("section")[-1].text
