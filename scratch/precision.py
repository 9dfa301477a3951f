"""How accurate results have to be: `strict` or `fast`.

    strict    as accurate as a plain sum of products in the dtype of the data (the default)
    fast      algorithms may err more where that saves time, as TF32 does in torch; each declares its own law

It lies in a context variable, so that each thread and each asynchronous task has its own. A new thread begins strict.
"""

from contextvars import ContextVar
from typing import Literal, TypeAlias, get_args

Precision: TypeAlias = Literal["strict", "fast"]

_current: ContextVar[Precision] = ContextVar("precision", default="strict")


def current() -> Precision:
    """The precision that is asked for here and now."""
    return _current.get()


class precision:  # noqa: N801 - a setting, written as a call: torch.no_grad and np.errstate look like that, too
    """Ask for a precision from here on, or in a `with` statement until its end.

    Parameters
    ----------
    wanted : "strict" or "fast"

    Raises
    ------
    ValueError
        for another word; nothing has changed then

    Examples
    --------
    >>> with precision("fast"):
    ...     print(current())
    fast
    >>> current()
    'strict'
    """

    def __init__(self, wanted: Precision) -> None:
        if wanted not in get_args(Precision):
            raise ValueError(f"precision {wanted!r} is unknown; it is 'strict' or 'fast'")
        self._before = current()
        _current.set(wanted)

    def __enter__(self) -> None:
        """The precision is set already."""

    def __exit__(self, *error: object) -> None:
        """Go back to what was asked for before."""
        _current.set(self._before)
