"""A program of a few lines that shows what torch gives in a case, with torch alone."""

from collections.abc import Mapping

import numpy as np

from parity_tests.harness.case import Case
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.loss_case import LossCase
from parity_tests.harness.optimiser_case import OptimiserCase
from parity_tests.harness.referee import reference
from scratch.array import HostArray

SMALL = 200
"""So many numbers are written out; more are drawn from a seed."""

STEPS_SHOWN = 3
"""Steps of an optimiser that are shown."""


def script(case: Case, dtype: str, seed: int = 0) -> str:
    """Write a program that runs torch on a case and prints its results.

    Small inputs are written out: they are those of the case. Large ones are drawn anew, from a seed.

    Parameters
    ----------
    case : a LayerCase, LossCase or OptimiserCase
    dtype : of the run
    seed : of the inputs
    """
    inputs = reference(case, dtype, seed).inputs
    if isinstance(case, LayerCase):
        lines = of_layer(case, inputs, dtype)
    elif isinstance(case, LossCase):
        lines = of_loss(case, inputs)
    elif isinstance(case, OptimiserCase):
        lines = of_optimiser(case, inputs)
    else:
        return ""
    return "\n".join([f"# {case}, {dtype}: what torch gives", "import torch", *lines]) + "\n"


def of_layer(case: LayerCase, inputs: Mapping[str, HostArray], dtype: str) -> list[str]:
    """The layer, its state, y and the gradients."""
    literal = written_out(inputs)
    state = case.state(inputs) if not case.integer else {}
    lines = [] if literal else ["torch.manual_seed(0)"]
    lines += [f"x = {array(inputs['x'], literal)}"]
    lines += ["x.requires_grad_()"] if "dy" in inputs else []
    lines += [f"layer = torch.nn.{case.spec}"]
    lines += [f"layer.to(torch.{dtype})"] if state else []
    if state and literal:
        lines += ["layer.load_state_dict({", *(f"    {name!r}: {array(value, True)}," for name, value in state.items())]
        lines += ["})"]
    lines += [] if case.training else ["layer.eval()"]
    lines += ["y = layer(x)", "print('y', y)"]
    if "dy" in inputs:
        lines += [f"dy = {array(inputs['dy'], literal)}"]
        lines += ["(y[0] if isinstance(y, tuple) else y).backward(dy)", "print('dx', x.grad)"]
        if {"weight", "bias"} & state.keys():
            lines += ["for name, parameter in layer.named_parameters():", "    print('d' + name, parameter.grad)"]
    if any(name.startswith("running") for name in state):
        lines += ["for name, buffer in layer.named_buffers():", "    print(name, buffer)"]
    return lines


def of_loss(case: LossCase, inputs: Mapping[str, HostArray]) -> list[str]:
    """The loss and dx."""
    literal = written_out(inputs)
    lines = [] if literal else ["torch.manual_seed(0)"]
    lines += [f"x = {array(inputs['x'], literal)}", "x.requires_grad_()"]
    classes = case.shape[case.axis] if case.shape else 1
    lines += [f"target = {array(inputs['target'], literal, classes)}"]
    given = [f"{name}={value!r}" for name, value in case.spec.settings]
    if case.weighted:
        lines += [f"weight = {array(inputs['weight'], literal)}"]
        given = ["weight=weight", *given]
    lines += [f"loss = torch.nn.{case.op}({', '.join(given)})(x, target)", "print('loss', loss)"]
    lines += [f"loss.backward({array(inputs['dloss'], literal)})", "print('dx', x.grad)"]
    return lines


def of_optimiser(case: OptimiserCase, inputs: Mapping[str, HostArray]) -> list[str]:
    """The first steps."""
    given = "".join(f", {name}={value!r}" for name, value in case.spec.settings)
    gradients = inputs["g"][:STEPS_SHOWN]
    return [
        f"theta = {array(inputs['theta'][0], True)}",
        "theta.requires_grad_()",
        f"optimiser = torch.optim.{case.op}([theta]{given})",
        "for g in (",
        *(f"    {array(g, True)}," for g in gradients),
        "):",
        "    theta.grad = g",
        "    optimiser.step()",
        "    print('theta', theta)",
    ]


def written_out(inputs: Mapping[str, HostArray]) -> bool:
    """Whether the inputs are small enough to be read."""
    return sum(value.size for value in inputs.values()) <= SMALL


def array(value: HostArray, literal: bool, classes: int = 2) -> str:
    """A tensor: its numbers, or how to draw others of its kind; integers are drawn below `classes`."""
    dtype = f"dtype=torch.{value.dtype.name}"
    if literal and value.size == 0:
        return f"torch.empty({value.shape}, {dtype})"
    if literal:
        numbers = repr(value.tolist()).replace("nan", "float('nan')").replace("inf", "float('inf')")
        return f"torch.tensor({numbers}, {dtype})"
    if value.dtype.kind != "f":
        return f"torch.randint({classes}, {value.shape}, {dtype})"
    if not np.isfinite(value).all():
        return f"torch.where(torch.rand({value.shape}) < 0.1, float('nan'), torch.randn({value.shape}, {dtype}))"
    return f"torch.randn({value.shape}, {dtype})"
