"""`check --map`: what cannot be guessed; and several layers at once."""

import pytest

from parity_tests.check.map_file import CHOICES, KEYS
from parity_tests.command_line.reading import SAMPLES, flat, verdict


def test_everything_a_map_can_say_is_used(check):
    code, out, err = check("by_hand.py", "--map", "map.toml", "--dtype", "float64")
    assert (code, err) == (0, ""), out
    assert verdict(out) == "5 of 5 layers agree with torch."
    for words in (
        "Stage(this=in_features, that=out_features, flavour='plain')",
        "go(x) takes a batch weight is .store.one, bias is .store.two",
        "come(dy) returns dx; dweight is .slopes.one, dbias is .slopes.two",
        "weight is .first (in, out), bias is .second",
        "backward(dy) returns (dweight, dbias, dx)",
        "backward(dy, speed) updates the weights",
        "blur(picture=x, weights_of_it=weight, how='valid') -> y",
        "undo(gradient=dy, cache=cache) -> dx",
    ):
        assert words in flat(out)


def test_the_sample_uses_every_key():
    said = (SAMPLES / "map.toml").read_text()
    unused = [key for key in KEYS if f"\n{key} = " not in said]
    assert unused == ["running_mean", "running_var"]


def test_a_summary_stands_before_the_reports(check):
    code, out, _ = check("tutorial.py", "--dtype", "float64")
    assert code == 1
    first, *_, last = out.strip().split("\n\n")
    assert first == last == "3 of 5 layers agree with torch; tutorial.py:MaxPool, tutorial.py:ReLU do not."
    table = out.split("\n\n")[1].splitlines()
    assert [line.split()[:4] for line in table[3:]] == [
        ["tutorial.py:Conv", "Conv2d", "agrees", "10"],
        ["tutorial.py:MaxPool", "MaxPool2d", "WRONG", "5"],
        ["tutorial.py:ReLU", "ReLU", "WRONG", "9"],
        ["tutorial.py:Flatten", "Flatten", "agrees", "4"],
        ["tutorial.py:Dense", "Linear", "agrees", "12"],
    ]
    for name in ("Conv", "MaxPool", "ReLU", "Flatten", "Dense"):
        assert f"\n\ntutorial.py:{name} " in out


def test_the_tie_rule_is_named_and_what_is_not_offered_is_listed(check):
    """A tutorial's pool, unchanged."""
    code, out, _ = check("tutorial.py:MaxPool")
    assert code == 1
    assert "Diagnosis: ties-to-all." in out
    assert "torch gives it to the first alone" in flat(out)
    listed = flat(out).split("Not offered: ")[1].split(" (")[0].split(", ")
    assert {"batch", "stride", "padding"} <= set(listed)


def test_one_that_cannot_be_called_does_not_hide_the_others(mine, tmp_path):
    source = "class Conv:\n  pass\nclass Flatten:\n  def forward(self, x): return x.reshape(len(x), -1)\n"
    code, out, _ = mine(source, "mine.py")
    assert code == 2
    assert verdict(out) == "1 of 2 layers agree with torch; mine.py:Conv could not be called."
    assert "not checked" in out
    assert "mine.py:Conv is not like Conv2d: its constructor () takes no in_channels and no" in flat(out)


NAMED = "class Conv:\n  def __init__(self, in_channels, out_channels, k): pass\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[Conv]\nwieght = 'W'", "map.toml, [Conv]: wieght is unknown; did you mean weight?"),
        ("[Conv]\nzzz = 1", "[Conv]: zzz is unknown; there are class, function, like"),
        ("[Conv]\nweight = 3", "[Conv]: weight = 3 should be a text"),
        ("[Conv]\narguments = 'k'", "[Conv]: arguments = 'k' should be a table"),
        ("[Conv]\narguments = { k = 3 }", "should give a name of torch's for each; see constants"),
        ("[Conv]\nreturns = 'dx'", "[Conv]: returns = 'dx' should be a list"),
        ("[Conv]\nreturns = ['dW']", "[Conv]: returns = ['dW'] may name dx, dweight, dbias"),
        ("[Conv]\nlayout = 'sideways'", "[Conv]: layout = 'sideways' is none of batch, sample, column"),
        ("[Conv]\nstyle = 'wild'", "[Conv]: style = 'wild' is none of class, torch Module"),
        ("[Conv]\nweight_axes = 'ABC'", "is none of OIHW, HWIO"),
        ("[Conv]\ntransposed = 1", "[Conv]: transposed = 1 should be true or false"),
        ("[Conv]\ntransposed = true\nweight_axes = 'IO'", "transposed and weight_axes say the same"),
        ("[Conv]\nlike = 'Conv3d'", "[Conv]: like Conv3d: there are Conv2d"),
        ("[Conv]\nlike = 'Dropout'", "[Conv]: like Dropout: its mask is random"),
        ("[It]\nclass = 'Thing'", "[It] does not say what it is like: add like ="),
        ("[It]\nclass = 'Conv'\nfunction = 'conv'", "class and function exclude each other"),
        ("[Cove]\nlike = 'Conv2d'", "mine.py has no class or function Cove, did you mean Conv"),
        ("[Conv]\nforward = 'go'", "it has no go, which the map file names"),
        (
            "[Conv]\narguments = { j = 'stride' }",
            "its constructor (in_channels, out_channels, k) has no argument j, which the",
        ),
        (
            "[Conv]\narguments = { k = 'knife' }",
            "takes k for knife, which is no argument of torch's Conv2d(in_channels,",
        ),
        ("like = 'Conv2d'", "like stands outside of any table"),
        ("", "names no layer; a table for each is needed"),
        ("[Conv", "is no TOML: "),
        (None, "--map map.toml: no such file or directory"),
    ],
)
def test_what_a_map_must_not_say(mine, tmp_path, text, sentence):
    if text is not None:
        (tmp_path / "map.toml").write_text(text)
    code, out, err = mine(NAMED, "mine.py", "--map", "map.toml")
    assert (code, out) == (2, "")
    assert sentence in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[F]\nlike = 'Linear'\nweight = 'V'", "it has no array .V, which the map file names; it holds .W (7, 5)"),
        (
            "[F]\nlike = 'Linear'\nweight = 'W'\nweight_axes = 'OI'",
            "its .W has the shape (7, 5), which the weight of torch, (5, 7), cannot",
        ),
    ],
)
def test_a_weight_that_is_not_where_the_map_says(mine, tmp_path, text, sentence):
    (tmp_path / "map.toml").write_text(text)
    source = "import numpy as np\nclass F:\n  def __init__(self, n_in, n_out): self.W = np.zeros((n_in, n_out))\n"
    code, _, err = mine(f"{source}  def forward(self, x): return x @ self.W", "mine.py", "--map", "map.toml")
    assert code == 2
    assert sentence in err


def test_a_map_names_the_layers_itself(check):
    for words in (("by_hand.py:Stage",), ("by_hand.py", "--like", "Linear")):
        code, _, err = check(*words, "--map", "map.toml")
        assert code == 2
        assert err == "check: --map names the layers itself: leave out the name behind FILE.py, and --like\n"


def test_every_choice_is_a_word_of_some_style():
    assert CHOICES.keys() <= KEYS.keys()
