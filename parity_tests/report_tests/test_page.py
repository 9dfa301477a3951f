"""The report as a page: well-formed, self-contained, escaped, with all that the text has and every finding."""

from dataclasses import fields, replace
from typing import Any

import pytest

from parity_tests.harness.implementations import Implementation
from parity_tests.report import as_html, sections
from parity_tests.report_tests import made_up
from parity_tests.report_tests.reading import asks_for_nothing, read

REPORTS = {"disagree": made_up.report(), "agree": made_up.report(bad=False)}
HTML = {name: as_html.render(report) for name, report in REPORTS.items()}
PAGES = {name: read(html) for name, html in HTML.items()}
both = pytest.mark.parametrize("which", REPORTS)


@both
def test_it_is_one_file_that_asks_for_nothing(which):
    assert HTML[which].startswith("<!DOCTYPE html>\n")
    assert asks_for_nothing(PAGES[which], HTML[which])
    assert "prefers-color-scheme: dark" in HTML[which]


@both
def test_links_lead_to_a_place_that_there_is_once(which):
    ids = [node.attributes["id"] for node in PAGES[which].all() if "id" in node.attributes]
    links = {node.attributes["href"] for node in PAGES[which].all("a")}
    assert len(set(ids)) == len(ids)
    assert links == {f"#{name}" for name in ids}


@both
def test_the_verdict_comes_first(which):
    header, main = PAGES[which].all("header")[0], PAGES[which].all("main")[0]
    sign, kind = ("✗", "disagrees") if which == "disagree" else ("✓", "agrees")
    assert [node.text for node in header.all(kind=kind)] == [f"{sign} {REPORTS[which].verdict}"]
    assert PAGES[which].all("title")[0].text.startswith(which.upper())
    assert REPORTS[which].verdict not in main.text


@both
def test_the_tables_are_those_of_the_text(which):
    shown = PAGES[which].all(kind="tables")[0].all("div", "part")
    assert len(shown) == len(sections.sections(REPORTS[which]))
    for node, section in zip(shown, sections.sections(REPORTS[which]), strict=True):
        assert node.all("h3")[0].text == section.title
        assert [cell.text for cell in node.all("td")] == [
            " ".join(str(cell).split()) for row in section.table.rows for cell in row
        ]
        heads = [" ".join(head.replace("\n.", ".").split()) for head in section.table.headers]
        assert [cell.text for cell in node.all("th")] == heads
        assert [each.text for each in node.all("p")] == [*filter(None, [section.lead]), *section.notes]


@both
def test_every_finding_is_in_it(which):
    rows = [
        [cell.text for cell in row.all("td")]
        for table in PAGES[which].all("table", "findings")
        for row in table.all("tr")
    ]
    shown = sorted((row[0], row[1], row[2], row[3].split()[1]) for row in rows if row)
    findings = REPORTS[which].findings
    assert shown == sorted(
        (f.implementation + f":{f.algorithm}" * (f.algorithm is not None), f.dtype, f.tensor, str(f.ours.verdict))
        for f in findings
    )
    cases = {node.text for node in PAGES[which].all("span", "mono")}
    assert cases == {f.case for f in findings}


def test_reasons_and_worst_elements_are_told():
    text = PAGES["disagree"].text
    assert "raised ZeroDivisionError: by zero" in text
    assert "has shape (3, 4, 5), should have (2, 3, 4, 5)" in text
    assert "at [1, 2, 0, 0] it has 1.18067229, the referee 0.680672269" in text
    assert all(line in text for line in REPORTS["disagree"].disagreements)


def test_what_disagrees_stands_open_and_before_the_rest():
    groups = [node for node in PAGES["disagree"].all("section")[3].all("details") if node.all("details")]
    states = [(group.all("b")[0].text, "open" in group.attributes) for group in groups]
    opened, closed = ["Conv2d", "MaxPool2d", "Linear"], ["ReLU", "correlate2d", "fft2"]
    assert states == [(op, True) for op in opened] + [(op, False) for op in closed]
    assert not any("open" in node.attributes for node in PAGES["agree"].all("details"))


@both
def test_it_can_be_read_without_colour(which):
    """Whatever is coloured for its verdict says it as a word besides."""
    for kind, words in (("wrong", ("wrong",)), ("imprecise", ("imprecise",)), ("bad", ("wrong", "imprecise"))):
        for node in PAGES[which].all(kind=kind):
            assert any(word in node.text.lower() for word in words)


@both
def test_the_histograms_count_every_element_of_float32(which):
    (section,) = [each for each in PAGES[which].all("section") if each.attributes["id"] == "errors"]
    figures = section.all("figure")
    names = [each.name for each in REPORTS[which].choice.implementations]
    assert [figure.all("h3")[0].text for figure in figures] == names
    for name, figure in zip(names, figures, strict=True):
        counted = [
            f for f in REPORTS[which].findings if (f.implementation, f.dtype) == (name, "float32") and f.ours.counts
        ]
        rows = [[cell.text for cell in row.all("td")] for row in figure.all("tbody")[0].all("tr")]
        assert sum(int(row[1].replace(",", "")) for row in rows) == sum(sum(f.ours.counts) for f in counted)
        assert sum(int(row[2].replace(",", "")) for row in rows) == sum(sum(f.torch.counts) for f in counted)


def test_a_map_for_each_tensor_that_disagrees_and_has_places():
    maps = [node for node in PAGES["disagree"].all("svg", "map") if node.attributes.get("role") == "img"]
    titles = [node.attributes["aria-label"] for node in maps]
    assert titles == [
        "Map of the errors in y[1, 2, 0:4, 0:5]",
        "Map of the errors in dx[1, 2, 0:4, 0:5]",
        "Map of the errors in y[1, 2, 0:4, 0:5]",
    ]
    marks = ["".join(text.text for text in node.all("text", "mark")) for node in maps]
    assert marks == ["55" + 17 * "·", 20 * "·", 6 * "∞"]  # nothing on what is exact
    assert not PAGES["agree"].all("svg", "map")


def hostile(value: Any) -> Any:
    """The same with a hostile text at the end of each text."""
    if isinstance(value, str):
        return made_up.hostile_text(value)
    if isinstance(value, list):
        return [hostile(each) for each in value]
    return {hostile(key): hostile(each) for key, each in value.items()} if isinstance(value, dict) else value


def test_hostile_names_are_text():
    report = made_up.report()
    choice = replace(
        report.choice,
        implementations=[Implementation(made_up.hostile_text("ours")), Implementation(made_up.hostile_text("theirs"))],
    )
    findings = {
        each.name: [
            replace(
                f, **{name: hostile(getattr(f, name)) for name in ("implementation", "op", "case", "tensor", "referee")}
            )
            for f in getattr(report, each.name)
        ]
        for each in fields(report)
        if each.name.startswith("on_")
    }
    for found in findings.values():
        for n, f in enumerate(found):
            if f.ours.reason:
                found[n] = replace(f, ours=replace(f.ours, reason=made_up.hostile_text(f.ours.reason)))
    report = replace(
        report,
        choice=replace(choice, skipped=hostile(choice.skipped)),
        environment=hostile(report.environment),
        models={},
        lockstep={},
        **findings,
    )
    layers = made_up.report().models["overview_cnn"]["ours"]
    report.models[made_up.hostile_text("model")] = {made_up.hostile_text("ours"): layers}
    html = as_html.render(report)
    page = read(html)
    assert asks_for_nothing(page, html)
    assert [len(page.all("head")[0].all(tag)) for tag in ("style", "title")] == [1, 1]
    assert page.text.count(made_up.HOSTILE) > 50
