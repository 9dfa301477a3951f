"""Parameters, and modules that hold them: the part of torch.nn.Module that a backward by hand needs."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import numpy as np

from scratch.array import Array, HostArray, namespace_of, to_host


class Buffer:
    """An array that belongs to a module and is not learned, such as BatchNorm's running mean.

    Attributes
    ----------
    data : the array
    """

    def __init__(self, data: Array) -> None:
        self.data = data

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of `data`."""
        return self.data.shape

    @property
    def dtype(self) -> Any:
        """The dtype of `data`."""
        return self.data.dtype

    def numel(self) -> int:
        """How many numbers there are."""
        return self.data.size

    def __repr__(self) -> str:
        return f"{type(self).__name__}(shape={self.shape}, dtype={self.dtype})"


class Parameter(Buffer):
    """An array that is learned.

    Attributes
    ----------
    data : the array; only an optimiser changes it
    grad : the gradient that backward adds into, of the same shape and dtype; None before the first
    """

    def __init__(self, data: Array) -> None:
        super().__init__(data)
        self.grad: Array | None = None

    def accumulate(self, grad: Array) -> None:
        """Add a gradient to those that came before since the last zero_grad."""
        self.grad = grad if self.grad is None else self.grad + grad


Hook = Callable[["Module", Any, Any], None]


class Module:
    """Base of all layers, losses and models.

    Parameters, buffers and child modules are the attributes that are instances of Parameter, Buffer and Module, in
    the order in which they were set; a state_dict names them by their path, as torch does ("0.weight").
    """

    def __init__(self) -> None:
        self.training = True
        self._hooks: list[Hook] = []

    def forward(self, x: Any) -> Any:
        """Compute the output of this module from its input."""
        raise NotImplementedError(f"{type(self).__name__}.forward")

    def backward(self, dy: Any, needs_dx: bool = True) -> Any:
        """Compute the gradient of the input of the latest forward from that of its output; add into `.grad`."""
        raise NotImplementedError(f"{type(self).__name__}.backward")

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Run forward, then the hooks, which see what was passed by position, as in torch."""
        y = self.forward(*args, **named)
        for hook in self._hooks:
            hook(self, args, y)
        return y

    def register_forward_hook(self, hook: Hook) -> Callable[[], None]:
        """Call `hook(module, args, output)` after each forward; the result, when called, takes it away again."""
        self._hooks = [*self._hooks, hook]
        return lambda: self._hooks.remove(hook)

    def named_children(self) -> Iterator[tuple[str, "Module"]]:
        """Yield the modules directly inside this one, with their names."""
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, "Module"]]:
        """Yield this module and all inside it, each with its path."""
        yield prefix, self
        for name, child in self.named_children():
            yield from child.named_modules(f"{prefix}.{name}" if prefix else name)

    def check_complete(self) -> None:
        """Raise a RuntimeError if a forward of a Sequential inside did not run to its end: see Sequential."""
        for _, child in self.named_children():
            child.check_complete()

    def modules(self) -> Iterator["Module"]:
        """Yield this module and all inside it."""
        for _, module in self.named_modules():
            yield module

    def _named_state(self) -> Iterator[tuple[str, Buffer]]:
        """Yield all parameters and buffers with their paths: of each module its parameters first, as torch does."""
        for path, module in self.named_modules():
            held = [(name, value) for name, value in vars(module).items() if isinstance(value, Buffer)]
            for name, value in sorted(held, key=lambda item: not isinstance(item[1], Parameter)):
                yield (f"{path}.{name}" if path else name), value

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Yield the parameters with their paths; one that several modules share once, as torch does."""
        seen = set[Buffer]()
        for name, value in self._named_state():
            if isinstance(value, Parameter) and value not in seen:
                seen.add(value)
                yield name, value

    def parameters(self) -> Iterator[Parameter]:
        """Yield the parameters."""
        for _, parameter in self.named_parameters():
            yield parameter

    def named_buffers(self) -> Iterator[tuple[str, Buffer]]:
        """Yield the buffers with their paths."""
        for name, value in self._named_state():
            if not isinstance(value, Parameter):
                yield name, value

    def zero_grad(self) -> None:
        """Forget all gradients (they are None afterwards, as in torch)."""
        for parameter in self.parameters():
            parameter.grad = None

    def train(self, mode: bool = True) -> Self:
        """Switch Dropout and BatchNorm to training (or back, with False); returns the module."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Switch Dropout and BatchNorm to inference; returns the module."""
        return self.train(False)

    def to(self, dtype: Any) -> Self:
        """Convert all floating parameters, gradients and buffers; returns the module.

        Raises
        ------
        TypeError
            unless dtype is float16, float32 or float64
        """
        wanted = floating(dtype)
        for _, held in self._named_state():
            if held.dtype.kind == "f":
                held.data = held.data.astype(wanted)
                if isinstance(held, Parameter) and held.grad is not None:
                    held.grad = held.grad.astype(wanted)
        return self

    def state_dict(self) -> dict[str, HostArray]:
        """Copy all parameters and buffers to host memory, by the names that torch gives them."""
        return {name: to_host(held.data) for name, held in self._named_state()}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Copy values in, from NumPy arrays, torch tensors or GPU arrays; each is converted to the dtype it meets.

        Raises
        ------
        KeyError
            if a name is missing or unknown
        ValueError
            if a shape differs
        TypeError
            if a value is not a real number, or state_dict not a mapping

        In each case nothing has been changed.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"state_dict is a {type(state_dict).__name__}; names with arrays (a dict) are needed")
        mine = dict(self._named_state())
        missing = sorted(mine.keys() - state_dict.keys())
        unknown = sorted(state_dict.keys() - mine.keys())
        if missing or unknown:
            raise KeyError(f"state_dict: missing keys {missing}, unexpected keys {unknown}; needed are {list(mine)}")
        given = {name: to_host(state_dict[name]) for name in mine}
        for name, array in given.items():
            if array.shape != mine[name].shape:
                raise ValueError(f"state_dict: {name!r} has shape {array.shape}, here it is {mine[name].shape}")
            if array.dtype.kind not in "fiub":
                raise TypeError(f"state_dict: {name!r} has dtype {array.dtype}; a real number is needed")
        for name, held in mine.items():
            held.data = namespace_of(held.data).asarray(given[name].astype(held.dtype))

    def __getstate__(self) -> dict[str, Any]:
        """What a copy or a pickle gets: all but the latest forward, which is large and serves one backward only."""
        return {name: None if name == "_latest" else value for name, value in vars(self).items()}

    def extra_repr(self) -> str:
        """Tell the arguments of this module, for repr."""
        return ""

    def __repr__(self) -> str:
        children = [f"  ({name}): {child!r}".replace("\n", "\n  ") for name, child in self.named_children()]
        inside = "\n".join(["", *children, ""]) if children else self.extra_repr()
        return f"{type(self).__name__}({inside})"


def remember(model: Module) -> Callable[[], None]:
    """Remember how a model is: modes, hooks, latest forwards, parameters, gradients, running statistics.

    References are kept, not copies, for all of these are replaced and never changed in place. (An optimiser
    does change parameters in place; none may step in between.)

    Returns
    -------
    a function that makes the model be like that again, as often as it is called
    """
    modules = list(model.modules())
    held = [value for module in modules for value in vars(module).values() if isinstance(value, Buffer)]
    before = [(holder, dict(vars(holder))) for holder in (*modules, *held)]

    def restore() -> None:
        for holder, attributes in before:
            vars(holder).clear()
            vars(holder).update(attributes)

    return restore


@contextmanager
def unchanged(model: Module) -> Iterator[None]:
    """Give a model back afterwards as it was: see `remember`.

    >>> import scratch
    >>> model = scratch.Sequential(scratch.Dropout())
    >>> with unchanged(model):
    ...     print(model.eval().training)
    False
    >>> model.training
    True
    """
    restore = remember(model)
    try:
        yield
    finally:
        restore()


def floating(dtype: Any) -> np.dtype[Any]:
    """The dtype of parameters, float32 for None.

    Raises
    ------
    TypeError
        unless it is float16, float32 or float64
    """
    try:
        wanted = np.dtype(np.float32 if dtype is None else dtype)
    except TypeError:  # not even the name of a dtype
        raise TypeError(f"dtype={dtype!r}: parameters are float16, float32 or float64") from None
    if wanted not in (np.float16, np.float32, np.float64):
        raise TypeError(f"dtype={dtype!r}: parameters are float16, float32 or float64")
    return wanted
