"""README.md's tables are those of the committed results."""

from dataclasses import replace

import pytest

from benchmarks import readme
from benchmarks.contenders import LOOPS
from benchmarks.document import as_json, from_json
from benchmarks.readme import README, RESULTS, MarksError, written
from parity_tests.bench.made_up import results

MARKED = "# Speed\n\n<!-- bench: layers -->\nold\n<!-- bench end -->\n\nmore\n"


def test_readme_is_in_step_with_the_results():
    text = README.read_text("utf-8")
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


def with_machine(found):
    names = ("CPU", "threads", "versions", "commit")
    return replace(found, environment={name: f"its {name}" for name in names})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# Speed\n", "has no line <!-- bench: layers -->"),
        (MARKED.replace("layers", "layer"), "asks for 'layer'; the results have layers, models, images, training"),
    ],
)
def test_marks_that_are_wrong(text, words):
    with pytest.raises(MarksError, match=words):
        written(text, results("scratch"))


def test_the_command(bench, tmp_path, monkeypatch):
    for name, content in (("README", MARKED), ("RESULTS", as_json(with_machine(results("scratch"))))):
        monkeypatch.setattr(readme, name, tmp_path / name)
        (tmp_path / name).write_text(content, "utf-8")
    done = bench("--readme")
    assert (done.code, done.err) == (0, "")
    assert "| conv 3x3 64 | forward | 1000 | 500 |" in (tmp_path / "README").read_text("utf-8")
    (tmp_path / "RESULTS").write_text("{}", "utf-8")
    done = bench("--readme")
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith("RESULTS is no document of this project: it has no field 'schema'.\n")
