"""The lessons for Jupyter and Colab: in step with the notebooks, in an order that runs, with a stand-in for marimo."""

import ast
import builtins
import importlib
import json
import subprocess
import symtable
import sys

import nbformat
import pytest

from lessons import in_jupyter as mo
from lessons import install
from lessons.catalogue import LESSONS
from lessons.cells import cells
from lessons.ipynb import FIRST_CELL, FOLDER, TITLE, notebook
from lessons.pieces import Verdict, paragraph, predicted


def codes(name):
    """The code cells of a committed notebook, as one text each."""
    whole = json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in whole["cells"] if cell["cell_type"] == "code"]


def shown(sources):
    """What code cells show, run from the first to the last as Jupyter does."""
    names, results = {}, []
    for source in sources:
        body = ast.parse(source).body
        last = body.pop() if isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), "cell", "exec"), names)
        if last is not None:
            results.append(eval(compile(ast.Expression(last.value), "cell", "eval"), names))
    return results


@pytest.fixture
def no_pip(monkeypatch):
    """The pip lines that would run."""
    lines = []
    monkeypatch.setattr(install, "pip", lambda *arguments: lines.append(" ".join(arguments)))
    return lines


@pytest.mark.parametrize("name", LESSONS)
def test_what_is_committed_is_what_the_notebook_gives(name):
    committed = (FOLDER / f"{name}.ipynb").read_text(encoding="utf-8")
    assert committed == notebook(LESSONS[name]), "run `python3 run.py lessons --jupyter`"
    nbformat.validate(nbformat.reads(committed, as_version=nbformat.NO_CONVERT))


def test_there_is_one_for_each_lesson():
    assert {path.name for path in FOLDER.iterdir()} == {f"{name}.ipynb" for name in LESSONS}


@pytest.mark.parametrize("name", LESSONS)
def test_cells_are_those_that_marimo_finds(name):
    app = importlib.import_module(f"lessons.notebooks.{name}").app
    read = [(cell.code, cell.hidden) for cell in cells(LESSONS[name].notebook.read_text(encoding="utf-8"))]
    assert read == [(cell.code.strip(), cell.config.hide_code) for cell in app._cell_manager.cell_data()]


@pytest.mark.parametrize("name", LESSONS)
def test_no_cell_needs_one_below_it(name):
    known = {*dir(builtins), "__name__"}
    for source in codes(name):
        table = symtable.symtable(source, "cell", "exec")
        inside = [table]
        for each in inside:
            inside += each.get_children()
        defined = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
        used = {
            symbol.get_name()
            for each in inside
            for symbol in each.get_symbols()
            if symbol.is_referenced() and (symbol.is_global() or each is table)
        }
        assert used <= known | defined, source
        known |= {defined_ for defined_ in defined if not defined_.startswith("_")}  # the others are the cell's own


@pytest.mark.parametrize("name", LESSONS)
def test_it_runs_from_top_to_bottom(name, no_pip):
    results = [result for result in shown(codes(name)) if result is not None]
    assert sum(isinstance(result, Verdict) for result in results) == 4
    assert sum(isinstance(result, mo.Element) for result in results) >= 3
    for result in results:
        assert result._repr_markdown_() if isinstance(result, mo.Markdown) else result._repr_html_()


def test_answers_are_heard(no_pip):
    written = [
        source.replace('"5 x 6"])', '"5 x 6"], "3 x 4")')
        .replace("answer_1 = None", "answer_1 = 10")
        .replace("value=5,", "value=11,")
        for source in codes("sliding")
    ]
    results = shown(written)
    pages = "".join(result._repr_html_() for result in results if hasattr(result, "_repr_html_"))
    assert "As you predicted: 3 x 4." in pages
    assert "The window stands at row 2, column 3" in pages
    assert [result.state for result in results if isinstance(result, Verdict)] == ["right", "open", "open", "open"]


@pytest.mark.parametrize("name", LESSONS)
def test_what_marimo_hides_is_folded_unless_the_reader_writes_there(name):
    whole = json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))
    hidden = [cell for cell in cells(LESSONS[name].notebook.read_text(encoding="utf-8")) if cell.hidden]
    folded = [cell for cell in whole["cells"] if cell["metadata"]]
    assert len(folded) == sum(not cell.words and not cell.chooses for cell in hidden) > 5
    for cell in folded:
        assert cell["metadata"] == {"cellView": "form", "jupyter": {"source_hidden": True}}
        assert cell["source"][0] == f"{TITLE}\n"
        assert "mo.ui" not in "".join(cell["source"])
    assert not [cell for cell in whole["cells"] if cell["cell_type"] == "markdown" and "$" in "".join(cell["source"])]


def test_the_first_cell_finds_the_checkout_above(tmp_path):
    program = FIRST_CELL.removesuffix("install()") + "print(install.__module__)"
    command = [sys.executable, "-I", "-S", "-c", program]  # neither this folder nor what is installed
    found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=FOLDER)
    assert (found.returncode, found.stdout, found.stderr) == (0, "lessons.install\n", "")
    lost = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert lost.returncode == 1
    assert lost.stderr.splitlines()[-1].startswith(f"FileNotFoundError: no checkout in {tmp_path} or above it: fill in")


@pytest.mark.parametrize(
    ("there", "gpu", "expected"),
    [
        ({"project", "torch"}, False, []),
        ({"torch"}, False, ["--editable .[torch,images]"]),
        (set(), True, ["--editable .[torch,images]", "--editable .[cuda13]"]),
        (set(), False, [f"--no-deps --index-url {install.CPU_INDEX} torch", "--editable .[torch,images]"]),
        ({"project", "torch", "old cupy"}, True, ["--editable .[cuda12]"]),
        ({"project", "torch", "new cupy"}, True, []),
    ],
)
def test_only_what_is_missing_is_installed(no_pip, monkeypatch, there, gpu, expected):
    cupy = {"old cupy": {"cupy-cuda12x": "13.6.0"}, "new cupy": {"cupy-cuda13x": "14.2.0"}}
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(install, "installed", lambda: "project" in there)
    monkeypatch.setattr(install, "find_spec", lambda module: module if module in there else None)
    monkeypatch.setattr(install, "has_gpu", lambda: gpu)
    monkeypatch.setattr("gpu.install.right_extra", lambda: "cuda13")
    monkeypatch.setattr("gpu.install.cupy_distributions", lambda: next((cupy[it] for it in cupy if it in there), {}))
    install.install()
    assert no_pip == expected


@pytest.mark.parametrize(("colab", "pins"), [(False, ["--constraint", "constraints.txt"]), (True, [])])
def test_the_pins_hold_but_on_colab(monkeypatch, capsys, colab, pins):
    commands = []
    monkeypatch.setattr(subprocess, "run", lambda command, **_: commands.append(command))
    monkeypatch.setitem(sys.modules, "google.colab", install) if colab else None
    install.pip("torch")
    assert commands == [[sys.executable, "-m", "pip", "install", "--quiet", *pins, "torch"]]
    assert capsys.readouterr().out == "pip install torch ...\n"


@pytest.mark.parametrize(
    ("element", "value", "words"),
    [
        (mo.ui.radio(["<a>", "b"]), None, "value='&lt;a&gt;'"),
        (mo.ui.dropdown({"one": 1, "two": 2}, "two"), 2, "Chosen is “two”"),
        (mo.ui.slider(0, 8), 0, "from 0 to 8; here it is 0"),
        (mo.ui.slider(0, 1, 0.25, value=0.5, full_width=True), 0.5, "from 0 to 1 in steps of 0.25; here it is 0.5"),
        (mo.ui.slider(steps=[1, 10, 100], value=10), 10, "one of 1, 10, 100"),
        (mo.ui.matrix([[1, 2], [3, 4]], step=1), [[1, 2], [3, 4]], "[3, 4]"),
    ],
)
def test_an_element_has_a_value_and_says_how_to_change_it(element, value, words):
    assert element.value == value
    assert words in element._repr_html_().replace("&#x27;", "'")
    assert "Then run this cell and those below." in element._repr_html_()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: mo.ui.radio(["a", "b"], "c"), "value='c' must be one of 'a', 'b'"),
        (lambda: mo.ui.slider(0, 8, value=9), "value=9 must be from 0 to 8"),
        (lambda: mo.ui.slider(steps=[1, 10], value=5), "value=5 must be one of 1, 10"),
        (lambda: mo.ui.slider(0), "start=0 and stop=None must both be numbers"),
    ],
)
def test_a_choice_that_is_none_is_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_a_prediction_takes_the_stand_in():
    why = paragraph("so")
    assert "Predict first" in predicted(mo.ui.radio(["a", "b"]), "a", why).html
    assert "You predicted: b. It is: a." in predicted(mo.ui.radio(["a", "b"], value="b"), "a", why).html
