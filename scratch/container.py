"""Modules that hold modules: one after another, and around a body the shortcut of a residual block."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any

from scratch.module import Module, remember


class Sequential(Module):
    """Modules one after another: forward from first to last, backward from last to first.

    Takes modules, or one OrderedDict of named modules, as torch.nn.Sequential does.

    Attributes
    ----------
    complete : whether the latest forward ran to its end, so that all modules wait for the same backward
    """

    def __init__(self, *modules: Module | OrderedDict[str, Module]) -> None:
        super().__init__()
        first = modules[0] if len(modules) == 1 else None
        named: Mapping[Any, Any] = first if isinstance(first, OrderedDict) else dict(enumerate(modules))
        self._modules: dict[str, Module] = {str(name): module for name, module in named.items()}
        self.complete = False
        for name, module in self._modules.items():
            if not isinstance(module, Module):
                raise TypeError(f"Sequential: {name} is a {type(module).__name__}, not a Module of this namespace")

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield the modules in order, with their names."""
        yield from self._modules.items()

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())

    def __getitem__(self, position: int) -> Module:
        return list(self._modules.values())[position]

    def forward(self, x: Any) -> Any:
        """Feed each module the output of the one before."""
        for module in self._modules.values():
            x = module(x)
            self.complete = False  # only now: if the first one refuses x, nothing has changed
        self.complete = True
        return x

    def backward(self, dy: Any, needs_dx: bool = True) -> Any:
        """Feed each module the gradient from the one behind; `needs_dx=False` spares the first one its dx.

        Raises
        ------
        RuntimeError
            without a forward, or after one that an error ended: some modules would go back from the forward before
        """
        self.check_complete()
        modules = list(self)
        for position in reversed(range(len(modules))):
            dy = modules[position].backward(dy, needs_dx or position > 0)
        return dy

    def check_complete(self) -> None:
        """Raise a RuntimeError unless the latest forward of this and of each Sequential inside ran to its end."""
        if not self.complete:
            raise RuntimeError("Sequential.backward needs a forward first, one that ran to its end")
        for module in self._modules.values():
            module.check_complete()


class Residual(Module):
    """A body with a shortcut around it, the block that residual networks are stacked of: y = body(x) + shortcut(x).

        x --+--> body ------>(+)--> y          dy --+--> body.backward ------>(+)--> dx
            |                 ^                     |                          ^
            +--> shortcut ----+                     +--> shortcut.backward ----+

    torch.nn has no such class, for there it is a line in somebody's forward; `scratch.models.residual` builds the
    same block in both.

    Source: He and others, "Deep residual learning for image recognition", 2015, https://arxiv.org/abs/1512.03385

    Parameters
    ----------
    body : what learns the difference
    shortcut : what makes x like body(x), such as a 1x1 convolution; None is x itself

    Examples
    --------
    >>> import numpy as np, scratch
    >>> block = scratch.Residual(scratch.Sequential(scratch.Linear(2, 2), scratch.ReLU()))
    >>> list(block.state_dict())
    ['body.0.weight', 'body.0.bias']
    >>> block(np.ones((5, 2), np.float32)).shape
    (5, 2)
    """

    def __init__(self, body: Module, shortcut: Module | None = None) -> None:
        super().__init__()
        for name, module in {"body": body, "shortcut": shortcut}.items():
            if not (isinstance(module, Module) or (module is None and name == "shortcut")):
                raise TypeError(f"Residual: {name} is a {type(module).__name__}, not a Module of this namespace")
        self.body = body
        self.shortcut = shortcut

    def forward(self, x: Any) -> Any:
        """Feed both the same, and add what they give.

        Raises
        ------
        ValueError, TypeError
            if the two differ in shape or dtype (nothing is broadcast), or one of them refuses x; everything inside
            is as it was before then, and so it is after any other error
        """
        restore = remember(self)
        try:
            return added(self.body(x), x if self.shortcut is None else self.shortcut(x))
        except BaseException:
            restore()
            raise

    def backward(self, dy: Any, needs_dx: bool = True) -> Any:
        """Feed both the same gradient, and add what they give: dx = body.backward(dy) + shortcut.backward(dy).

        Raises
        ------
        RuntimeError
            without a forward, or for a second backward of the same forward
        """
        self.check_complete()
        through_body = self.body.backward(dy, needs_dx)
        through_shortcut = dy if self.shortcut is None else self.shortcut.backward(dy, needs_dx)
        return through_body + through_shortcut if needs_dx else None


def added(body: Any, shortcut: Any) -> Any:
    """The sum of what the two ways through a Residual give; raises as its forward does."""
    for name, value in {"body": body, "shortcut": shortcut}.items():
        if isinstance(value, tuple):
            raise TypeError(f"Residual: {name} gives {len(value)} arrays; one is needed, to be added")
    if body.shape != shortcut.shape:
        raise ValueError(
            f"Residual: body gives shape {body.shape}, shortcut {shortcut.shape}; they are added, so they should be "
            "the same: let both have the same channels and strides"
        )
    if body.dtype != shortcut.dtype:
        raise TypeError(
            f"Residual: body gives dtype {body.dtype}, shortcut {shortcut.dtype}; they are added, so they should be "
            f"the same: block.to({body.dtype.name!r}), or x.astype({body.dtype.name!r})"
        )
    return body + shortcut
