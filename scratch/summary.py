"""What a model consists of: for each layer its output shape, parameters and multiply-adds."""

from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import numpy as np

from scratch.layers.base import Layer
from scratch.layers.conv import Conv2d
from scratch.layers.linear import Linear
from scratch.module import Module, Parameter, unchanged

WIDTH = 80


@dataclass(frozen=True)
class Row:
    """One layer of a model.

    Attributes
    ----------
    layer : its path in the model and its class
    output_shape : of one sample, without the batch; None if the layer did not run
    parameters : how many numbers it learns; those that it shares with a layer above count there
    multiply_adds : products that its forward sums up for one sample
    """

    layer: str
    output_shape: tuple[int, ...] | None
    parameters: int
    multiply_adds: int


@dataclass(frozen=True, repr=False)
class Summary:
    """The rows of a model; prints as a table of at most 80 columns."""

    rows: tuple[Row, ...]

    @property
    def parameters(self) -> int:
        """How many numbers the model learns."""
        return sum(row.parameters for row in self.rows)

    @property
    def multiply_adds(self) -> int:
        """How many products its forward sums up for one sample."""
        return sum(row.multiply_adds for row in self.rows)

    def __repr__(self) -> str:
        table = [("layer", "output shape", "parameters", "multiply-adds")]
        for row in self.rows:
            shape = "did not run" if row.output_shape is None else str(row.output_shape)
            table.append((row.layer, shape, f"{row.parameters:,}", f"{row.multiply_adds:,}"))
        table.append(("total", "", f"{self.parameters:,}", f"{self.multiply_adds:,}"))

        names, shapes, *_ = widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        names = min(names, WIDTH - sum(widths[1:]) - 2 * 3)
        lines = []
        for layer, shape, *numbers in table:
            *above, name = wrap(layer, names)  # a long path takes several lines; nothing is cut off
            right = "".join(f"  {number:>{width}}" for number, width in zip(numbers, widths[2:], strict=True))
            lines += [*above, f"{name:<{names}}  {shape:<{shapes}}{right}"]
        return "\n".join(lines)


def summary(model: Module, input_shape: tuple[int, ...]) -> Summary:
    """Run a model once, on one sample of zeros in evaluation mode, and tell what its layers do.

    The model is afterwards as it was: modes, hooks, gradients, running statistics, and the forward that its
    next backward belongs to. Hooks registered before are not called.

    Parameters
    ----------
    model : a layer or a model of any namespace
    input_shape : the shape of one sample, without the batch: (C, H, W) or (in_features,)

    Returns
    -------
    A row for each layer. Multiply-adds are counted where products are summed up, in Conv2d and Linear: each
    number of the output is a sum of as many products as one filter has weights. Other layers count 0, and
    so do biases.

        Conv2d    outH * outW * O * C / groups * kH * kW
        Linear    out * in, for each row if the sample has several

    Raises
    ------
    TypeError
        if the model is not one of these namespaces', or input_shape not a tuple
    TypeError, ValueError
        from the layer that samples of this shape do not fit

    Examples
    --------
    >>> import scratch
    >>> from scratch.models import lines_cnn
    >>> summary(lines_cnn(scratch), (1, 8, 8))
    layer        output shape  parameters  multiply-adds
    0 Conv2d     (4, 6, 6)             40          1,296
    1 ReLU       (4, 6, 6)              0              0
    2 MaxPool2d  (4, 3, 3)              0              0
    3 Flatten    (36,)                  0              0
    4 Linear     (2,)                  74             72
    total                             114          1,368

    Why images are given to convolutions: a dense layer has a weight for every pixel and output, while a
    filter is shared by all places of the image.

    >>> dense, convolution = scratch.Linear(28 * 28, 128), scratch.Conv2d(1, 16, 3)
    >>> counts = [summary(dense, (784,)).parameters, summary(convolution, (1, 28, 28)).parameters]
    >>> counts, f"{counts[0] / counts[1]:.0f}x"
    ([100480, 160], '628x')
    >>> dense, convolution = scratch.Linear(224 * 224 * 3, 256), scratch.Conv2d(3, 64, 3)
    >>> counts = [summary(dense, (150528,)).parameters, summary(convolution, (3, 224, 224)).parameters]
    >>> counts, f"{counts[0] / counts[1]:,.0f}x"
    ([38535424, 1792], '21,504x')
    """
    if not isinstance(model, Module):
        raise TypeError(f"model is {type(model)}, not a Module of this project")
    if not isinstance(input_shape, tuple):
        raise TypeError(f"input_shape={input_shape!r} must be a tuple, the shape of one sample without N")
    backends = (layer.backend for layer in model.modules() if isinstance(layer, Layer))
    asarray = next((backend.asarray for backend in backends), np.asarray)
    dtype = next((parameter.dtype.name for parameter in model.parameters()), "float32")

    shapes: dict[Module, tuple[int, ...]] = {}
    multiply_adds: dict[Module, int] = {}

    def note(module: Module, _: Any, output: Any) -> None:
        y = output[0] if isinstance(output, tuple) else output  # MaxPool2d may return its indices, too
        shapes[module] = y.shape[1:]
        if isinstance(module, Conv2d | Linear):
            one_filter = module.weight.numel() // len(module.weight.data)
            multiply_adds[module] = multiply_adds.get(module, 0) + y.size * one_filter

    with unchanged(model):
        for module in model.eval().modules():
            module._hooks = []  # noqa: SLF001 - for this forward, only ours
            module.register_forward_hook(note)
        model(asarray(np.zeros((1, *input_shape), dtype)))

    rows, counted = [], set[Parameter]()
    for path, module in model.named_modules():
        own = {value for value in vars(module).values() if isinstance(value, Parameter)}
        if own or not list(module.named_children()):
            name, products = f"{path} {type(module).__name__}".strip(), multiply_adds.pop(module, 0)
            rows.append(Row(name, shapes.get(module), sum(one.numel() for one in own - counted), products))
            counted |= own
    return Summary(tuple(rows))
