"""A row of the tables: a wrong layer and what should be said about it, or a right one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """A layer with one bug.

    Attributes
    ----------
    layer : the class; its docstring says what is wrong
    op : torch's name of what it should be
    suspects : the right names for the bug, as the diagnosis calls them; none where it knows no name
    """

    layer: type
    op: str
    suspects: tuple[str, ...]

    @classmethod
    def of(cls, layer: type, op: str, *suspects: str) -> "Mutant":
        """Write a row."""
        return cls(layer, op, suspects)

    @property
    def name(self) -> str:
        """The class's name, with the layer before it: ReLU and Linear may have the same bug."""
        return f"{self.op}.{self.layer.__name__}"


@dataclass(frozen=True)
class Control:
    """A layer that is right, but computes in its own way.

    Attributes
    ----------
    layer : the class; its docstring says what is different
    op : torch's name of what it is
    normwise : whether its error is small beside the largest number only, as that of a Fourier transform is
    """

    layer: type
    op: str
    normwise: bool = False

    @property
    def name(self) -> str:
        """The class's name, with the layer before it."""
        return f"{self.op}.{self.layer.__name__}"
