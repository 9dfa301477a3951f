"""Drawn windows and image sizes, and the same geometry by brute force, one axis at a time."""

from typing import Any, NamedTuple

from hypothesis import strategies as st

from scratch.geometry import Window2d


class Axis(NamedTuple):
    """One direction: n cells of the image, and kernel size, stride, padding, dilation as the formulas call them."""

    n: int
    k: int
    s: int
    p: int
    d: int


def starts(axis: Axis, ceil_mode: bool) -> list[int]:
    """List where windows start, in cells of the image, by walking along it.

    A window counts if it ends inside the padded image; with ceil_mode also if it hangs over, as long as the one
    before it left something out and it starts in the image or in the padding before it.
    """
    n, k, s, p, d = axis
    reach, end, start, found = d * (k - 1) + 1, n + p, -p, []
    while start + reach <= end or (ceil_mode and start - s + reach < end and start < n):
        found.append(start)
        start += s
    return found


def covered(axis: Axis, start: int) -> list[int]:
    """List the cells under the window that starts at `start`, those outside the image as well."""
    return [start + u * axis.d for u in range(axis.k)]


def inside(axis: Axis, cells: list[int]) -> list[int]:
    """Leave out the cells outside the image."""
    return [cell for cell in cells if 0 <= cell < axis.n]


class Drawn(NamedTuple):
    """A window over an image, and its two directions."""

    window: Window2d
    vertical: Axis
    horizontal: Axis

    @property
    def size(self) -> tuple[int, int]:
        """(H, W)."""
        return self.vertical.n, self.horizontal.n

    @property
    def axes(self) -> tuple[Axis, Axis]:
        """Vertical, horizontal."""
        return self.vertical, self.horizontal

    def starts(self) -> tuple[list[int], list[int]]:
        """Where windows start, vertically and horizontally."""
        return starts(self.vertical, self.window.ceil_mode), starts(self.horizontal, self.window.ceil_mode)

    def arguments(self, *names: str) -> dict[str, tuple[int, int]]:
        """The named arguments, as torch takes them: arguments("kernel_size", "stride")."""
        letters = {"kernel_size": "k", "stride": "s", "padding": "p", "dilation": "d"}
        return {
            name: (getattr(self.vertical, letters[name]), getattr(self.horizontal, letters[name])) for name in names
        }


@st.composite
def windows(draw: Any, pool: bool = False, dilated: bool = True, fitting: bool = False) -> Drawn:
    """Draw a window and an image, different vertically and horizontally.

    Parameters
    ----------
    pool : keep the padding within half of the kernel, and draw ceil_mode
    dilated : draw the dilation, rather than 1
    fitting : draw none without an output
    """

    def axis() -> Axis:
        k = draw(st.integers(1, 5))
        p = draw(st.integers(0, k // 2 if pool else 4))
        d = draw(st.integers(1, 3)) if dilated else 1
        return Axis(draw(st.integers(1, 11)), k, draw(st.integers(1, 4)), p, d)

    vertical, horizontal = axis(), axis()
    ceil_mode = pool and draw(st.booleans())
    pairs = [(getattr(vertical, letter), getattr(horizontal, letter)) for letter in "kspd"]
    drawn = Drawn(Window2d.of(*pairs, ceil_mode=ceil_mode), vertical, horizontal)
    if fitting and not all(drawn.starts()):
        reach = [axis.d * (axis.k - 1) + 1 for axis in drawn.axes]
        bigger = [axis._replace(n=axis.n + more) for axis, more in zip(drawn.axes, reach, strict=True)]
        drawn = Drawn(drawn.window, *bigger)
    return drawn
