"""A wrong implementation is never timed, wherever the fault is."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import scratch
from benchmarks import measure
from parity_tests.harness.implementations import IMPLEMENTATIONS, Implementation
from scratch.backend import bind
from scratch.fast import conv, linear, loss


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
    def planted(optim=scratch.optim, **algorithms):
        backend = replace(scratch.backend, **{op: {"planted": it} for op, it in algorithms.items()})
        nn = SimpleNamespace(**vars(scratch) | bind(backend, scratch.layers) | {"backend": backend, "optim": optim})
        monkeypatch.setattr(Planted, "nn", nn)
        monkeypatch.setitem(IMPLEMENTATIONS, "planted", Planted("planted"))

    return planted


def test_a_right_one_is_timed(plant, bench):
    plant()
    done = bench("--impl", "planted")
    assert done.code == 0
    assert done.out.startswith("planted takes ")


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
            "dweight of Linear(36, 2)",
            {"linear": spoiled(linear, "linear_backward", lambda dx, dw, db: (dx, dw * 2, db))},
        ),
        ("dx of CrossEntropyLoss()", {"cross_entropy": spoiled(loss, "cross_entropy_backward", lambda dx: dx * 3)}),
        ("theta of SGD(lr=0.005)", {"optim": SimpleNamespace(SGD=SlowerSGD)}),
        ("4.bias of one step of lines_cnn", {"optim": SimpleNamespace(SGD=SlowerSGD)}),
    ],
)
def test_a_wrong_step(plant, bench, words, algorithms):
    plant(**algorithms)
    done = bench("--impl", "planted", "--filter", "step")
    assert done.code == 1
    assert f"planted, step: {words}" in " ".join(done.out.split())


def test_the_refusal_as_json(plant, bench):
    plant(conv2d=spoiled(conv, "conv2d", lambda y, saved: (y * np.float32(np.inf), saved)))
    done = bench("--impl", "planted", "--filter", "conv", "--json")
    assert done.code == 1
    results = json.loads(done.out)
    assert results["timings"] == []
    [wrong] = results["wrong"]
    assert (wrong["implementation"], wrong["row"]) == ("planted", "conv")
    assert wrong["reason"].startswith("y of Conv2d(2, 3, (3, 2)) on 4x2x7x6 differs in what is finite, at [")


def test_one_that_raises(plant, bench):
    plant(conv2d=spoiled(conv, "conv2d", lambda y, saved: (y.astype(np.float64), saved)))
    done = bench("--impl", "planted", "--filter", "conv")
    assert done.code == 1
    told = " ".join(done.out.split())
    assert "planted, conv: Conv2d(2, 3, (3, 2)) on 4x2x7x6 raised TypeError: dy has dtype float32, the output" in told
