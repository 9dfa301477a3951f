"""`check`: who runs the layer: another Python, other libraries of arrays."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from parity_tests.check.cases import LOSSES, cases_for
from parity_tests.command_line.reading import flat, verdict
from parity_tests.harness.implementations import OPTIMISERS

RELU = "class ReLU:\n    def forward(self, x): return x * (x > 0)\n"

posix = pytest.mark.skipif(os.name == "nt", reason="a script that stands for an interpreter needs a shebang line")


def program(folder: Path, text: str) -> str:
    """An interpreter that is none."""
    path = folder / "python"
    path.write_text(f"#!{sys.executable}\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_an_interpreter_that_is_not_there(mine):
    code, out, err = mine(RELU, "mine.py", "--like", "ReLU", "--python", "/nowhere/python")
    assert (code, out, err) == (2, "", "check: --python /nowhere/python: there is no such program\n")


@posix
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "raise ModuleNotFoundError(\"No module named 'numpy'\")",
            "No module named 'numpy'; it needs Python 3.8 and NumPy",
        ),
        ("import sys; sys.exit('SyntaxError: invalid syntax')", "SyntaxError: invalid syntax; it needs Python 3.8 and"),
        ("import sys; sys.exit('not today')", "does not start a process for the layer, it says: not today"),
        ("", "does not start a process for the layer, it says: nothing"),
    ],
)
def test_an_interpreter_that_does_not_do(mine, tmp_path, text, sentence):
    code, out, err = mine(RELU, "mine.py", "--like", "ReLU", "--python", program(tmp_path, text))
    assert (code, out) == (3, "")
    assert sentence in err
    assert len(err.splitlines()) == 1


@posix
def test_an_interpreter_that_cannot_be_run(mine, tmp_path):
    (tmp_path / "python").write_text("#!/nowhere/at/all\n")
    (tmp_path / "python").chmod(0o755)
    code, out, err = mine(RELU, "mine.py", "--like", "ReLU", "--python", str(tmp_path / "python"))
    assert (code, out) == (3, "")
    assert "cannot be run: No such file or directory" in err


@posix
def test_the_layer_runs_under_the_interpreter_that_is_named(mine, tmp_path):
    """A module that only that interpreter has."""
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "only_there.py").write_text(
        "import numpy as np\npositive = lambda x: np.where(x <= 0, 0, x)\n"
    )
    path = [str(tmp_path / "theirs"), *sys.path]
    text = f"import sys, runpy\nsys.path[:] = {path!r}\nwhile sys.argv[1][0] == '-': del sys.argv[1]\n"
    theirs = program(tmp_path, f"{text}del sys.argv[0]\nrunpy.run_path(sys.argv[0], run_name='__main__')")
    source = (
        "from only_there import positive\nclass ReLU:\n    def forward(self, x): return positive(x).astype(x.dtype)\n"
    )
    code, _, err = mine(source, "mine.py", "--like", "ReLU")
    assert code == 2
    assert "No module named 'only_there'" in err
    assert "--python names an interpreter that has it" in err
    code, out, err = mine(source, "mine.py", "--like", "ReLU", "--python", theirs)
    assert (code, err) == (0, "")
    assert " agrees with torch.nn.ReLU" in verdict(out)


def test_no_name_of_ours_hides_one_of_theirs(mine, tmp_path):
    """The child lies in a folder whose files are called process, cases, judge, ..."""
    (tmp_path / "cases.py").write_text("name = 'theirs'\n")
    source = "import cases\nassert cases.name == 'theirs'\n" + RELU
    code, out, _ = mine(source, "mine.py", "--like", "ReLU", "--dtype", "float32")
    assert "Read as torch-like" in out
    assert code == 1  # its gradient at NaN


CUPY = '''"""Stands in for CuPy: arrays that NumPy's do not mix with."""
import sys, types
import numpy as np
class ndarray:
    def __init__(self, host): self.host = np.array(host)
    def get(self): return self.host.copy()
    shape, dtype, T = (property(lambda self, name=name: getattr(self.host, name)) for name in ("shape", "dtype", "T"))
    T = property(lambda self: ndarray(self.host.T))
    def __getitem__(self, key): return ndarray(self.host[key])
    def __setitem__(self, key, value): self.host[key] = theirs(value)
    def __matmul__(self, other): return ndarray(self.host @ theirs(other))
    def __add__(self, other): return ndarray(self.host + theirs(other))
    def sum(self, axis=None): return ndarray(self.host.sum(axis=axis))
    def reshape(self, *shape): return ndarray(self.host.reshape(*shape))
def theirs(value):
    if isinstance(value, np.ndarray):
        raise TypeError("Unsupported type <class 'numpy.ndarray'>")
    return value.host if isinstance(value, ndarray) else value
def asarray(host): return ndarray(host)
def zeros(shape): return ndarray(np.zeros(shape))
def devices(): DEVICES
cuda = types.SimpleNamespace(runtime=types.SimpleNamespace(getDeviceCount=devices))
'''
ON_CUPY = """import cupy as cp
class Linear:
    def __init__(self, n_in, n_out): self.W, self.b = cp.zeros((n_in, n_out)), cp.zeros(n_out)
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, dy):
        self.dW, self.db = self.x.T @ dy, dy.sum(axis=0)
        return dy @ self.W.T
"""


def cupy(folder: Path, devices: str) -> None:
    """A module that is called like CuPy."""
    (folder / "cupy.py").write_text(CUPY.replace("DEVICES", devices))


def test_arrays_are_moved_to_where_a_layer_wants_them(mine, tmp_path):
    cupy(tmp_path, "return 1")
    code, out, err = mine(ON_CUPY, "mine.py", "--like", "Linear", "--dtype", "float64")
    assert (code, err) == (0, ""), out
    assert "Read as a class of its own style, on arrays of cupy." in flat(out)
    assert "weight is .W (in, out), bias is .b" in out


def test_numpys_arrays_are_tried_first_where_both_are_imported(mine, tmp_path):
    cupy(tmp_path, "return 1")
    _, out, _ = mine(f"import numpy as np\n{ON_CUPY}", "mine.py", "--like", "Linear", "--dtype", "float64")
    assert "on arrays of cupy" in out
    source = ON_CUPY.replace("cp.zeros", "np.zeros").replace("import cupy as cp", "import cupy, numpy as np")
    _, out, _ = mine(source, "mine.py", "--like", "Linear", "--dtype", "float64")
    assert "Read as a class of its own style. Assumed" in out


@pytest.mark.parametrize(
    ("devices", "sentence"),
    [
        ("return 0", "check: it takes CuPy's arrays, and there is no CUDA device\n"),
        ("raise OSError('cudaErrorNoDevice:\\nnone')", "no CUDA device answers it: cudaErrorNoDevice: none\n"),
    ],
)
def test_without_a_device_it_is_the_environments_fault(mine, tmp_path, devices, sentence):
    cupy(tmp_path, devices)
    code, out, err = mine(ON_CUPY, "mine.py", "--like", "Linear")
    assert (code, out) == (3, "")
    assert err.endswith(sentence)


@pytest.mark.skipif(find_spec("cupy") is not None, reason="CuPy is installed here")
def test_without_cupy_a_sentence_says_so(mine):
    code, out, err = mine(ON_CUPY, "mine.py", "--like", "Linear")
    assert (code, out) == (2, "")
    assert "cannot be imported: it raises ModuleNotFoundError: No module named 'cupy'" in err


def test_a_gpu_layer_of_ours_without_a_gpu(mine):
    import gpu

    try:
        gpu.asarray(np.zeros(1))
    except gpu.NoDevice:
        code, out, err = mine("from gpu import Conv2d", "mine.py:Conv2d", "--like", "Conv2d")
        assert (code, out) == (3, "")
        assert err.startswith("check: it computes on a GPU, and raises NoDevice: no GPU to compute on.")
    else:
        pytest.skip("a GPU answers here")


@pytest.mark.parametrize("like", LOSSES + OPTIMISERS)
def test_our_own_losses_and_optimisers_agree_in_every_case(mine, like):
    where = "scratch.optim" if like in OPTIMISERS else "scratch"
    code, out, err = mine(f"from {where} import {like}", f"mine.py:{like}", "--like", like)
    assert (code, err) == (0, ""), out
    assert f"in all {len(cases_for(like))} cases that it offers." in verdict(out)
    assert "Not offered" not in out
