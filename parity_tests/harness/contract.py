"""What a layer promises beside its numbers: whose memory it leaves alone, and what a second call means."""

from typing import Any

import numpy as np

from parity_tests.harness.implementations import Implementation
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.layer_run import as_tuple, operands, quiet
from parity_tests.harness.optimiser_case import OptimiserCase
from parity_tests.harness.referee import reference
from scratch.array import HostArray, namespace_of, to_host
from scratch.module import Parameter


def broken_promises(case: LayerCase, implementation: Implementation, dtype: str, seed: int = 0) -> list[str]:
    """Try every promise on one case; the answer names those that are not kept.

    - x, dy and the parameters are not changed
    - a second backward of one forward raises, and changes nothing
    - gradients of two backwards add up
    - the result of a call does not depend on the calls before it, with another shape or other numbers
    - what a call has returned is not changed by later calls
    - backward belongs to the mode that forward ran in, whatever the mode is by then
    - without `needs_dx`, the gradients of the parameters are the same
    """
    inputs = reference(case, dtype, seed).inputs
    nn = implementation.nn
    layer = case.build(nn, inputs)
    buffers = {name: to_host(held.data) for name, held in layer.named_buffers()}
    before = {name: value.copy() for name, value in inputs.items()}
    given = operands(inputs, nn.asarray)
    x, *others = given
    broken = []

    def restored() -> Any:
        for name, held in layer.named_buffers():
            held.data = nn.asarray(buffers[name])
        return layer

    with np.errstate(all="ignore"), quiet():
        y = as_tuple(restored()(*given))[0]
        first = to_host(y)
        if "dy" not in inputs:
            return [] if same(to_host(x), before["x"]) else ["x was changed"]
        dy = nn.asarray(inputs["dy"])
        dx = layer.backward(dy)
        first_dx = to_host(dx)
        grads = {name: to_host(parameter.grad) for name, parameter in layer.named_parameters()}

        try:
            layer.backward(dy)
        except RuntimeError:
            pass
        else:
            broken.append("a second backward of one forward did not raise")
        if not all(same(to_host(p.grad), grads[name]) for name, p in layer.named_parameters()):
            broken.append("a second backward of one forward changed a gradient")

        negative = [nn.asarray(-inputs["x"]), *others]
        for before_it in ([other_shape(case.op, each) for each in given], negative):
            forward(restored(), before_it)
        if not same(forward(restored(), given), first):
            broken.append("the result depends on the calls before it")
        again = layer.backward(dy, needs_dx=False)
        if again is not None and not same(to_host(again), first_dx):
            broken.append("the second dx differs from the first")
        for name, parameter in layer.named_parameters():
            if not same(to_host(parameter.grad), 2 * grads[name]):
                broken.append(f"the gradients of {name} do not add up over two backwards")

        latest = as_tuple(restored()(*given))[0]
        layer.train(not case.training)
        if not same(to_host(layer.backward(nn.asarray(inputs["dy"]))), first_dx):
            broken.append("backward asks for the mode, which is not what it was in forward")
        layer.train(case.training)

        forward(restored(), negative)
        layer.backward(nn.asarray(-inputs["dy"]))
        if not (same(to_host(y), first) and same(to_host(latest), first) and same(to_host(dx), first_dx)):
            broken.append("what a call returned was changed by a later one")

    after = {"x": to_host(x), "dy": to_host(dy)} | {name: to_host(p.data) for name, p in layer.named_parameters()}
    return broken + [f"{name} was changed" for name, value in after.items() if not same(value, before[name])]


def broken_promises_of_optimiser(
    case: OptimiserCase, implementation: Implementation, dtype: str, seed: int = 0
) -> list[str]:
    """Do a step with a gradient, and one without; the answer names the promises that are not kept.

    - the gradient is not changed
    - a parameter without a gradient stays as it is, and so does what is kept for it
    """
    inputs, nn = reference(case, dtype, seed).inputs, implementation.nn
    parameter = Parameter(nn.asarray(inputs["theta"][0]) + 0)  # a copy: a step is in place
    optimiser = getattr(nn.optim, case.op)([parameter], **case.settings)

    def held() -> list[HostArray]:
        return [to_host(parameter.data), *(to_host(optimiser.state[0][name]) for name in case.kept)]

    parameter.grad = g = nn.asarray(inputs["g"][0])
    optimiser.step()
    broken = [] if same(to_host(g), inputs["g"][0]) else ["the gradient was changed"]
    before, parameter.grad = held(), None
    optimiser.step()
    if not all(map(same, held(), before)):
        broken.append("a step changed a parameter that has no gradient, or what is kept for it")
    return broken


def forward(layer: Any, given: list[Any]) -> HostArray:
    """Run forward, and copy y to the host."""
    return to_host(as_tuple(layer(*given))[0])


def other_shape(op: str, x: Any) -> Any:
    """The same with one column more, for a layer with a window, or one sample more, for another."""
    if op in ("Conv2d", "ConvTranspose2d", "MaxPool2d", "AvgPool2d"):
        return namespace_of(x).concatenate([x, x[..., :1]], axis=-1)
    return x if isinstance(x, tuple) or x.ndim < 2 or len(x) == 0 else namespace_of(x).concatenate([x, x[:1]])


def same(a: HostArray, b: HostArray) -> bool:
    """Whether two arrays are equal to the bit, NaN included."""
    return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
