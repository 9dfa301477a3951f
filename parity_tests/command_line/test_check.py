"""`check`: somebody's layers, right and wrong, well and badly behaved, against torch."""

import re
import subprocess
import sys

import pytest

from parity_tests.check.cases import LAYERS, cases_for
from parity_tests.command_line.reading import ROOT, disagreeing, flat, verdict

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
        ("tutorial.py:MaxPool", "MaxPool2d", "dx", "ties, float32, at"),
        ("tutorial.py:ReLU", "ReLU", "dx", "nan, float32, at"),
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
    rest = ALL if name == "Raises" else ALL - count  # where backward raises, forward is judged alone
    assert f"{rest} of {rest}" in out or count == ALL
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
    assert "(tutorial.py, line 14, in __init__)" in listed


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
        ("defects.py:Dense", "Linear", ["takes a batch", "weight is .W (in, out), bias is .b", "(dy, lr) updates"]),
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


def test_the_smallest_case_is_smaller_than_any_of_the_suite(check):
    """Ties in a window of four cells, written out, and a program that runs."""
    _, out, _ = check("tutorial.py:MaxPool", "--like", "MaxPool2d")
    assert "The smallest case that shows it: MaxPool2d(2) on 1x1x2x2 ties" in flat(out)
    program = out[out.index("import torch") : out.index("tutorial.py:MaxPool is wrong", out.index("import torch"))]
    exec(program, {})  # prints what torch gives


TRUE_CONVOLUTION = """
import numpy as np

def convolve(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return (windows * kernel[::-1, ::-1]).sum((2, 3))
"""


def test_a_smaller_case_is_one_that_the_layer_offers(mine):
    """A function without a bias: with one, the smallest case would be any number at all."""
    _, out, _ = mine(TRUE_CONVOLUTION, "mine.py:convolve", "--like", "Conv2d")
    assert "Diagnosis: kernel-flipped" in out
    smallest = re.search(r"smallest case that shows it: (.*?) on", flat(out))
    assert smallest is not None
    assert "bias=False" in smallest[1]
    assert smallest[1] != "Conv2d(1, 1, 1, bias=False)"  # a kernel of one cell cannot show it
