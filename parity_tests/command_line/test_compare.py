"""compare: whole models, the reference run in a file, and what is refused."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import scratch
from parity_tests.command_line.reading import flat
from parity_tests.compare import command, saved, steps
from parity_tests.compare.model import Unusable, input_shape
from parity_tests.harness.implementations import IMPLEMENTATIONS
from parity_tests.harness.layerwise import record
from parity_tests.harness.recording import Recording, judge_recording
from parity_tests.harness_tests.planted import Planted, altered, planted
from scratch.array import HostArray
from scratch.container import Residual
from scratch.fast import conv
from scratch.models import framework_cnn, lines_cnn, overview_cnn
from scratch.optim import SGD

MODELS = """
from collections import OrderedDict

from scratch.models import residual

def nested(nn):
    inner = nn.Sequential(nn.Conv2d(2, 4, (3, 2), stride=(2, 1), bias=False), nn.BatchNorm2d(4), nn.ReLU())
    return nn.Sequential(inner, nn.Sequential(), nn.AvgPool2d((1, 2)), nn.Dropout(0.9), nn.Flatten(), nn.Linear(48, 3))

def blocks(nn):
    inner = residual(nn, nn.Identity(), nn.Conv2d(3, 3, 1))
    return nn.Sequential(
        residual(nn, nn.Sequential(nn.Dropout(), nn.BatchNorm2d(3), nn.ReLU())),
        nn.Sequential(residual(nn, residual(nn, nn.Sequential(inner, nn.ReLU())), nn.MaxPool2d(1))),
        nn.Flatten(), nn.Linear(90, 3))

def named(nn):
    return nn.Sequential(OrderedDict(first=nn.Linear(5, 4), soft=nn.Softmax(dim=1), last=nn.Linear(4, 1)))

def filters(nn):
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.MaxPool2d(2, ceil_mode=True))

def without_weights(nn):
    return nn.Sequential(nn.ReLU(), nn.Flatten())

def broken(nn):
    raise OSError("no such weights")

def one_layer(nn):
    return nn.ReLU()

def nonsense(nn):
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(3, 4, 3))

def of_torch_only(nn):
    return nn.Sequential(nn.Flatten(), nn.CELU())

number = 3
"""


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("models") / "models.py"
    file.write_text(MODELS, encoding="utf-8")
    return file


@pytest.fixture
def compare(capsys) -> Callable[..., tuple[int, str, str]]:
    def call(*words: Any) -> tuple[int, str, str]:
        parser = command.argparse.ArgumentParser()
        command.add_arguments(parser)
        code = command.run(parser.parse_args(list(map(str, words))))
        return code, *capsys.readouterr()

    return call


@pytest.mark.parametrize("impl", [name for name, each in IMPLEMENTATIONS.items() if each.why_not() is None])
@pytest.mark.parametrize(
    ("name", "options", "shown"),
    [
        ("nested", ["--input", "2x9x8", "--dtype", "float64"], "Dropout: in evaluation, here and in training"),
        ("named", [], "4 inputs of 5 (the first shape that fits"),
        ("filters", ["--batch", "1"], "1x2x13x13"),
        ("blocks", ["--input", "3x6x5", "--dtype", "float64"], "1.0.body Residual"),
    ],
)
def test_agree(compare, models, name, options, shown, impl):
    code, out, err = compare(f"{models}:{name}", "--impl", impl, "--steps", 3, *options)
    assert (code, err) == (0, "")
    assert shown in flat(out)
    assert flat(out).startswith(f"AGREE: every layer of {models}:{name}")
    assert flat(out).count("together to the end (3 steps)") == 2
    assert all(len(line) <= 80 or str(models) in line for line in out.splitlines())


def test_without_weights_there_is_nothing_to_train(compare, models):
    code, out, err = compare(f"{models}:without_weights", "--input", "2x3")
    assert (code, err) == (0, "")
    assert "lock-step" not in out


def test_a_wrong_sum_is_named_and_the_layers_are_not(compare, monkeypatch):
    halved = type("Residual", (Residual,), {"forward": lambda self, x: Residual.forward(self, x) / 2})
    nn = SimpleNamespace(**vars(scratch) | {"Residual": halved})
    monkeypatch.setitem(IMPLEMENTATIONS, "scratch", Planted("halved", nn=nn))
    code, out, _ = compare(f"{scratch_models()}:small_resnet", "--input", "1x8x8", "--steps", 1)
    assert code == 1
    assert "2 of 22 layers disagree" in flat(out)
    assert "parts from torch at layer 8, Residual(): y" in flat(out)


def test_the_shape_of_an_input_is_found():
    shapes = [input_shape(build) for build in (overview_cnn, lines_cnn, framework_cnn)]
    assert shapes == [(1, 28, 28), (1, 8, 8), (1, 8, 8)]


def test_a_wrong_layer_is_named_and_the_others_are_not(compare, monkeypatch):
    flipped = altered(conv, conv2d=lambda x, w, *rest: conv.conv2d(x, w[..., ::-1, :], *rest))
    wrong = planted("flipped", conv2d=flipped)
    monkeypatch.setitem(IMPLEMENTATIONS, "scratch", wrong)
    code, out, _ = compare(f"{Path(scratch_models())}:overview_cnn", "--steps", 2)
    assert code == 1
    assert ":overview_cnn in scratch parts from torch at layer 0, Conv2d(1, 16, 3, padding=1): y" in " ".join(
        out.split()
    )
    assert "2 of 10 layers disagree" in " ".join(out.split())
    assert "parted after step 1" in out


def scratch_models() -> str:
    assert sys.modules[lines_cnn.__module__].__file__ is not None
    return str(sys.modules[lines_cnn.__module__].__file__)


def test_training_parts_where_an_optimiser_is_wrong():
    class Late(SGD):
        def step(self) -> None:
            self.late = getattr(self, "late", 0) + 1
            self.lr = 0.01 if self.late < 4 else 0.02
            super().step()

    x, labels = np.random.default_rng(0).standard_normal((6, 1, 8, 8)), np.array([0, 1, 1, 0, 1, 0])
    state = record(lines_cnn, x, labels, "float64", 0).state
    trained = steps.train_side_by_side(lines_cnn, planted("late", SGD=Late).nn, state, x, labels, 6)
    assert [each.parted for each in trained] == [4, None]
    assert all(len(each.losses) == 6 for each in trained)


def recording() -> Recording:
    x = np.random.default_rng(0).standard_normal((3, 1, 8, 8))
    return record(lines_cnn, x, np.array([0, 1, 1]), "float32", 5)


def tensors(of: Recording) -> list[HostArray]:
    return [
        value for layer in of.layers for part in (layer.should.inputs, layer.should.oracle) for value in part.values()
    ]


def test_a_saved_run_is_the_same_and_takes_no_torch(tmp_path, models):
    made = recording()
    saved.save(made, tmp_path / "run", 5, "2.13.0")
    read, meta = saved.load(tmp_path / "run")
    assert (meta["seed"], meta["made with"]["torch"], read.dtype) == (5, "2.13.0", "float32")
    assert all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in zip(tensors(made), tensors(read), strict=True))
    nn = IMPLEMENTATIONS["scratch"].nn
    first, second = (judge_recording(each, lines_cnn, "scratch", nn) for each in (made, read))
    assert first == second
    program = (
        "import sys; sys.modules['torch'] = None; from parity_tests.__main__ import main; "
        f"sys.argv[1:] = ['compare', {scratch_models() + ':lines_cnn'!r}, '--against', {str(tmp_path / 'run')!r}]; "
        "sys.exit(main())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "made with torch 2.13.0, seed 5" in done.stdout


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_file_is_never_read_as_another(tmp_path, seed):
    made = recording()
    saved.save(made, tmp_path / "run.npz", 5, "2.13.0")
    content = bytearray((tmp_path / "run.npz").read_bytes())
    generator = np.random.default_rng(seed)
    for position in generator.integers(0, len(content), 25):
        damaged = content.copy()
        damaged[position] ^= int(generator.integers(1, 256))
        (tmp_path / "damaged.npz").write_bytes(damaged)
        try:
            read, _ = saved.load(tmp_path / "damaged.npz")
        except Unusable:
            continue
        assert all(np.array_equal(a, b) for a, b in zip(tensors(made), tensors(read), strict=True))


def rewritten(path: Path, change: Callable[[dict[str, HostArray], dict[str, Any]], None]) -> Path:
    """The file with other contents, its zip in order."""
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    meta = json.loads(arrays.pop("meta").tobytes())
    change(arrays, meta)
    arrays["meta"] = np.frombuffer(json.dumps(meta).encode(), np.uint8)
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return path


FOREIGN = {
    "another number": (lambda a, m: a.update({"0/inputs/x": a["0/inputs/x"] + 1}), "the checksum of 0/inputs/x"),
    "an array more": (lambda a, m: a.update({"extra": np.ones(2)}), "the checksum of extra"),
    "a newer format": (lambda a, m: m.update(version=2), "its format has version 2, this program reads 1"),
    "another kind": (lambda a, m: m.update(format="other"), "no reference run"),
    "no layers": (lambda a, m: m.pop("layers"), "damaged"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_file(tmp_path, name):
    change, sentence = FOREIGN[name]
    saved.save(recording(), tmp_path / "run.npz", 5, "2.13.0")
    with pytest.raises(Unusable, match=sentence):
        saved.load(rewritten(tmp_path / "run.npz", change))


REFUSED = {
    "no file": (["{folder}/none.py:f"], "there is no Python file of that name"),
    "no function": (["{models}:other"], "has no function other; it has nested, blocks, named"),
    "which function": (["{models}"], "write FILE.py:build"),
    "a number": (["{models}:number"], "has no function number"),
    "raises": (["{models}:broken"], "build(nn) raises OSError: no such weights"),
    "no Sequential": (["{models}:one_layer"], "must return nn.Sequential"),
    "no shape fits": (["{models}:nonsense"], "no input shape fits this model"),
    "a shape does not fit": (["{models}:named", "--input", "4"], "torch cannot run this model on inputs of shape (4,)"),
    "not ours": (["{models}:of_torch_only", "--input", "2x3"], "scratch has no CELU"),
    "a folder to save in": (["{models}:named", "--save", "{folder}"], "this is a folder"),
    "no saved run": (["{models}:named", "--against", "{folder}/none.npz"], "there is no such file"),
    "not a saved run": (["{models}:named", "--against", "{models}"], "no reference run that `compare --save` wrote"),
    "a folder": (["{models}:named", "--against", "{folder}"], "this is a folder"),
    "both": (["{models}:named", "--against", "a.npz", "--save", "b.npz"], "give one of the two"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_one_sentence(compare, models, name):
    words, sentence = REFUSED[name]
    code, out, err = compare(*(word.format(models=models, folder=models.parent) for word in words))
    assert (code, out) == (2, "")
    assert sentence in err
    assert err.count("\n") == 1


def test_a_saved_run_of_another_model(compare, models, tmp_path):
    saved.save(recording(), tmp_path / "run.npz", 5, "2.13.0")
    code, _, err = compare(f"{models}:named", "--against", tmp_path / "run.npz")
    assert code == 2
    assert "is of another model: Conv2d(1, 4, 3), ReLU()" in err


def test_a_namespace_that_cannot_run(compare, models):
    if IMPLEMENTATIONS["gpu"].why_not() is None:
        pytest.skip("a GPU answers")
    code, _, err = compare(f"{models}:named", "--impl", "gpu")
    assert code == 3
    assert "gpu cannot run here" in err
