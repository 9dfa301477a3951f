"""What is done to gradients that are too large, before a step."""

from collections.abc import Iterable

import numpy as np

from scratch.array import Array, namespace_of
from scratch.half import wide
from scratch.module import Parameter
from scratch.number import number


def clip_grad_norm_(
    parameters: Parameter | Iterable[Parameter],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> Array:
    """Scale all gradients so that they are no longer than `max_norm` together: torch.nn.utils.clip_grad_norm_.

        norm = (sum over all numbers of |g|**p)**(1 / p),    p = norm_type;   p infinite: the largest |g|
        g    = g * min(max_norm / (norm + 1e-6), 1)

    The gradients keep their direction; float16 is computed with in float32. Each `parameter.grad` is replaced by a new
    array.

    Parameters
    ----------
    parameters : those whose gradients count; without a gradient one is left out
    max_norm : the length that is allowed, not negative
    norm_type : p, positive, or float("inf")
    error_if_nonfinite : raise if the norm is NaN or infinite, rather than spread it

    Returns
    -------
    norm : 0-d array, of the gradients as they were

    Raises
    ------
    RuntimeError
        with `error_if_nonfinite`; the gradients are as they were
    ValueError
        if norm_type is not positive, or max_norm negative
    """
    p = number("norm_type", norm_type)
    if not p > 0:
        raise ValueError(f"norm_type={norm_type!r} must be positive, or infinite")
    if not number("max_norm", max_norm) >= 0:  # so NaN is refused, too
        raise ValueError(f"max_norm={max_norm!r} must not be negative: gradients would turn round")
    held = _with_gradients(parameters)
    if not held:
        return np.zeros((), np.float32)
    xp = namespace_of(held[0][1])
    norm = _norm(xp.stack([_norm(wide(g), p) for _, g in held]), p)
    if error_if_nonfinite and not bool(xp.isfinite(norm)):
        raise RuntimeError(
            f"The total norm of order {p} for gradients from `parameters` is non-finite ({float(norm)}), so it cannot "
            "be clipped. error_if_nonfinite=False scales the gradients by it anyway"
        )
    factor = xp.clip(max_norm / (norm + 1e-6), 0.0, 1.0)
    for parameter, g in held:
        parameter.grad = (wide(g) * factor.astype(wide(g).dtype)).astype(g.dtype)
    return norm.astype(np.result_type(*(g.dtype for _, g in held)))


def clip_grad_value_(parameters: Parameter | Iterable[Parameter], clip_value: float) -> None:
    """Cut each number of each gradient off at -clip_value and clip_value: torch.nn.utils.clip_grad_value_.

    The direction may change. Each `parameter.grad` is replaced by a new array.

    Raises
    ------
    ValueError
        if clip_value is negative
    """
    if not number("clip_value", clip_value) >= 0:
        raise ValueError(f"clip_value={clip_value!r} must not be negative")
    for parameter, g in _with_gradients(parameters):
        parameter.grad = namespace_of(g).clip(g, -float(clip_value), float(clip_value))


def _with_gradients(parameters: Parameter | Iterable[Parameter]) -> list[tuple[Parameter, Array]]:
    """Those that have a gradient, and their gradients; a Parameter by itself is one."""
    held = [parameters] if isinstance(parameters, Parameter) else list(parameters)
    for parameter in held:
        if not isinstance(parameter, Parameter):
            raise TypeError(f"parameters: {type(parameter).__name__} is not a Parameter; pass model.parameters()")
    return [(parameter, parameter.grad) for parameter in held if parameter.grad is not None]


def _norm(g: Array, p: float) -> Array:
    """The p-norm of all numbers of an array, 0-d; 0 of none."""
    sizes: Array = abs(g)
    if g.size == 0:  # of no numbers there is no largest
        p = 1.0
    norm: Array = sizes.max() if p == float("inf") else (sizes**p).sum() ** (1 / p)
    return norm
