"""`check --format json -o FILE`."""

import json

import pytest

from parity_tests.check import as_json
from parity_tests.command_line.reading import flat


def content(out: str):
    """The report; NaN and Infinity are no JSON."""

    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    return json.loads(out, parse_constant=refuse)


def test_json_says_what_the_text_says(check):
    words = ("tutorial.py:MaxPool", "--dtype", "float32")
    (code, out, err), (_, text, _) = check(*words, "--format", "json"), check(*words)
    assert (code, err) == (1, "")
    report = content(out)
    (layer,) = report["layers"]
    assert report["schema"] == as_json.SCHEMA
    assert report["agree"] is layer["agree"] is False
    assert report["verdict"] == layer["verdict"]
    assert layer["verdict"] in flat(text)
    assert layer["adapter"]["style"] == "in the tutorial's style"
    assert {"batch", "stride", "padding"} <= layer["not offered"].keys()
    assert [each["suspect"] for each in layer["diagnosis"]["named"]] == ["ties-to-all"]
    assert "import torch" in layer["diagnosis"]["script"]
    (wrong, *_) = [each for each in layer["findings"] if each["ours"]["verdict"] == "wrong"]
    assert wrong["tensor"] == "dx"
    assert wrong["ours"]["worst"] > 1


def test_json_of_agreement_and_of_what_cannot_be_called(mine):
    source = "class Conv:\n  pass\nclass Flatten:\n  def forward(self, x): return x.reshape(len(x), -1)\n"
    code, out, _ = mine(source, "mine.py", "--format", "json")
    assert code == 2
    conv, flatten = content(out)["layers"]
    assert conv["not checked"].startswith("mine.py:Conv is not like Conv2d: its constructor () takes no in_channels")
    assert flatten["agree"] is True
    assert flatten["diagnosis"] is None


def test_an_infinite_number_is_a_word(check):
    _, out, _ = check("defects.py:ReturnsNone", "--like", "Conv2d", "--dtype", "float32", "--format", "json")
    (layer,) = content(out)["layers"]
    ours = [each["ours"] for each in layer["findings"] if each["tensor"] == "dx"]
    assert {one["worst"] for one in ours} == {"inf"}
    assert {one["reason"] for one in ours} == {"is a NoneType, not an array"}


def test_json_of_what_does_not_answer(check):
    _, out, _ = check("misbehaving.py:Raises", "--like", "ReLU", "--dtype", "float64", "--format", "json")
    (layer,) = content(out)["layers"]
    assert "ArithmeticError" in layer["failures"][0]["what"]


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_file_takes_the_report_and_the_screen_the_verdict(check, tmp_path, form):
    code, out, _ = check("tutorial.py:Flatten", "--format", form, "-o", str(tmp_path / "report"))
    assert code == 0
    assert flat(out) == "tutorial.py:Flatten agrees with torch.nn.Flatten in all 4 cases that it offers."
    written = (tmp_path / "report").read_text("utf-8")
    assert content(written)["agree"] if form == "json" else written.startswith("tutorial.py:Flatten agrees")


def test_a_file_that_cannot_be_written_is_said_before_anything_runs(check, tmp_path):
    code, out, err = check("tutorial.py:Flatten", "-o", str(tmp_path / "none" / "report"))
    assert (code, out) == (2, "")
    assert "there is no folder" in err
