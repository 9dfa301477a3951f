"""Options that are numbers: a learning rate, a slope, what is added to a variance."""

from typing import Any


def number(name: str, value: Any) -> float:
    """A real number as Python's float; a np.float64, from np.linspace perhaps, would make all that follows float64.

    Raises
    ------
    TypeError
        if it is none, such as a text or an array of several

    >>> number("lr", 1)
    1.0
    >>> number("lr", "0.1")
    Traceback (most recent call last):
    TypeError: lr='0.1' must be a number
    """
    try:
        if not isinstance(value, str | bytes):
            return float(value)
    except TypeError:
        pass
    raise TypeError(f"{name}={value!r} must be a number")
