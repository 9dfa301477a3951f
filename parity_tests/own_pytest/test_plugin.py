"""The pytest plugin, in a pytest of its own: an item for each case, verdicts, skips, no trace where it is not used."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from parity_tests.pytest_layers import NotChecked, layers
from parity_tests.pytest_plugin import PROMISES

ROOT = Path(__file__).parents[2]

LAYERS = """\
import numpy as np


class Right:
    def forward(self, x):
        self.x = x
        return np.where(x <= 0, 0, x)

    def backward(self, dy):
        return np.where(self.x <= 0, 0, dy)


class Negated(Right):
    def backward(self, dy):
        return -super().backward(dy)


class InPlace(Right):
    def forward(self, x):
        self.x = x.copy()
        x[x <= 0] = 0
        return x.copy()


class NoEmpty(Right):
    def forward(self, x):
        if x.size == 0:
            raise ValueError("nothing in it")
        return super().forward(x)


class Leaves(Right):
    def forward(self, x):
        if np.isinf(x).any():
            raise SystemExit("enough")
        return super().forward(x)
"""


def run(folder, *words):
    """Run pytest with the plugin in a folder; gives exit code, output, and the cases of JUnit's file."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "parity_tests.pytest_plugin",
        "-p",
        "no:cacheprovider",
        "-W",
        "error",
    ]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, "--junitxml=junit.xml", *words], capture_output=True, text=True, check=False, cwd=folder, env=env
    )
    assert "INTERNALERROR" not in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    file = folder / "junit.xml"
    return done.returncode, done.stdout + done.stderr, list(ET.parse(file).iter("testcase")) if file.exists() else []


NAMES = ("Right", "Negated", "InPlace", "NoEmpty", "Leaves")


@pytest.fixture(scope="module")
def all_of_them(tmp_path_factory):
    """One run over all layers: exit code, output, and name of the layer -> name of the case -> its outcome."""
    folder = tmp_path_factory.mktemp("layers")
    (folder / "layers.py").write_text(LAYERS)
    words = [f"--parity-layer=layers.py:{name}" for name in NAMES]
    code, out, cases = run(folder, *words, *["--like=ReLU"] * len(NAMES))
    found = {}
    for case in cases:
        outcome = next(((kind.tag, kind.get("message")) for kind in case), ("passed", ""))
        found.setdefault(case.get("classname"), {})[case.get("name")] = outcome
    return code, out, found


def test_each_layer_has_a_test_for_each_case(all_of_them):
    code, _, found = all_of_them
    assert code == 1
    assert list(found) == [f"layers.{name}" for name in NAMES]
    names = {frozenset(cases) for cases in found.values()}
    assert len(names) == 1
    assert {"ReLU() on 2x3x5x4", "ReLU() on 5x7 nan", PROMISES} <= names.pop()


def test_a_right_layer_passes(all_of_them):
    assert set(all_of_them[2]["layers.Right"].values()) == {("passed", "")}


def test_a_wrong_layer_fails_with_the_verdict_of_each_case(all_of_them):
    _, out, found = all_of_them
    outcome, message = found["layers.Negated"]["ReLU() on 2x3x5x4"]
    lines = message.splitlines()
    assert outcome == "failure"
    assert lines[0].startswith("float32 dx is wrong: at [")
    assert lines[1].startswith("float64 dx is wrong: at [")
    assert lines[2].startswith("negated: ")
    assert found["layers.Negated"][PROMISES] == ("passed", "")
    assert "FAILED layers.py::Negated::ReLU() on 2x3x5x4 - " in out
    assert "pytest_plugin.py" not in out


def test_a_broken_promise_is_a_test_of_its_own(all_of_them):
    failed = {name: message for name, (kind, message) in all_of_them[2]["layers.InPlace"].items() if kind != "passed"}
    assert failed == {PROMISES: "it changes x in place; torch leaves it as it is"}


def test_what_is_not_offered_is_skipped_with_the_reason(all_of_them):
    others = {name: outcome for name, outcome in all_of_them[2]["layers.NoEmpty"].items() if outcome[0] != "passed"}
    assert others == {"ReLU() on 0x3x5x4": ("skipped", "not offered: an empty batch")}


def test_what_happened_in_place_of_an_answer_is_told(all_of_them):
    failed = {name: message for name, (kind, message) in all_of_them[2]["layers.Leaves"].items() if kind != "passed"}
    assert list(failed) == ["ReLU() on 5x27 inf"]
    assert failed["ReLU() on 5x27 inf"].startswith("float32: it raises SystemExit: enough (layers.py, line ")


def test_k_chooses_among_the_cases_and_ones_own_tests(tmp_path):
    (tmp_path / "layers.py").write_text(LAYERS)
    (tmp_path / "test_mine.py").write_text("def test_mine():\n    pass\n")
    code, _, cases = run(tmp_path, "--parity-layer=layers.py:Right", "--like=ReLU", "-k", "integers or mine")
    assert code == 0
    assert [case.get("name") for case in cases] == ["test_mine", "ReLU() on 3x7 integers"]


@pytest.mark.parametrize(
    ("word", "like", "sentence"),
    [
        ("none.py:Conv", "Conv2d", "there is no file none.py"),
        ("layers.py:Wrong", "ReLU", "layers.py has no class or function Wrong"),
        ("layers.py:Right", "Relu6", "--like Relu6: there are Conv2d"),
        ("layers.py:Right", "Conv2d", "layers.py:Right is not like Conv2d: its constructor"),
        ("layers.py:Right", None, "what is layers.py:Right like?"),
        ("broken.py:Right", "ReLU", "broken.py:Right: it raises ModuleNotFoundError: No module named 'nowhere'"),
    ],
)
def test_what_cannot_be_checked_is_one_sentence(word, like, sentence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "layers.py").write_text(LAYERS)
    (tmp_path / "broken.py").write_text("import nowhere\n")
    with pytest.raises(NotChecked) as stopped:
        layers(word, like)
    assert str(stopped.value).startswith(sentence)
    assert "\n" not in str(stopped.value)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--parity-layer=none.py:Conv"], "--parity-layer there is no file none.py"),
        (["--parity-layer=none.py", "--like=ReLU", "--like=ReLU"], "1 --parity-layer and 2 --like: one for each is"),
        (["--like=ReLU"], "0 --parity-layer and 1 --like: one for each is needed, or none"),
    ],
)
def test_a_wrong_command_line_ends_with_pytests_code_for_it(words, sentence, tmp_path):
    code, out, cases = run(tmp_path, *words)
    assert (code, cases) == (4, [])
    assert sentence in " ".join(out.split())


def test_it_costs_nothing_where_it_is_not_used(tmp_path):
    (tmp_path / "test_mine.py").write_text(
        "import sys\n\n\ndef test_mine():\n    heavy = ('numpy', 'torch', 'tabulate', 'parity_tests.pytest_layers')\n"
        "    assert [name for name in heavy if name in sys.modules] == []\n"
    )
    code, out, cases = run(tmp_path)
    assert (code, len(cases)) == (0, 1), out


def test_installing_brings_it_under_the_name_that_p_uses():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"parity_tests.pytest_plugin": "parity_tests.pytest_plugin"}
