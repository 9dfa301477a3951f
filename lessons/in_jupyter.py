"""What stands for marimo where a lesson is read in Jupyter or Colab: `from lessons import in_jupyter as mo`.

An element does not move there. It has its first value, shows what may be chosen, and says where to write the choice.
What only changes how an element looks is accepted and ignored.
"""

import inspect
from collections.abc import Sequence
from html import escape
from types import SimpleNamespace
from typing import Any


class Markdown:
    """Text whose numbers are computed."""

    def __init__(self, text: str) -> None:
        self.text = inspect.cleandoc(text)

    def _repr_markdown_(self) -> str:
        return self.text


class Element:
    """What has a value that the reader may change.

    Attributes
    ----------
    value : as the reader wrote it, or the first
    offer : what may be written, and how, in HTML
    """

    def __init__(self, value: Any, offer: str) -> None:
        self.value = value
        self.offer = offer

    def _repr_html_(self) -> str:
        return (
            '<div style="border-left:5px solid #1d6b75;background:#e8f1f2;color:#22262b;padding:0.5em 0.9em;'
            f'border-radius:4px">{self.offer} Then run this cell and those below.</div>'
        )


class Listed(Element):
    """One of several options; a dict says what stands behind each.

    Raises
    ------
    ValueError
        if the value is none of them
    """

    def __init__(self, options: Sequence[str] | dict[str, Any], value: str | None = None, **_: Any) -> None:
        self.options = options if isinstance(options, dict) else {option: option for option in options}
        if value is not None and value not in self.options:
            raise ValueError(f"value={value!r} must be one of {', '.join(map(repr, self.options))}")
        items = "".join(f"<li>{escape(option)}</li>" for option in self.options)
        chosen = "Nothing is chosen yet" if value is None else f"Chosen is “{escape(value)}”"
        super().__init__(
            None if value is None else self.options[value],
            f'<ul style="margin:0 0 0.4em">{items}</ul>{chosen}. Write your choice into the code of this cell, behind '
            f"the options, for example <code>{escape(f'value={next(iter(self.options))!r}')}</code>.",
        )


class Number(Element):
    """A number between two others, or one of several.

    Raises
    ------
    ValueError
        if the value cannot be chosen
    """

    def __init__(
        self,
        start: float | None = None,
        stop: float | None = None,
        step: float | None = None,
        value: float | None = None,
        *,
        steps: Sequence[float] | None = None,
        **_: Any,
    ) -> None:
        first, last = (start, stop) if steps is None else (steps[0], steps[-1])
        if first is None or last is None:
            raise ValueError(f"start={start} and stop={stop} must both be numbers")
        reach = f"from {first} to {last}" + (f" in steps of {step}" if step else "")
        if steps is not None:
            reach = f"one of {', '.join(map(str, steps))}"
        value = first if value is None else value
        if not first <= value <= last or (steps is not None and value not in steps):
            raise ValueError(f"value={value!r} must be {reach}")
        super().__init__(
            value,
            f"A number {reach}; here it is {value}. Write another into the code of this cell, for example "
            f"<code>value={last}</code>.",
        )


class Matrix(Element):
    """Numbers in rows."""

    def __init__(self, value: Any, **_: Any) -> None:
        rows = value.tolist() if hasattr(value, "tolist") else value
        shown = "\n".join(str(row) for row in rows)
        super().__init__(
            rows,
            f'<pre style="margin:0 0 0.4em;background:none">{escape(shown)}</pre>Write your own numbers into the code '
            "of this cell, a list of rows as the first thing between the brackets.",
        )


md = Markdown
ui = SimpleNamespace(slider=Number, radio=Listed, dropdown=Listed, matrix=Matrix)
"""What the lessons use of it."""
