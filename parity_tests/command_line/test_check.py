"""`check`: somebody's layers, right and wrong, well and badly behaved, against torch."""

import argparse
import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity_tests.check import child, command, examine, process
from parity_tests.check.adapter import LEARNING_RATE, Unmatched, match, with_state
from parity_tests.check.cases import LAYERS, cases_for, is_last_axis
from parity_tests.harness.case import Spec
from parity_tests.harness.laws import LAYER_LAWS
from parity_tests.harness.layer_case import LayerCase

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "parity_tests" / "check_samples"


@pytest.fixture
def check(capsys, monkeypatch):
    """Run `check` in the folder of the samples; gives exit code, report and what went to stderr."""
    monkeypatch.chdir(SAMPLES)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def run(*words):
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        code = command.run(parser.parse_args(words))
        out, err = capsys.readouterr()
        assert max(map(len, out.splitlines()), default=0) <= 80
        assert "Traceback" not in out + err
        return code, out, err

    return run


@pytest.fixture
def mine(tmp_path, monkeypatch, check):
    """Run `check` on a file with this source."""

    def run(source, target, *words):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "mine.py").write_text(source)
        return check(target, *words)

    return run


def verdict(out):
    """The report's first and last paragraph, which are the same."""
    first, *_, last = out.strip().split("\n\n")
    assert first == last
    return " ".join(first.split())


def flat(text):
    """The text without its line breaks."""
    return " ".join(text.split())


def disagreeing(out):
    """The tensors whose row in the table says that they do not agree."""
    return {
        name: word
        for name, word in re.findall(r"^(\w+) +(wrong|imprecise|accurate|exact) ", out, re.MULTILINE)
        if word in ("wrong", "imprecise")
    }


# Right layers


@pytest.mark.parametrize(
    ("layer", "like"),
    [
        ("torch_like.py:LoopConv2d", "Conv2d"),
        ("torch_like.py:MatrixConv2d", "Conv2d"),
        ("torch_like.py:Linear", "Linear"),
        ("torch_like.py:MaxPool2d", "MaxPool2d"),
        ("torch_like.py:BatchNorm2d", "BatchNorm2d"),
        ("tutorial.py:Conv", "Conv2d"),
        ("tutorial.py:Dense", "Linear"),
        ("tutorial.py:Flatten", "Flatten"),
        ("defects.py:Conv2d", "Conv2d"),
        ("defects.py:Dense", "Linear"),
        ("misbehaving.py:ReLU", "ReLU"),
    ],
)
def test_right_layers_agree(check, layer, like):
    code, out, err = check(layer, "--like", like)
    assert (code, err) == (0, "")
    assert re.fullmatch(rf"{layer} agrees with torch.nn.{like} in all \d+ cases that it offers\.", verdict(out))
    assert not disagreeing(out)


@pytest.mark.parametrize("like", LAYERS)
def test_our_own_layers_agree_in_every_case(mine, like):
    code, out, _ = mine("from scratch import *", f"mine.py:{like}", "--like", like)
    assert code == 0, out
    assert f"in all {len(cases_for(like))} cases that it offers." in verdict(out)
    assert "Not offered" not in out
    assert "Read as torch-like" in out


def test_the_loops_agree_too(mine):
    code, out, _ = mine("from scratch.naive import Conv2d", "mine.py:Conv2d", "--like", "Conv2d", "--dtype", "float32")
    assert code == 0, out


# Wrong layers


@pytest.mark.parametrize(
    ("layer", "like", "tensors", "words"),
    [
        ("tutorial.py:MaxPool", "MaxPool2d", "dx", "ties, float32: at"),
        ("tutorial.py:ReLU", "ReLU", "dx", "nan, float32: at"),
        ("defects.py:FlippedKernel", "Conv2d", "y dx", ""),
        ("defects.py:NoBiasGradient", "Conv2d", "dbias", "is nowhere to be found after backward"),
        ("defects.py:IgnoresUpstream", "Conv2d", "dx dweight dbias", ""),
        ("defects.py:NotANumber", "Conv2d", "y", "it has nan, torch has"),
        ("defects.py:WrongShape", "Conv2d", "y", "has shape (1, 1, 0, 1), should have (1, 1, 1, 1)"),
        ("defects.py:ReturnsNone", "Conv2d", "dx", "is a NoneType, not an array"),
        ("defects.py:ReturnsList", "Conv2d", "y", "is a list, not an array"),
        ("defects.py:ReturnsObjects", "Conv2d", "y", "is an array of dtype object"),
        ("defects.py:UpdatesFirst", "Linear", "dx", ""),
        ("defects.py:ForgetsBias", "Linear", "dbias", "it has 0, torch has"),
        ("defects.py:WrongWay", "Linear", "dweight dbias", ""),
        ("defects.py:WholeGradientPool", "AvgPool2d", "dx", ""),
    ],
)
def test_each_defect_is_found(check, layer, like, tensors, words):
    code, out, err = check(layer, "--like", like, "--dtype", "float32")
    assert (code, err) == (1, "")
    assert disagreeing(out) == dict.fromkeys(tensors.split(), "wrong")
    assert verdict(out).startswith(f"{layer} is wrong against torch.nn.{like}: {tensors.split()[0]} in ")
    assert words in flat(out)


def test_too_few_digits_are_no_agreement(check):
    code, out, _ = check("defects.py:FewDigits", "--like", "Conv2d", "--dtype", "float32")
    assert code == 1
    assert disagreeing(out) == {"y": "imprecise"}
    assert "is less precise than torch.nn.Conv2d: y in " in verdict(out)


# Layers that do not answer


ALL = len(cases_for("ReLU"))
INFINITE = sum(case.data == "inf" for case in cases_for("ReLU"))


@pytest.mark.parametrize(
    ("name", "what", "count", "words"),
    [
        ("Raises", "raises", INFINITE, ["ArithmeticError: no luck with [31minf (misbehaving.py, line", "in backward:"]),
        ("AlwaysRaises", "raises", ALL, ["(misbehaving.py, line", "in forward: return x.undefined)"]),
        ("Unmakeable", "raises", ALL, ["in __init__: self.slope = self.undefined)"]),
        ("Leaves", "raises", INFINITE, ["SystemExit: enough", 'in forward: sys.exit("enough"))']),
        ("Exits", "crashes", INFINITE, ["it ended the process with exit code 7"]),
        ("Segfaults", "crashes", INFINITE, ["in forward: ctypes.string_at(0))"]),
        ("Hoards", "raises", ALL, ["MemoryError"]),
        ("Asks", "raises", ALL, ["EOFError", 'in forward: input("a number, please: "))']),
        ("Hangs", "hangs", INFINITE, ["no answer within 0.3 s (misbehaving.py, line", "in forward: time.sleep(60))"]),
    ],
)
def test_layers_that_do_not_answer(check, name, what, count, words):
    """It costs only the case where it happens."""
    if name == "Hoards" and sys.platform != "linux":
        pytest.skip("only Linux limits the memory of a process")
    timeout = "0.3" if name == "Hangs" else "10"
    code, out, err = check(f"misbehaving.py:{name}", "--like", "ReLU", "--dtype", "float64", "--timeout", timeout)
    assert (code, err) == (1, "")
    assert verdict(out).endswith(f"is wrong against torch.nn.ReLU: it {what} in {count} of {ALL} cases.")
    assert f"{ALL - count} of {ALL - count}" in out or count == ALL
    assert "\x1b" not in out
    for word in words:
        assert word in flat(out)


def test_the_rest_is_not_run_after_three_that_hung(check):
    code, out, _ = check("misbehaving.py:AlwaysHangs", "--like", "ReLU", "--dtype", "float64", "--timeout", "0.3")
    assert code == 1
    assert "it hangs in 3 of 3 cases" in verdict(out)
    assert f"Not run, since so many hung: {ALL - 3} cases" in out
    assert "in forward: " in out


def test_what_a_layer_prints_stays_out_of_the_protocol(check):
    code, out, _ = check("misbehaving.py:Prints", "--like", "ReLU", "--dtype", "float64")
    assert code == 0
    assert re.search(r'Note: It printed \d+ lines, the first: {"answer": "forged"}', out)


def test_a_long_line_that_is_printed_is_quoted_in_part(mine):
    source = (
        "print('y' * 999)\nclass ReLU:\n    def __init__(self, **options): pass\n    def forward(self, x): return x"
    )
    _, out, _ = mine(source, "mine.py", "--like", "ReLU")
    assert f"first: {60 * 'y'} ..." in flat(out)
    assert "ReLU(**torch's)" in out


# What is not offered, assumed, remarked


def test_what_is_not_offered_is_listed(check):
    _, out, _ = check("tutorial.py:Conv", "--like", "Conv2d", "--dtype", "float64")
    offered, left_out = (
        int(re.search(f"{pattern}", flat(out))[1]) for pattern in (r"all (\d+) cases", r"\((\d+) cases left")
    )
    assert offered + left_out == len(cases_for("Conv2d"))
    listed = flat(out).split("Not offered: ")[1]
    for word in (
        "batch",
        "an empty batch",
        "bias=False",
        "stride",
        "padding",
        "dilation",
        "groups",
        "a pair as kernel_size",
    ):
        assert word in listed
    assert "a pair as kernel_size: raises TypeError: can't multiply sequence" in listed
    assert "(tutorial.py, line 14, in __init__: scale =" in listed


def test_only_what_suffices_is_blamed(check):
    """The cases with integers have a pair as kernel_size, too."""
    _, out, _ = check("tutorial.py:MaxPool", "--like", "MaxPool2d", "--dtype", "float64")
    assert "a pair as kernel_size: raises TypeError" in flat(out)
    assert "integer input" not in out


def test_raising_for_a_peculiar_input_only_is_not_offering_it(check):
    code, out, _ = check("misbehaving.py:RaisesOnEmpty", "--like", "ReLU")
    assert code == 0
    assert "Not offered: an empty batch (1 case left out)" in out
    assert f"all {ALL - 1} cases" in verdict(out)
    assert "an empty batch: raises ValueError: nothing to do" in out


@pytest.mark.parametrize(
    ("layer", "like", "words"),
    [
        ("tutorial.py:Conv", "Conv2d", [
            "Read as in the tutorial's style. Assumed:",
            "Conv(num_filters=out_channels, filter_size=kernel_size, input_channels=in_channels)",
            "forward(x) takes one sample",
            "weight is .filters, bias is .biases",
            "gradient = (before - after) / learning_rate, with learning_rate = 1099511627776",
            "For float32 input it returns float64 (y, dweight, dbias)",
        ]),
        ("defects.py:Dense", "Linear", ["takes a batch", "weight is .W, bias is .b", "backward(dy, lr) updates"]),
        ("torch_like.py:LoopConv2d", "Conv2d", ["Read as torch-like", "__call__(x) takes a batch"]),
        ("defects.py:WritesOnInputs", "Conv2d", ["It changes dy in place; torch leaves it as it is."]),
        ("defects.py:WholeGradientPool", "AvgPool2d", ["default of stride is 2, torch's is None: torch's was passed"]),
        ("defects.py:OneFormat", "Linear", [
            "It keeps bias, weight in float32: its float64 runs are judged by the law of float32.",
            "For float64 input it returns float32 (y, dx, dweight, dbias)",
        ]),
        ("defects.py:NoBias", "Linear", ["It has no bias: compared with bias=False."]),
        ("defects.py:InOutLinear", "Linear", ["Note: It keeps weight in shape", "torch's state_dict does not fit"]),
        ("defects.py:ForwardOnly", "Linear", ["that it offers, forward only.", "Not offered: backward"]),
    ],
)  # fmt: skip
def test_what_was_assumed_and_remarked_is_said(check, layer, like, words):
    _, out, _ = check(layer, "--like", like)
    for word in words:
        assert word in flat(out)


@pytest.mark.parametrize("name", ["OneFormat", "NoBias", "InOutLinear", "ForwardOnly", "WritesOnInputs"])
def test_a_remark_is_no_disagreement(check, name):
    code, out, _ = check(f"defects.py:{name}", "--like", "Conv2d" if name == "WritesOnInputs" else "Linear")
    assert code == 0, out


SOFTMAX = """import numpy as np
class Softmax:
    axis = -1
    def forward(self, x):
        e = np.exp(x - x.max(axis=self.axis, keepdims=True))
        self.y = e / e.sum(axis=self.axis, keepdims=True)
        return self.y
    def backward(self, d):
        return self.y * (d - (d * self.y).sum(axis=self.axis, keepdims=True))
class OfAxis(Softmax):
    def __init__(self, axis=-1): self.axis = axis
class OfAnAxis(Softmax):
    def __init__(self, axis): self.axis = axis
class OfRows(Softmax):
    axis = 1
"""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Softmax", ["Not offered: dim ("]),
        ("OfAxis", ["The default of axis is -1, torch's goes by the dimensions: it was always passed"]),
        ("OfAnAxis", ["OfAnAxis(axis=dim)"]),
        ("OfRows", ["dim", "one dimension", "a single number"]),
    ],
)
def test_a_softmax_of_one_axis_agrees_where_torch_takes_that_axis(mine, name, words):
    code, out, _ = mine(SOFTMAX, f"mine.py:{name}", "--like", "Softmax")
    assert code == 0, out
    assert all(word in flat(out) for word in words)
    assert ("left out" in out) == (name in ("Softmax", "OfRows"))


IMPORTS = (
    "import numpy as np\nfrom parity_tests.check_samples.defects import Conv2d\nfrom scratch import ReLU as Right\n"
)


@pytest.mark.parametrize(
    ("body", "like", "words"),
    [
        ("(Conv2d):\n  def __init__(self, in_ch, out_ch, k, **kw): super().__init__(in_ch, out_ch, k, **kw)", "Conv2d",
         ["F(in_ch=in_channels, out_ch=out_channels, k=kernel_size, **torch's)", "stride: raises TypeError: "]),
        ("(Conv2d):\n  def __init__(self, in_ch, out_ch, k, /, *size): super().__init__(in_ch, out_ch, k)", "Conv2d",
         ["F(in_ch=in_channels, out_ch=out_channels, k=kernel_size)"]),
        ("(Conv2d):\n  def backward(self, d): raise NotImplementedError('later')", "Conv2d",
         ["offers, forward only.", "Not offered: backward", "backward: raises NotImplementedError: later (mine.py,"]),
        ("(Right):\n  def backward(self, d): raise NotImplementedError", "ReLU", ["offers, forward only."]),
        (":\n  def forward(self, x): return np.where(x <= 0, 0, x).astype(x.dtype) if x.size else x.ravel()", "ReLU",
         ["Not offered: backward, an empty batch (1 case left out)", "an empty batch: y has shape (0,), should"]),
    ],
)  # fmt: skip
def test_no_false_alarm(mine, body, like, words):
    code, out, _ = mine(f"{IMPORTS}class F{body}\n", "mine.py:F", "--like", like)
    assert code == 0, out
    assert all(word in flat(out) for word in words), out


def test_changing_x_in_place_breaks_a_promise(mine):
    body = "  def forward(self, x): y = np.where(x <= 0, 0, x).astype(x.dtype); x *= 2; return y"
    code, out, _ = mine(f"import numpy as np\nclass F:\n{body}\n", "mine.py:F", "--like", "ReLU")
    assert code == 1
    assert verdict(out).startswith("mine.py:F breaks a promise of torch.nn.ReLU: it changes x in place, ")


def test_a_reader_that_leaves_is_no_error():
    words = [
        sys.executable,
        "-m",
        "parity_tests",
        "check",
        "parity_tests/check_samples/misbehaving.py",
        "--like",
        "ReLU",
    ]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as reader:
        reader.stdout.close()
        assert reader.stderr.read() == b""
    assert reader.returncode == 0


# Options


def test_detail_has_a_row_for_each_case_and_tensor(check):
    _, out, _ = check("tutorial.py:MaxPool", "--like", "MaxPool2d", "--detail")
    detail = out.split("Every case\n\n")[1]
    cases = int(re.search(r"of (\d+) cases", verdict(out))[1])
    assert detail.count("  float32 dx: ") == detail.count("  float64 y: exact") == cases
    row = r"float32 dx: wrong [^ ]+, index [^ ]+ \(torch 0, 0\) at \[.*?\] it has [^ ]+, torch has [^ ]+ "
    assert re.search(row, flat(detail))


def test_dtype_and_seed(check):
    words = ("defects.py:Dense", "--like", "Linear", "--dtype", "float64", "--detail")
    (_, one, _), (_, two, _), (_, same, _) = check(*words), check(*words, "--seed", "1"), check(*words, "--seed", "1")
    assert "float64 y: " in one
    assert "float32 y: " not in one
    assert verdict(one) == verdict(two)
    assert one != two
    assert two == same


@pytest.mark.parametrize("options", [["--timeout", "0"], ["--timeout", "soon"], ["--seed", "-1"], ["--dtype", "int8"]])
def test_bad_options_are_usage_errors(check, options):
    with pytest.raises(SystemExit) as ending:
        check("tutorial.py:ReLU", "--like", "ReLU", *options)
    assert ending.value.code == 2


# Usage errors: one sentence, exit code 2

PROPERTY = """class F:
    def __init__(self, n_in, n_out): pass
    def forward(self, x): pass
    @property
    def W(self): return 1 / 0
"""
LINEAR = """import numpy as np
class F:
  def __init__(self, n_in, n_out): self.W, self.b = np.zeros((n_out, n_in)), np.zeros((n_out, 1))
  def forward(self, x): return x @ self.W.T + self.b.T
"""
TWO = "class One:\n    pass\nclass Two:\n    pass\n"


@pytest.mark.parametrize(
    ("source", "target", "like", "sentence"),
    [
        ("", "absent.py:Conv", "Conv2d", "there is no file absent.py"),
        ("", "mine.py:a-b", "Conv2d", "there is no file mine.py:a-b"),
        ("", ".:Conv", "Conv2d", "there is no file ."),
        ("", "mine.py:Conv", "Conv3d", "--like Conv3d: there are Conv2d, MaxPool2d,"),
        ("", "mine.py:Conv", "Conv2d", "mine.py has no class Conv; it defines none"),
        ("", "mine.py", "Conv2d", "which class of mine.py? it defines none"),
        (TWO, "mine.py:Tow", "ReLU", "mine.py has no class Tow, did you mean Two; it has One, Two"),
        (TWO, "mine.py", "ReLU", "which class of mine.py? it has One, Two: write mine.py:Class"),
        ("def f(:\n    pass", "mine.py:F", "ReLU", "mine.py, line 1: invalid syntax: def f(:"),
        ("x = 1\n\0", "mine.py:F", "ReLU", "null bytes"),
        ("import nowhere_at_all", "mine.py:F", "ReLU", "cannot be imported: it raises ModuleNotFoundError: No"),
        ("x = [\n1][3]", "mine.py:F", "ReLU", "it raises IndexError: list index out of range (mine.py, line 1,"),
        ("import os\nos._exit(5)", "mine.py:F", "ReLU", "cannot be imported: it crashes: it ended the process with"),
        ("while True:\n    pass", "mine.py:F", "ReLU", "cannot be imported: it hangs, giving no answer within 0.4 s"),
        ("class F:\n    def __init__(self, shape): pass\n    def forward(self, x): pass", "mine.py:F", "ReLU",
         "mine.py:F is not like ReLU: its constructor (shape) needs shape, which is unknown to torch.nn.ReLU(inplace)"),
        ("class F:\n    def __init__(self, num_filters): pass", "mine.py:F", "Conv2d",
         "its constructor (num_filters) takes no in_channels and no kernel_size (in_channels may also be called"),
        ("class F:\n    pass", "mine.py", "ReLU", "mine.py:F is not like ReLU: it has neither forward nor __call__"),
        ("class F:\n    def forward(self, x): pass\n    def backward(self): pass", "mine.py", "ReLU",
         "its backward takes no upstream gradient"),
        ("class F:\n    def forward(self, x): pass\n    def backward(self, dy, cache): pass", "mine.py", "ReLU",
         "its backward needs cache; backward(dy) or backward(d_out, learning_rate) is known"),
        ("class F:\n    def __init__(self, n_in, n_out): self.v = []\n    def forward(self, x): pass", "mine.py",
         "Linear", "no attribute of it has the shape (5, 7) of torch's weight; it holds no arrays at all"),
        (PROPERTY, "mine.py", "Linear", "it holds no arrays at all"),
        (f"{LINEAR}  def backward(self, d): return d @ self.W, 1, 2", "mine.py", "Linear",
         "mine.py:F is not like Linear: its backward returns a tuple of 3; one array dx is known"),
        (LINEAR.replace("x @ self.W.T + self.b.T", "self.W @ x + self.b"), "mine.py", "Linear",
         "mine.py:F is not like Linear: it takes columns, x of shape (n, 1)"),
        ("from torch import nn\nclass F(nn.ReLU):\n    pass", "mine.py", "ReLU",
         "mine.py:F is not like ReLU: its parameters are torch tensors; check runs NumPy layers"),
        ("class F:\n    def __init__(self, in_channels, out_channels, *size): pass", "mine.py", "Conv2d",
         "its constructor (in_channels, out_channels, *size) takes no kernel_size"),
        ("F = type('F', (dict,), {'forward': None, '__init__': dict.__init__})", "mine.py", "ReLU", "is not like ReLU"),
    ],
)  # fmt: skip
def test_usage_errors(mine, source, target, like, sentence):
    code, out, err = mine(source, target, "--like", like, "--timeout", "0.4" if "while" in source else "10")
    assert (code, out) == (2, "")
    assert sentence in err
    assert err.startswith("check: ")
    assert len(err.splitlines()) == 1


def test_comparing_nothing_is_an_error(mine, monkeypatch):
    with_dim = [case for case in cases_for("Softmax") if not is_last_axis(case)]
    monkeypatch.setattr(examine, "cases_for", lambda op: with_dim)
    code, out, err = mine("class F:\n    def forward(self, x): return x", "mine.py", "--like", "Softmax")
    assert (code, out) == (2, "")
    assert "nothing can be compared, every case needs one of dim" in err


def test_a_file_that_is_no_python(mine, tmp_path):
    (tmp_path / "mine.txt").write_text("")
    _, _, err = mine("", "mine.txt:F", "--like", "ReLU")
    assert err == "check: mine.txt is no Python file: its name should end with .py\n"


@pytest.mark.parametrize(("target", "like"), [("misbehaving.py", "ReLU"), ("torch_like.py", "Linear")])
def test_a_class_that_is_not_named_may_be_found_by_its_name(check, target, like):
    code, out, _ = check(target, "--like", like, "--dtype", "float64")
    assert code == 0
    assert verdict(out).startswith(f"{target}:{like} agrees")


def test_the_door_from_another_folder(tmp_path):
    """The file is where the user is, and so is what it imports; the code for `python mine.py` does not run."""
    (tmp_path / "helper.py").write_text(
        "import numpy as np\ndef positive(x):\n    return np.where(x <= 0, 0, x).astype(x.dtype)\n"
    )
    source = "from helper import positive\nclass ReLU:\n    def forward(self, x):\n        return positive(x)\n"
    (tmp_path / "mine.py").write_text(f"{source}if __name__ == '__main__':\n    raise SystemExit('trains')\n")
    done = subprocess.run(
        [sys.executable, "-m", "parity_tests", "check", "mine.py:ReLU", "--like", "ReLU"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        verdict(done.stdout)
        == f"mine.py:ReLU agrees with torch.nn.ReLU in all {ALL} cases that it offers, forward only."
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["helper.py", "mine.py"]


# The parts


def test_a_python_that_does_not_start_is_the_environments_fault(check, monkeypatch):
    interpreter = (sys.executable, "-c", "raise SystemExit('no NumPy here')")
    monkeypatch.setattr(process.Process.__init__, "__defaults__", (interpreter,))
    code, out, err = check("misbehaving.py:ReLU", "--like", "ReLU")
    assert (code, out) == (3, "")
    assert err.endswith("does not start a process for the layer, it says: no NumPy here\n")


def test_the_child_needs_nothing_but_numpy():
    tree = ast.parse(Path(child.__file__).read_text("utf-8"))
    imports = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    imports += [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert {name.split(".")[0] for name in imports} - sys.stdlib_module_names == {"numpy"}


def test_every_layer_has_a_law():
    assert set(LAYERS) <= LAYER_LAWS.keys()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(data=st.data())
def test_the_gradient_of_an_update_keeps_its_law(dtype, data):
    """|(before - after) / r - g| <= eps (|g| + |w| / r), as adapter.py derives it."""
    numbers = st.floats(-1e6, 1e6, width=32).filter(lambda x: x == 0 or abs(x) > 1e-6)
    w, g = (np.array([data.draw(numbers)], dtype) for _ in range(2))
    rate = {"lr": LEARNING_RATE}
    layer = SimpleNamespace(w=w - dtype(LEARNING_RATE) * g)
    found = child.gradient(layer, "w", w, w, rate)
    assert found.dtype == dtype
    error = abs(float(found[0]) - float(g[0]))
    assert error <= np.finfo(dtype).eps * (abs(float(g[0])) + abs(float(w[0])) / LEARNING_RATE)


@pytest.mark.parametrize(
    ("found", "held"),
    [
        ({"weight": (5, 7), "bias": (5,)}, {"weight": "weight", "bias": "bias"}),
        ({"W": (7, 5), "b": (1, 5)}, {"weight": "W", "bias": "b"}),
        ({"theta": (7, 5), "offset": (5,), "x": (3, 7)}, {"weight": "theta", "bias": "offset"}),
        ({"theta": (7, 5), "dtheta": (7, 5)}, {"weight": "theta"}),
        ({"theta": (7, 5), "phi": (5, 7)}, "its weight may be any of .theta, .phi"),
        ({"W": (7, 6)}, "no attribute of it has the shape (5, 7) of torch's weight; it holds .W (7, 6)"),
    ],
)
def test_where_the_weights_are(found, held):
    adapter = match("Linear", "Dense", child.describe(SimpleNamespace(Dense=Dense), "Dense"))
    wanted = {"weight": (5, 7), "bias": (5,)}
    if isinstance(held, str):
        with pytest.raises(Unmatched, match=re.escape(held)):
            with_state(adapter, wanted, found)
    else:
        assert with_state(adapter, wanted, found).held == held


def test_arguments_are_passed_under_their_own_names_and_with_torchs_defaults():
    adapter = match("AvgPool2d", "Pool", child.describe(SimpleNamespace(Pool=Pool), "Pool"))
    call = adapter.constructor_call(LayerCase(Spec.of("AvgPool2d", 3), (1, 1, 9, 9)), "float32")
    assert call == {"window": 3, "step": 3, "padding": 0}
    call = adapter.constructor_call(LayerCase(Spec.of("AvgPool2d", 3, padding=1, stride=2), (1, 1, 9, 9)), "float32")
    assert call == {"window": 3, "step": 2, "padding": 1}


class Pool:
    def __init__(self, window, padding, step=2, ceil_mode=False):
        pass

    def forward(self, x):
        pass


class Dense:
    def __init__(self, n_in, n_out):
        pass

    def forward(self, x):
        pass
