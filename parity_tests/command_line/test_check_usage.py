"""`check`: its options, and what it refuses in one sentence."""

import os
import re
import subprocess
import sys

import pytest

from parity_tests.check import examine
from parity_tests.check.cases import cases_for, is_last_axis
from parity_tests.command_line.reading import ROOT, flat, verdict

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
        ("", "mine.py:Conv", "Conv3d", "--like Conv3d: there are Conv2d, ConvTranspose2d, MaxPool2d,"),
        ("", "mine.py:Drop", "Dropout", "--like Dropout: its mask is random, and nobody but torch can draw the same"),
        ("", "mine.py:Conv", "Conv2d", "mine.py has no class or function Conv; it defines none"),
        ("", "mine.py", "Conv2d", "which class or function of mine.py? it defines none"),
        (TWO, "mine.py:Tow", "ReLU", "mine.py has no class or function Tow, did you mean Two; it has One, Two"),
        (TWO, "mine.py", "ReLU", "which class or function of mine.py? it has One, Two: write mine.py:Name"),
        (TWO, "mine.py:One,Two,One", "ReLU", "a function and its partner are two names; --map takes several layers"),
        ("def f(:\n    pass", "mine.py:F", "ReLU", "mine.py, line 1: invalid syntax: def f(:"),
        ("x = 1\n\0", "mine.py:F", "ReLU", "null bytes"),
        ("import nowhere_at_all", "mine.py:F", "ReLU", "cannot be imported: it raises ModuleNotFoundError: No"),
        ("x = [\n1][3]", "mine.py:F", "ReLU", "it raises IndexError: list index out of range (mine.py, line 1,"),
        ("import os\nos._exit(5)", "mine.py:F", "ReLU", "cannot be imported: it crashes: it ended the process with"),
        ("while True:\n    pass", "mine.py:F", "ReLU", "cannot be imported: it hangs, giving no answer within 0.4 s"),
        ("class F:\n    def __init__(self, colour): pass\n    def forward(self, x): pass", "mine.py:F", "ReLU",
         "is not like ReLU: its constructor (colour) needs colour, which is unknown to torch's ReLU(inplace)"),
        ("class F:\n    def __init__(self, num_filters): pass", "mine.py:F", "Conv2d",
         "its constructor (num_filters) takes no in_channels and no kernel_size (in_channels may also be called"),
        ("class F:\n    pass", "mine.py", "ReLU", "mine.py:F is not like ReLU: it has neither forward nor __call__"),
        ("class F:\n    def forward(self, x): pass\n    def backward(self): pass", "mine.py", "ReLU",
         "its backward takes no upstream gradient"),
        ("class F:\n    def forward(self, x): pass\n    def backward(self, dy, colour): pass", "mine.py", "ReLU",
         "its backward(dy, colour) needs colour; backward(dy), backward(dy, cache) or backward(d_out, learning_rate)"),
        ("def relu(x, colour): pass", "mine.py", "ReLU", "relu (x, colour) needs colour, which is unknown to torch's"),
        ("def conv(x): pass", "mine.py", "Conv2d", "conv takes no argument that could be the weight"),
        ("def loss(x): pass", "mine.py", "MSELoss", "loss does not take predictions and targets"),
        ("class F:\n    def __init__(self, lr): pass", "mine.py", "SGD", "it has no step, update, update_params"),
        ("class F:\n    def __init__(self, n_in, n_out): self.v = []\n    def forward(self, x): pass", "mine.py",
         "Linear", "no attribute of it has the shape (5, 7) of torch's weight; it holds no arrays at all"),
        (PROPERTY, "mine.py", "Linear", "it holds no arrays at all"),
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
        == f"mine.py:ReLU agrees with torch.nn.ReLU in all {len(cases_for('ReLU'))} cases that it offers, forward only."
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["helper.py", "mine.py"]
