"""A wrong implementation is never timed, wherever the fault is."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import scratch
from benchmarks import measure
from benchmarks.contenders import SCIPY, Ours
from parity_tests.bench.conftest import SMALL_ROWS
from parity_tests.harness.implementations import IMPLEMENTATIONS, Implementation
from scratch.backend import bind
from scratch.fast import class_loss, conv, linear
from scratch.images import by_fft


def spoiled(module, name, spoil):
    """An algorithm's module, one of whose functions gives something else."""

    def wrong(*args):
        found = getattr(module, name)(*args)
        return spoil(*found) if isinstance(found, tuple) else spoil(found)

    return SimpleNamespace(**(vars(module) | {name: wrong}))


class SlowerSGD(scratch.optim.SGD):
    def _change(self, theta, g, state):
        return super()._change(theta, g, state) * 0.999


class Planted(Implementation):
    """scratch, with some algorithms or its optimisers replaced."""

    nn = None


@pytest.fixture
def plant(monkeypatch):
    def planted(optim=scratch.optim, images=scratch.images, **algorithms):
        backend = replace(scratch.backend, **{op: {"planted": it} for op, it in algorithms.items()})
        others = {"backend": backend, "optim": optim, "images": images}
        nn = SimpleNamespace(**vars(scratch) | bind(backend, scratch.layers) | others)
        monkeypatch.setattr(Planted, "nn", nn)
        monkeypatch.setitem(IMPLEMENTATIONS, "planted", Planted("planted"))

    return planted


def test_a_right_one_is_timed(plant, bench):
    plant()
    done = bench("--impl", "planted")
    assert done.code == 0
    for suite in ("layers", "models", "images", "training"):
        assert f"{suite}: at equal accuracy planted takes " in done.out


@pytest.mark.parametrize(
    ("tensor", "name", "spoil"),
    [
        ("y", "conv2d", lambda y, saved: (y * np.float32(1 + 1e-4), saved)),
        ("y", "conv2d", lambda y, saved: (y[..., ::-1].copy(), saved)),
        ("dx", "conv2d_backward", lambda dx, dw, db: (np.roll(dx, 1, axis=2), dw, db)),
        ("dweight", "conv2d_backward", lambda dx, dw, db: (dx, dw[..., ::-1].copy(), db)),
        ("dbias", "conv2d_backward", lambda dx, dw, db: (dx, dw, db / 4)),
    ],
)
def test_a_wrong_convolution(plant, bench, monkeypatch, tensor, name, spoil):
    plant(conv2d=spoiled(conv, name, spoil))
    monkeypatch.setattr(measure, "interleave", None)  # whoever times now, fails
    done = bench("--impl", "planted", "--impl", "scratch", "--filter", "conv")
    assert done.code == 1
    verdict, *details = done.out.splitlines()
    assert verdict == "planted computed something wrong, so nothing was timed"
    told = " ".join(details)
    assert f"planted, conv: {tensor} of Conv2d(2, 3, (3, 2)) on 4x2x7x6" in told
    assert "scratch, conv" not in told


@pytest.mark.parametrize(
    ("words", "algorithms"),
    [
        (
            "dweight of 4 Linear(36, 2)",
            {"linear": spoiled(linear, "linear_backward", lambda dx, dw, db: (dx, dw * 2, db))},
        ),
        (
            "dx of CrossEntropyLoss()",
            {"cross_entropy": spoiled(class_loss, "cross_entropy_backward", lambda dx: dx * 3)},
        ),
        ("theta of SGD(lr=0.005)", {"optim": SimpleNamespace(SGD=SlowerSGD)}),
        ("4.bias of one step of lines_cnn", {"optim": SimpleNamespace(SGD=SlowerSGD)}),
    ],
)
def test_a_wrong_step(plant, bench, words, algorithms):
    plant(**algorithms)
    done = bench("--impl", "planted", "--suite", "models")
    assert done.code == 1
    assert f"planted, step: {words}" in " ".join(done.out.split())


def test_a_wrong_training(plant, bench):
    plant(optim=SimpleNamespace(SGD=SlowerSGD))
    done = bench("--impl", "planted", "--suite", "training")
    assert done.code == 1
    assert "planted, epoch: 4.bias of one epoch of lines_cnn" in " ".join(done.out.split())


def images(spoil):
    """scratch.images with another correlate2d: a function of the image, the kernel, and what is right."""

    def correlate2d(image, kernel, **options):
        return spoil(image, kernel, scratch.images.correlate2d(image, kernel, **options))

    return SimpleNamespace(correlate2d=correlate2d, choose_method=scratch.images.choose_method)


def at_an_edge(y):
    y[0] = 0
    return y


@pytest.mark.parametrize(
    "spoil",
    [
        lambda image, kernel, y: scratch.images.convolve2d(image, kernel),
        lambda image, kernel, y: scratch.images.correlate2d(image, kernel, border="replicate"),
        lambda image, kernel, y: np.roll(y, 1, axis=1),
        lambda image, kernel, y: at_an_edge(y),
        lambda image, kernel, y: y * y.dtype.type(1 + 1e-4),
    ],
)
@pytest.mark.parametrize("row", ["blur", "product"])
def test_a_wrong_filter(plant, bench, monkeypatch, row, spoil):
    plant(images=images(spoil))
    monkeypatch.setattr(measure, "interleave", None)  # whoever times now, fails
    done = bench("--impl", "planted", "--impl", "scratch", "--filter", row)
    assert done.code == 1
    verdict, *details = done.out.splitlines()
    assert verdict == "planted computed something wrong, so nothing was timed"
    told = " ".join(details)
    assert f"planted, {row}: y of " in told
    assert "scratch, " not in told


@pytest.mark.parametrize("row", SMALL_ROWS, ids=lambda row: row.name)
def test_the_array_code_of_the_gpu_takes_part(row):
    trial, contender = row.problem.draw(), Ours(IMPLEMENTATIONS["gpu.on_numpy"])
    judged = trial.judge(contender, trial.arm(contender))
    assert judged
    assert all(each.comparison.verdict.agrees for each in judged)


def test_a_row_in_float64_asks_for_float64(plant, bench):
    plant(images=images(lambda image, kernel, y: y.astype(np.float32).astype(np.float64)))
    done = bench("--impl", "planted", "--suite", "images")
    assert done.code == 1
    told = " ".join(done.out.split())
    assert "planted, product: y of separable 7x7 kernel on 24x25 pixels, float64 has dtype float64" not in told
    assert "planted, product: y of separable 7x7 kernel on 24x25 pixels, float64 is off by" in told
    assert "planted, blur: y of 5x5 kernel on 24x25 pixels, float32 has dtype float64, should have float32" in told


@pytest.mark.parametrize("name", [name for name, each in SCIPY.items() if each.method != "separable"])
def test_scipy_with_the_kernel_the_wrong_way_round(bench, monkeypatch, name):
    monkeypatch.setitem(SCIPY, name, replace(SCIPY[name], flips=not SCIPY[name].flips))
    done = bench("--impl", name, "--filter", "blur")
    assert done.code == 1
    assert done.out.startswith(f"{name} computed something wrong, so nothing was timed")


def test_a_wrong_torch(bench, monkeypatch):
    conv2d = torch.nn.functional.conv2d
    monkeypatch.setattr(
        torch.nn.functional, "conv2d", lambda x, weight, padding: conv2d(x, weight.flip(2), padding=padding)
    )
    done = bench("--impl", "torch.two_passes", "--filter", "product")
    assert done.code == 1
    assert done.out.startswith("torch and torch.two_passes computed something wrong")


def test_a_wrong_method_in_the_crossover(bench, monkeypatch):
    monkeypatch.setitem(scratch.backend.correlate2d, "fft", spoiled(by_fft, "correlate", lambda y: y[:, ::-1]))
    monkeypatch.setattr(measure, "interleave", None)  # whoever times now, fails
    done = bench("--crossover", "--filter", "5x5 on 64x64, float32")
    assert done.code == 1
    assert done.out.startswith("scratch:fft computed something wrong, so nothing was timed")
    assert "scratch:direct" not in done.out


def test_the_refusal_as_json(plant, bench):
    plant(conv2d=spoiled(conv, "conv2d", lambda y, saved: (y * np.float32(np.inf), saved)))
    done = bench("--impl", "planted", "--filter", "conv", "--json")
    assert done.code == 1
    results = json.loads(done.out)
    assert (results["agree"], results["timings"]) == (False, [])
    [wrong] = results["wrong"]
    assert (wrong["suite"], wrong["row"], wrong["implementation"]) == ("layers", "conv", "planted")
    assert wrong["reason"].startswith("y of Conv2d(2, 3, (3, 2)) on 4x2x7x6, float32 differs in what is finite, at [")


def test_one_that_raises(plant, bench):
    plant(conv2d=spoiled(conv, "conv2d", lambda y, saved: (y.astype(np.float64), saved)))
    done = bench("--impl", "planted", "--filter", "conv")
    assert done.code == 1
    told = " ".join(done.out.split())
    assert (
        "planted, conv: Conv2d(2, 3, (3, 2)) on 4x2x7x6, float32 raised TypeError: dy has dtype float32, the output"
        in told
    )
