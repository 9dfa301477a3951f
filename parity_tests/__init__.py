"""The conformance suite: every implementation of the nn namespace against PyTorch, and anybody's layers, too."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["assert_parity"]


def assert_parity(
    layer: Callable[..., Any],
    backward: Callable[..., Any] | None = None,
    *,
    like: str | None = None,
    dtype: str | Sequence[str] | None = None,
    seed: int = 0,
    map: Mapping[str, Any] | None = None,  # noqa: A002 - as check's --map
) -> None:
    """Assert that a layer, loss or optimiser computes what torch's does: one line in a test of one's own.

    It is called, run through the same cases and judged by the same laws as by `python -m parity_tests check`, but in
    this process: there is no time limit, and what it prints is pytest's to show. It may be anything that check can
    read. What a layer does not offer is left out, as there.

    >>> from parity_tests import assert_parity
    >>> from scratch import ReLU
    >>> assert_parity(ReLU, like="ReLU")

    Parameters
    ----------
    layer : a class, or a function that goes forward
    backward : the function that goes back, if `layer` is a function and the name does not tell
    like : torch's name of it ("Conv2d", "CrossEntropyLoss", "Adam", ...); guessed from its own name if left out
    dtype : "float32", "float64", or both; both by default
    seed : of the inputs
    map : what cannot be guessed: what a table of check's --map file may say, {"weight": "theta.kernel"} for instance

    Raises
    ------
    AssertionError
        if it disagrees; the message is the verdict, what is wrong as far as that is known, and the worst elements
    ValueError
        if it cannot be called as such a layer, or nothing of it can be compared
    """
    __tracebackhide__ = True
    from parity_tests.assertion import complaint  # needs torch, which importing this package does not

    if message := complaint(layer, backward, like, dtype, seed, dict(map or {})):
        raise AssertionError(message)
