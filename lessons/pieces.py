"""Pieces of a lesson that are not text: what is folded, what is predicted, and the verdict on an exercise.

They are HTML with their styles within, because they are shown in two places: live by marimo, and on a static page.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from textwrap import dedent
from typing import Any, Literal


@dataclass(frozen=True)
class Piece:
    """Something that is shown as it is.

    Attributes
    ----------
    html : elements without any address outside of themselves
    """

    html: str

    def _repr_html_(self) -> str:  # marimo and Jupyter ask for this
        return self.html

    def __add__(self, other: "Piece") -> "Piece":
        """One below the other."""
        return Piece(self.html + other.html)


def paragraph(words: str) -> Piece:
    """Plain text; what stands between backquotes is code.

    >>> paragraph("`a` < b").html
    '<p style="margin:0.4em 0"><code>a</code> &lt; b</p>'
    """
    parts = escape(words).split("`")
    marked = (f"<code>{part}</code>" if n % 2 else part for n, part in enumerate(parts))
    return Piece(f'<p style="margin:0.4em 0">{"".join(marked)}</p>')


def folded(summary: str, inside: Piece, opened: bool = False) -> Piece:
    """What is seen only after a click."""
    return Piece(
        f"<details{' open' if opened else ''} "
        'style="border:1px solid #b9b4a8;border-radius:6px;padding:0.4em 0.9em;margin:0.4em 0">'
        f'<summary style="cursor:pointer;font-weight:600">{escape(summary)}</summary>{inside.html}</details>'
    )


def source(code: str) -> Piece:
    """Some code."""
    return Piece(
        f'<pre style="overflow-x:auto;font-size:0.88em;line-height:1.45"><code>{escape(code.rstrip())}</code></pre>'
    )


def solution(function: Callable[..., Any]) -> Piece:
    """A solution, folded: its code, which the tests have checked."""
    return folded("A solution (try for yourself first)", source(without_types(function)))


def without_types(function: Callable[..., Any]) -> str:
    """The code of a function as a learner writes it: the first two lines, its types and its docstring, are left out.

    >>> def double(x: int) -> int:
    ...     \"\"\"Twice.\"\"\"
    ...     return 2 * x
    >>> print(without_types(double))
    def double(x):
        return 2 * x
    """
    body = dedent(inspect.getsource(function)).splitlines()[2:]
    return "\n".join([f"def {function.__name__}({', '.join(inspect.signature(function).parameters)}):", *body])


def predicted(choice: Any, truth: str, why: Piece) -> Piece:
    """The answer to a prediction: folded until a choice is made.

    Parameters
    ----------
    choice : a marimo radio, or anything with its `value` and `options`
    truth : the right one of the options
    why : what shows it

    Raises
    ------
    ValueError
        if the truth is none of the options: the question cannot be answered
    """
    if truth not in choice.options:
        raise ValueError(f"truth={truth!r} must be one of {', '.join(map(repr, choice.options))}")
    if choice.value is None:
        return folded("Predict first, then look", paragraph(f"It is: {truth}.") + why)
    said = f"As you predicted: {truth}." if choice.value == truth else f"You predicted: {choice.value}. It is: {truth}."
    return folded(said, why, opened=True)


@dataclass(frozen=True)
class Verdict:
    """What a check says about an answer.

    Attributes
    ----------
    state : "open" while there is no answer
    words : the reason, and if it is wrong a hint; `code` between backquotes
    """

    state: Literal["open", "right", "wrong"]
    words: str

    def _repr_html_(self) -> str:
        head, colour, ground = {
            "open": ("Not answered yet.", "#6b6455", "#f3f0e8"),
            "right": ("Right.", "#2c6b45", "#e6f2ea"),
            "wrong": ("Not yet right.", "#a03c1c", "#fbe9e4"),
        }[self.state]
        return (
            f'<div role="status" style="border-left:5px solid {colour};background:{ground};color:#22262b;'
            f'padding:0.5em 0.9em;border-radius:4px"><b style="color:{colour}">{head}</b>'
            f"{paragraph(self.words).html}</div>"
        )


def still_open(words: str) -> Verdict:
    """There is no answer yet."""
    return Verdict("open", words)


def right(words: str) -> Verdict:
    """The answer is right."""
    return Verdict("right", words)


def wrong(hint: str) -> Verdict:
    """The answer is wrong."""
    return Verdict("wrong", hint)
