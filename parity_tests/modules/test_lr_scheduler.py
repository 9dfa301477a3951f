"""Schedules of learning rates beside what the parity suite compares: closed forms, bad arguments, going on later."""

from importlib import import_module
from math import cos, pi

import numpy as np
import pytest
import torch

from parity_tests.modules.models import HOST_NAMESPACES
from scratch import optim
from scratch.module import Parameter
from scratch.optim import lr_scheduler

EPS = float(np.finfo(np.float64).eps)


def optimizer(**settings):
    return optim.SGD([Parameter(np.zeros(2))], **{"lr": 0.3, "momentum": 0.5} | settings)


def rates(scheduler, steps):
    found = [scheduler.optimizer.lr]
    for _ in range(steps):
        scheduler.step()
        found.append(scheduler.optimizer.lr)
    return np.array(found)


CLOSED = {
    "StepLR": (lambda o: lr_scheduler.StepLR(o, 3, 0.7), lambda t: 0.3 * 0.7 ** (t // 3)),
    "LinearLR": (
        lambda o: lr_scheduler.LinearLR(o, 0.2, 0.9, 7),
        lambda t: 0.3 * (0.2 + 0.7 * min(t, 7) / 7),
    ),
    "CosineAnnealingLR": (
        lambda o: lr_scheduler.CosineAnnealingLR(o, 6, 0.01),
        lambda t: 0.01 + 0.29 * (1 + cos(pi * t / 6)) / 2,
    ),
}


@pytest.mark.parametrize(("make", "closed"), CLOSED.values(), ids=CLOSED)
def test_the_factors_of_all_steps_make_the_closed_form(make, closed):
    """Each step rounds at most ten times numbers up to 0.3; near the bottom 1 + cos loses what it is multiplied by."""
    steps = 30
    wanted = [closed(t) for t in range(steps + 1)]
    np.testing.assert_allclose(rates(make(optimizer()), steps), wanted, rtol=0, atol=0.3 * 10 * steps * EPS)


@pytest.mark.parametrize("library", ["torch", "scratch"])
def test_two_schedulers_multiply_their_factors(library):
    parameter = torch.nn.Parameter(torch.zeros(2)) if library == "torch" else Parameter(np.zeros(2))
    home = torch.optim if library == "torch" else optim
    stepper = home.SGD([parameter], lr=0.8)
    chained = [home.lr_scheduler.StepLR(stepper, 2, 0.5), home.lr_scheduler.LinearLR(stepper, 0.5, 1.0, 2)]
    stepper.step()
    found = [chained[0].get_last_lr()[0]]
    for _ in range(4):
        for scheduler in chained:
            scheduler.step()
        found.append(chained[1].get_last_lr()[0])
    np.testing.assert_allclose(found, [0.8, 0.8 * 0.75, 0.4, 0.4, 0.2], rtol=8 * EPS)


@pytest.mark.parametrize("make", [make for make, _ in CLOSED.values()], ids=CLOSED)
def test_it_goes_on_from_a_state(make):
    whole = rates(make(optimizer()), 9)
    first = make(optimizer())
    rates(first, 4)
    second = make(optimizer())
    second.load_state_dict(first.state_dict())
    second.optimizer.lr = first.optimizer.lr
    np.testing.assert_array_equal(rates(second, 5), whole[4:])


def test_a_state_of_another_class_changes_nothing():
    scheduler = lr_scheduler.StepLR(optimizer(), 3)
    before = scheduler.state_dict()
    with pytest.raises(KeyError, match=r"needed are.*gamma"):
        scheduler.load_state_dict(lr_scheduler.LinearLR(optimizer()).state_dict())
    with pytest.raises(TypeError, match="state_dict is a NoneType"):
        scheduler.load_state_dict(None)
    assert scheduler.state_dict() == before


@pytest.mark.parametrize("namespace", HOST_NAMESPACES)
def test_the_next_step_uses_the_rate(namespace):
    nn = import_module(namespace)
    theta = Parameter(nn.asarray(np.zeros(2)))
    stepper = nn.optim.SGD([theta], lr=1.0)
    scheduler = nn.optim.lr_scheduler.StepLR(stepper, 1, 0.5)
    for _ in range(3):
        theta.grad = nn.asarray(np.ones(2))
        stepper.step()
        scheduler.step()
    assert float(theta.data[0]) == -1.75


WRONG = {
    "an optimiser": (lambda: lr_scheduler.StepLR(3, 2), TypeError, "int is not an Optimizer"),
    "no step size": (lambda: lr_scheduler.StepLR(optimizer(), 0), ValueError, "positive integer step_size, but got 0"),
    "half a step": (lambda: lr_scheduler.StepLR(optimizer(), 2.5), ValueError, "integer step_size, but got 2.5"),
    "T_max": (lambda: lr_scheduler.CosineAnnealingLR(optimizer(), 0), ValueError, "integer T_max, but got 0"),
    "total_iters": (lambda: lr_scheduler.LinearLR(optimizer(), total_iters=0), ValueError, "integer total_iters"),
    "start 0": (lambda: lr_scheduler.LinearLR(optimizer(), 0.0), ValueError, "start_factor=0.0: Starting mult"),
    "a text": (lambda: lr_scheduler.StepLR(optimizer(), 2, "0.1"), TypeError, "gamma='0.1' must be a number"),
    "start None": (lambda: lr_scheduler.LinearLR(optimizer(), None), TypeError, "start_factor=None must be a number"),
    "no height": (lambda: lr_scheduler.OneCycleLR(optimizer(), "0.5", 9), TypeError, "max_lr='0.5' must be a number"),
    "end 2": (lambda: lr_scheduler.LinearLR(optimizer(), 0.5, 2.0), ValueError, "end_factor=2.0: Ending mult"),
    "no length": (lambda: lr_scheduler.OneCycleLR(optimizer(), 0.5), ValueError, "either total_steps OR"),
    "half a length": (lambda: lr_scheduler.OneCycleLR(optimizer(), 0.5, epochs=3), ValueError, "either total_steps OR"),
    "length -1": (lambda: lr_scheduler.OneCycleLR(optimizer(), 0.5, -1), ValueError, "integer total_steps, but got -1"),
    "pct_start": (
        lambda: lr_scheduler.OneCycleLR(optimizer(), 0.5, 9, pct_start=2),
        ValueError,
        "pct_start, but got 2",
    ),
    "too short": (lambda: lr_scheduler.OneCycleLR(optimizer(), 0.5, 2, pct_start=0.5), ValueError, "has no step"),
    "strategy": (
        lambda: lr_scheduler.OneCycleLR(optimizer(), 0.5, 9, anneal_strategy="sine"),
        ValueError,
        "instead got sine",
    ),
}


@pytest.mark.parametrize(("call", "error", "words"), WRONG.values(), ids=WRONG)
def test_refused(call, error, words):
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)


def test_a_refused_scheduler_leaves_the_optimiser_alone():
    stepper = optimizer()
    with pytest.raises(ValueError, match="has no step"):
        lr_scheduler.OneCycleLR(stepper, 0.5, 2, pct_start=0.5)
    assert (stepper.lr, stepper.momentum, stepper.initial_lr) == (0.3, 0.5, None)


def test_a_cycle_ends():
    scheduler = lr_scheduler.OneCycleLR(optimizer(), 0.5, total_steps=6)
    rates(scheduler, 6)
    before = scheduler.state_dict(), scheduler.optimizer.lr
    with pytest.raises(ValueError, match=r"Tried to step 7 times. The specified number of total steps is 6"):
        scheduler.step()
    assert (scheduler.state_dict(), scheduler.optimizer.lr) == before
