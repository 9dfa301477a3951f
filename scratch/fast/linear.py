"""The dense layer as three matrix products.

The loops this replaces: scratch/naive/linear.py. On the GPU: gpu/linear.py.
"""

from scratch.array import Array
from scratch.contracts import Saved


def linear(x: Array, weight: Array, bias: Array | None) -> tuple[Array, Saved]:
    """Compute y = x @ weight.T + bias.

    Parameters, returns: as `scratch.naive.linear.linear`.
    """
    y = x @ weight.T
    if bias is not None:
        y += bias
    return y, (x, weight, bias)


def linear_backward(dy: Array, saved: Saved, needs_dx: bool = True) -> tuple[Array | None, Array, Array | None]:
    """Compute dx = dy @ weight, dweight = dy.T @ x, dbias = the column sums of dy.

    Parameters, returns: as `scratch.naive.linear.linear_backward`.
    """
    x, weight, bias = saved
    dx = dy @ weight if needs_dx else None
    return dx, dy.T @ x, None if bias is None else dy.sum(axis=0)
