"""assert_parity: passes silently, accuses in few words, and refuses to compare nothing."""

import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

import scratch
from parity_tests import assert_parity
from parity_tests.assertion import complaint
from parity_tests.check_samples import (
    by_hand,
    functions,
    losses,
    misbehaving,
    optimisers,
    torch_like,
    torch_modules,
    tutorial,
)

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("layer", "like"),
    [
        (torch_like.MatrixConv2d, "Conv2d"),
        (misbehaving.ReLU, "ReLU"),
        (functions.affine_forward, "Linear"),
        (losses.MeanSquares, "MSELoss"),
        (optimisers.SGD, "SGD"),
        (torch_modules.Dense, "Linear"),
        (scratch.Softmax, "Softmax"),
    ],
)
def test_what_agrees_passes_silently(layer, like, capfd):
    assert_parity(layer, like=like, dtype="float32")
    assert capfd.readouterr() == ("", "")


def test_the_message_is_verdict_diagnosis_and_worst_element():
    with pytest.raises(AssertionError) as stopped:
        assert_parity(tutorial.MaxPool, like="MaxPool2d")
    verdict, diagnosis, *rest = str(stopped.value).splitlines()
    assert verdict == "MaxPool is wrong against torch.nn.MaxPool2d: dx in 2 of 7 cases."
    assert diagnosis.startswith("ties-to-all: ")
    assert any(line.startswith("dx, MaxPool2d(2) on ") and ": at [" in line for line in rest)
    assert len(rest) < 6


def test_what_happened_in_place_of_an_answer_is_told():
    message = " ".join(complaint(misbehaving.Raises, None, "ReLU", "float64", 0, {}).split())
    assert re.search(r"it raises ArithmeticError: no luck .* \(misbehaving.py, line \d+, in backward: raise ", message)


class OfThisFile:
    """Wrong below -1."""

    def forward(self, x):
        return np.where(x < -1, x, np.maximum(x, 0))


def test_of_several_wrong_tensors_each_is_told():
    message = complaint(OfThisFile, None, "ReLU", "float32", 0, {})
    assert message.startswith("OfThisFile is wrong against torch.nn.ReLU: y in ")


def test_a_class_may_be_defined_anywhere_and_have_a_name_that_is_taken():
    class OfThisFile:
        def forward(self, x):
            return np.where(x > 0, x, np.where(x <= 0, 0, x)).astype(x.dtype)

    assert_parity(OfThisFile, like="ReLU")
    assert_parity(lambda x: np.maximum(x, 0), like="ReLU")


def test_a_function_and_its_partner():
    def forward(x):
        return np.maximum(x, 0), x

    def undo(dy, x):
        return np.where(x <= 0, 0, dy)

    def negated(dy, x):
        return -undo(dy, x)

    assert_parity(forward, undo, like="ReLU")
    with pytest.raises(AssertionError, match=r"wrong against torch\.nn\.\w+: dx"):
        assert_parity(forward, negated, like="ReLU")
    with pytest.raises(AssertionError, match=r"wrong against torch\.nn\.Linear: dweight in"):
        assert_parity(functions.mean_affine_forward, like="Linear")  # finds mean_affine_backward


def test_the_name_may_tell_what_it_is_like():
    assert_parity(misbehaving.ReLU)


def test_a_map_tells_what_cannot_be_guessed():
    told = {
        "arguments": {"this": "in_features", "that": "out_features"}, "constants": {"flavour": "plain"},
        "forward": "go", "backward": "come", "weight": "store.one", "bias": "store.two",
        "weight_gradient": "slopes.one", "bias_gradient": "slopes.two",
    }  # fmt: skip
    with pytest.raises(ValueError, match="Stage cannot be compared with Linear"):
        assert_parity(by_hand.Stage, like="Linear")
    assert_parity(by_hand.Stage, like="Linear", map=told)
    assert "like" not in told


def test_seed_and_dtype_are_those_of_the_runs():
    first, second = (complaint(OfThisFile, None, "ReLU", "float32", seed, {}) for seed in (0, 1))
    assert first != second
    assert ", float64: at [" in complaint(OfThisFile, None, "ReLU", ["float64"], 0, {})
    assert ", float32: at [" in complaint(OfThisFile, None, "ReLU", None, 0, {})


@pytest.mark.parametrize(
    ("layer", "options", "sentence"),
    [
        (tutorial.Dense, {"like": "Lineal"}, "Dense cannot be compared with Lineal: like Lineal: there are Conv2d, "),
        (tutorial.Dense, {"like": "Dropout"}, "its mask is random"),
        (tutorial.Dense, {"like": "Linear", "dtype": "float16"}, "dtype float16: there are float32, float64"),
        (tutorial.Dense, {"like": "Linear", "map": {"wieght": "W"}}, "wieght is unknown; did you mean weight?"),
        (tutorial.Dense, {"like": "BatchNorm2d"}, "Dense cannot be compared with BatchNorm2d: its constructor"),
        (by_hand.Unrelated, {}, 'does not say what it is like: add like = "Conv2d"'),
        (by_hand.Unrelated, {"like": "ReLU"}, "Unrelated cannot be compared with ReLU: "),
        (misbehaving.ReLU(), {"like": "ReLU"}, "the class ReLU itself rather than one of it"),
        (3, {"like": "ReLU"}, "a class or a function is needed: this is a int"),
        (dict, {"like": "ReLU"}, "Python cannot tell the arguments of its constructor"),
    ],
)
def test_what_cannot_be_compared_is_an_error_and_no_pass(layer, options, sentence):
    with pytest.raises(ValueError, match=r"^[^\n]+$") as stopped:
        assert_parity(layer, **options)
    assert sentence in str(stopped.value)


def test_nothing_comparable_is_an_error():
    class Picky:
        def forward(self, x):
            raise NotImplementedError("not today")

    with pytest.raises((ValueError, AssertionError), match="not today"):
        assert_parity(Picky, like="ReLU")


# ruff: noqa: NPY002 - NumPy's old generator is the one that all share
def test_random_numbers_of_the_test_go_on_as_if_nothing_had_been():
    class Draws(misbehaving.ReLU):
        def forward(self, x):
            np.random.standard_normal(3)
            torch.rand(2)
            return super().forward(x)

    np.random.seed(5)
    torch.manual_seed(5)
    expected = np.random.random(), torch.rand(1).item()
    np.random.seed(5)
    torch.manual_seed(5)
    assert_parity(Draws, like="ReLU")
    assert (np.random.random(), torch.rand(1).item()) == expected


def test_warnings_of_the_layer_on_nan_and_infinities_are_not_the_tests():
    class Warns(misbehaving.ReLU):
        def forward(self, x):
            warnings.warn("slow", stacklevel=2)
            np.log(-np.ones(1))
            return super().forward(x)

    with warnings.catch_warnings(action="error"):
        assert_parity(Warns, like="ReLU")


def test_an_interruption_is_one():
    class Interrupted:
        def forward(self, x):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        assert_parity(Interrupted, like="ReLU")


def test_importing_the_package_loads_nothing_heavy():
    program = (
        "import sys, parity_tests; assert callable(parity_tests.assert_parity); "
        "print([name for name in ('numpy', 'torch', 'pytest', 'tabulate') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_pytest_shows_the_message_and_no_frame_of_ours(tmp_path):
    source = "from parity_tests import assert_parity\nfrom parity_tests.check_samples.tutorial import MaxPool\n\n\n"
    tmp_path.joinpath("test_mine.py").write_text(
        f"{source}def test_my_layer():\n    assert_parity(MaxPool, like='MaxPool2d', dtype='float32')\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True, text=True, check=False, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 1
    assert "AssertionError: MaxPool is wrong against torch.nn.MaxPool2d: dx in 2 of 7 cases." in done.stdout
    assert "assertion.py" not in done.stdout
    assert "__init__.py" not in done.stdout
