"""The tables of README.md and docs/benchmarks.md are those of the committed results."""

from dataclasses import replace

import pytest

from benchmarks import readme
from benchmarks.contenders import LOOPS
from benchmarks.document import as_json, from_json
from benchmarks.readme import PAGE, README, RESULTS, MarksError, written
from parity_tests.bench.made_up import results

MARKED = "# Speed\n\n<!-- bench: layers -->\nold\n<!-- bench end -->\n\nmore\n"


@pytest.mark.parametrize("page", [README, PAGE], ids=lambda page: page.name)
def test_a_page_is_in_step_with_the_results(page):
    text = page.read_text("utf-8")
    assert ("<!-- bench: " in text) == RESULTS.exists()  # none of the two without the other
    if RESULTS.exists():
        assert written(text, from_json(RESULTS)) == text


def test_the_table_between_the_marks_and_nothing_else_is_written():
    found = results("scratch", "scratch+fast", LOOPS, seconds=2.0, allocators=["default", "tuned"])
    text = written(MARKED, with_machine(found))
    before, _, rest = text.partition("<!-- bench: layers -->\n")
    table, _, after = rest.partition("<!-- bench end -->")
    assert (before, after) == ("# Speed\n\n", "\n\nmore\n")
    assert "old" not in table
    assert (
        "- at equal accuracy scratch takes 4.00 x (4.00 x with malloc tuned) the time of torch's best column" in table
    )
    assert "| conv 3x3 64 | forward | 1000 | 500 | 2000 | 4.00 | 4.00 | 4.00 | 0.20 | ~1.00 |" in table
    assert "| conv 3x3 64 | forward + backward |" in table
    assert written(text, with_machine(found)) == text


def test_a_row_is_written_as_it_is_printed():
    found = with_machine(results("scratch", allocators=["default"]))
    text = written("<!-- bench: row max pool 2x2 -->\n<!-- bench end -->\n", found)
    assert "\n```text\nlayers: milliseconds, malloc default\n" in text
    assert "\nmax pool 2x2  fwd   1000            500     1000\n" in text
    assert "\nmax pool 2x2: MaxPool2d(2) on " in text
    assert "conv" not in text


def with_machine(found):
    names = ("CPU", "threads", "versions", "commit")
    return replace(found, environment={name: f"its {name}" for name in names})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# Speed\n", "has no line <!-- bench: layers -->"),
        (MARKED.replace("layers", "layer"), "asks for 'layer'; the results have layers, more layers, models, "),
        (MARKED.replace("layers", "row conv"), "asks for 'row conv'; the results have row conv 3x3 64, "),
    ],
)
def test_marks_that_are_wrong(text, words):
    with pytest.raises(MarksError, match=words):
        written(text, results("scratch"))


def test_the_command(bench, tmp_path, monkeypatch):
    for name, content in (("README", MARKED), ("PAGE", MARKED), ("RESULTS", as_json(with_machine(results("scratch"))))):
        monkeypatch.setattr(readme, name, tmp_path / name)
        (tmp_path / name).write_text(content, "utf-8")
    done = bench("--readme")
    assert (done.code, done.err) == (0, "")
    for name in ("README", "PAGE"):
        assert "| conv 3x3 64 | forward | 1000 | 500 |" in (tmp_path / name).read_text("utf-8")
    (tmp_path / "RESULTS").write_text("{}", "utf-8")
    done = bench("--readme")
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith("RESULTS is no document of this project: it has no field 'schema'.\n")
