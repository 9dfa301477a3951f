"""A program of a few lines that shows what torch gives in a case, with torch alone."""

import textwrap
from collections.abc import Mapping

import numpy as np

from parity_tests.diagnosis.evidence import Evidence
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.loss_case import LossCase
from parity_tests.harness.optimiser_case import OptimiserCase
from parity_tests.harness.referee import reference
from scratch.array import HostArray

WIDTH = 76
"""Columns of a line; the text of a diagnosis indents it by 4."""

SMALL = 200
"""So many numbers are written out; more are drawn from a seed."""

KINDS = {
    "images": "torch.rand({shape})",
    "digits": "torch.rand({shape})",
    "integers": "torch.randint(-4, 5, {shape})",
    "ties": "torch.randint(-1, 2, {shape})",
    "equal": "torch.full({shape}, 0.5)",
    "large mean": "(torch.randn({shape}) + 1000)",
    "large": "(torch.randn({shape}) * 1000)",
}
"""How x is drawn where it is not normal."""

STEPS_SHOWN = 3
"""Steps of an optimiser that are shown."""


def script(evidence: Evidence) -> str:
    """Write a program that runs torch on a case and prints its results; what the layer gave stands in comments.

    Small inputs are written out: they are those of the case. Large ones are drawn anew, from a seed.

    Parameters
    ----------
    evidence : of a LayerCase, LossCase or OptimiserCase; its findings may be empty
    """
    case = evidence.case
    inputs = reference(case, evidence.dtype, evidence.seed).inputs
    if isinstance(case, LayerCase):
        lines = of_layer(case, inputs, evidence.dtype)
    elif isinstance(case, LossCase):
        lines = of_loss(case, inputs)
    elif isinstance(case, OptimiserCase):
        lines = of_optimiser(case, inputs)
    else:
        return ""
    title = f"{case}, {evidence.dtype}: what torch gives"
    head = textwrap.wrap(title, WIDTH, initial_indent="# ", subsequent_indent="# ", break_long_words=False)
    if isinstance(case, OptimiserCase) or written_out(inputs):
        head += yours(evidence)
    else:
        head += ["# There are too many inputs to write them out: these are others of the kind."]
    return "\n".join([*head, "import torch", *map(fold, lines)]) + "\n"


def yours(evidence: Evidence) -> list[str]:
    """What the layer gave at its worst elements, as comments."""
    bad = [f for f in evidence.findings if not f.ours.verdict.agrees and f.ours.at is not None]
    return [f"# yours gave {f.tensor}{list(f.ours.at or ())} = {f.ours.got:.9g}, torch {f.ours.want:.9g}" for f in bad]


def fold(line: str) -> str:
    """Break a line of numbers; inside brackets Python does not mind."""
    indent = line[: len(line) - len(line.lstrip())] + "    "
    return textwrap.fill(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def of_layer(case: LayerCase, inputs: Mapping[str, HostArray], dtype: str) -> list[str]:
    """The layer, its state, y and the gradients."""
    others = [name for name in ("indices", "output_size") if name in inputs]  # what forward takes besides
    literal = written_out(inputs) or bool(others)
    state = case.state(inputs) if not case.integer else {}
    lines = [] if literal else ["torch.manual_seed(0)"]
    lines += [f"x = {array(inputs['x'], True) if literal else drawn(inputs['x'], case.data)}"]
    lines += ["x.requires_grad_()"] if "dy" in inputs else []
    lines += [f"layer = torch.nn.{case.spec}"]
    lines += [f"layer.to(torch.{dtype})"] if state else []
    if state and literal:
        lines += ["layer.load_state_dict({", *(f"    {name!r}: {array(value, True)}," for name, value in state.items())]
        lines += ["})"]
    lines += [] if case.training else ["layer.eval()"]
    lines += [f"indices = {array(inputs['indices'], True)}"] if "indices" in inputs else []
    sizes = [f"output_size={case.output_size}"] if "output_size" in inputs else []
    lines += [f"y = layer({', '.join(['x', *others[:1], *sizes])})", "print('y', y)"]
    if "dy" in inputs:
        result = "y[0]" if case.arguments.get("return_indices") else "y"
        lines += [f"dy = {array(inputs['dy'], literal)}", f"{result}.backward(dy)", "print('dx', x.grad)"]
        if {"weight", "bias"} & state.keys():
            lines += ["for name, parameter in layer.named_parameters():", "    print('d' + name, parameter.grad)"]
    if any(name.startswith("running") for name in state):
        lines += ["for name, buffer in layer.named_buffers():", "    print(name, buffer)"]
    return lines


def of_loss(case: LossCase, inputs: Mapping[str, HostArray]) -> list[str]:
    """The loss and dx."""
    literal = written_out(inputs)
    lines = [] if literal else ["torch.manual_seed(0)"]
    lines += [f"x = {array(inputs['x'], True) if literal else drawn(inputs['x'], case.data)}", "x.requires_grad_()"]
    classes = case.shape[case.axis] if case.shape else 1
    lines += [f"target = {array(inputs['target'], literal, classes)}"]
    given = [f"{name}={value!r}" for name, value in case.spec.settings]
    for name in ("weight", "pos_weight"):
        if name in inputs:
            lines += [f"{name} = {array(inputs[name], literal)}"]
            given = [f"{name}={name}", *given]
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
        return f"torch.tensor({numbers(value)}, {dtype})"
    if value.dtype.kind != "f":
        return f"torch.randint({classes}, {value.shape}, {dtype})"
    if not np.isfinite(value).all():
        return f"torch.where(torch.rand({value.shape}) < 0.1, float('nan'), torch.randn({value.shape}, {dtype}))"
    return f"torch.randn({value.shape}, {dtype})"


def drawn(value: HostArray, data: str) -> str:
    """How to draw other numbers of a kind (see `harness.inputs.draw`)."""
    if data not in KINDS or value.dtype.kind != "f":
        return array(value, False)
    return KINDS[data].format(shape=value.shape) + f".to(torch.{value.dtype.name})"


def numbers(value: HostArray) -> str:
    """Nested lists; each number with the digits that its format needs."""
    if value.ndim:
        return f"[{', '.join(map(numbers, value))}]"
    return str(value) if np.isfinite(value) else f"float('{value}')"
