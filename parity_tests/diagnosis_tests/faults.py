"""Typical errors beside those of parity_tests/mutants: other ways to make the same mistake, and what mutants lack.

Each changes the right tensors, or computes with our own loops; none calls torch, which is what most suspects do.
"""

from typing import Any

import numpy as np

import scratch.naive
from parity_tests.diagnosis_tests.planting import Fault
from parity_tests.harness.case import Inputs, Tensors
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.optimiser_case import OptimiserCase
from scratch import layers
from scratch.array import HostArray
from scratch.geometry import Window2d

BOTH = ("y", "dx")


def with_arguments(**changed: Any) -> Fault:
    """Our own layer in loops, with other arguments; y alone where that changes its shape, no answer if it refuses."""

    def fault(case: LayerCase, inputs: Inputs, right: Tensors) -> Tensors | None:
        arguments = case.arguments
        wanted = {name: change(arguments) if callable(change) else change for name, change in changed.items()}
        arguments = {name: value for name, value in (arguments | wanted).items() if name != "dtype"}
        try:
            layer = getattr(scratch.naive, case.op)(**arguments)
            if not case.integer:
                layer.to(inputs["x"].dtype)
            layer.load_state_dict(case.state(inputs))
            results = layer(inputs["x"])
            results = results if isinstance(results, tuple) else (results,)
            found = dict(zip(("y", "indices"), results, strict=False))
            if "dy" in inputs and found["y"].shape == inputs["dy"].shape:
                found["dx"] = layer.backward(inputs["dy"])
        except (ValueError, RuntimeError):
            return None
        return {name: value for name, value in found.items() if name in right}

    return fault


def swapped(name: str) -> Any:
    """A pair the other way round."""

    def change(arguments: dict[str, Any]) -> Any:
        value = arguments[name]
        value = arguments["kernel_size"] if value is None else value
        return value[::-1] if isinstance(value, tuple) else value

    return change


def of_samples(change: Any, *names: str) -> Fault:
    """A change of some tensors wherever there are several samples."""

    def fault(case: LayerCase, inputs: Inputs, right: Tensors) -> Tensors:
        several = inputs["x"].ndim == (4 if case.op != "Linear" else 2) and len(inputs["x"]) > 1
        return {name: change(right[name]) for name in names if name in right} if several else {}

    return fault


def only_first(a: HostArray) -> HostArray:
    """The first sample, and zeros."""
    return np.concatenate([a[:1], np.zeros_like(a[1:])])


def dbias(*axes: int) -> Fault:
    """The sum over some axes of dy only."""

    def fault(case: LayerCase, inputs: Inputs, right: Tensors) -> Tensors:
        dy = inputs["dy"]
        return {"dbias": dy.sum(axes)} if "dbias" in right and dy.ndim == 4 else {}

    return fault


def dbias_of_one_pixel(case: LayerCase, inputs: Inputs, right: Tensors) -> Tensors:
    """Overwritten in the loop over the pixels: the last stays."""
    return {"dbias": inputs["dy"][..., -1, -1].reshape(-1, len(inputs["weight"])).sum(0)} if "dbias" in right else {}


def dbias_per_pixel(case: LayerCase, inputs: Inputs, right: Tensors) -> Tensors:
    """Averaged over rows and columns, and summed over the samples."""
    return {"dbias": right["dbias"] / np.prod(inputs["dy"].shape[-2:])} if "dbias" in right else {}


def window_of(case: LayerCase) -> Window2d:
    """The window of a convolution."""
    names = ("kernel_size", "stride", "padding", "dilation")
    return Window2d.of(**{name: case.arguments[name] for name in names})


def walked(case: LayerCase, inputs: Inputs, mode: Any = "constant", add: bool = True) -> dict[str, HostArray]:
    """A convolution in loops: y without bias, dx with its padding still around it, and dweight of each sample.

    With `mode` the image is padded as np.pad does; without `add` a window overwrites what is in dx already.
    """
    window, weight = window_of(case), inputs["weight"]
    x, dy = (a if a.ndim == 4 else a[None] for a in (inputs["x"], inputs["dy"]))
    padded = np.pad(x, [(0, 0), (0, 0), *window.padding], mode)
    dpadded, y = np.zeros_like(padded), np.zeros_like(dy)
    dweight = np.zeros((len(x), *weight.shape))
    C, per_group = weight.shape[1], len(weight) // case.arguments["groups"]
    for i, j in np.ndindex(*dy.shape[-2:]):
        for o in range(len(weight)):
            first = o // per_group * C
            here = (slice(None), slice(first, first + C), *window.at(i, j))
            share = dy[:, o, i, j][:, None, None, None]
            dpadded[here] = (dpadded[here] if add else 0) + share * weight[o]
            dweight[:, o] += share * padded[here]
            y[:, o, i, j] = (padded[here] * weight[o]).sum((1, 2, 3))
    return {"y": y, "dx": dpadded, "dweight": dweight}


def cropped_at_the_start(case: LayerCase, inputs: Inputs, right: Tensors) -> Tensors:
    """dx with the padding at the top and left still in it."""
    H, W = inputs["x"].shape[-2:]
    return {"dx": walked(case, inputs)["dx"][..., :H, :W].reshape(inputs["x"].shape)}


def overwritten_by_filters(case: LayerCase, inputs: Inputs, right: Tensors) -> Tensors:
    """dx of the last filter and the last window."""
    (top, _), (left, _) = window_of(case).padding
    H, W = inputs["x"].shape[-2:]
    dx = walked(case, inputs, add=False)["dx"]
    return {"dx": dx[..., top : top + H, left : left + W].reshape(inputs["x"].shape)}


def last_sample(case: LayerCase, inputs: Inputs, right: Tensors) -> Tensors:
    """The gradients of the parameters overwritten in the loop over the samples."""
    if inputs["x"].ndim < 4 or len(inputs["x"]) == 0:
        return {}
    found = {"dweight": walked(case, inputs)["dweight"][-1], "dbias": inputs["dy"][-1].sum((1, 2))}
    return {name: value for name, value in found.items() if name in right}


def of_zeros(fault: Fault) -> Fault:
    """The fault of a layer that pads with zeros only: it refuses a padding_mode."""

    def refusing(case: LayerCase, inputs: Inputs, right: Tensors) -> Tensors | None:
        return fault(case, inputs, right) if case.arguments["padding_mode"] == "zeros" else None

    return refusing


def edge_padded(case: LayerCase, inputs: Inputs, right: Tensors) -> Tensors:
    """The border pixels repeated outwards."""
    y = walked(case, inputs, "edge")["y"] + (inputs["bias"][:, None, None] if "bias" in inputs else 0)
    return {"y": y.reshape(right["y"].shape)}


def without_bias(case: LayerCase, inputs: Inputs, right: Tensors) -> Tensors:
    """y with a bias of 0."""
    bias = {"bias": np.zeros_like(inputs["bias"])} if "bias" in inputs else {}
    return {"y": case.run(scratch.naive, {**inputs, **bias})["y"]}


def in_half(case: LayerCase, inputs: Inputs, right: Tensors) -> Tensors:
    """A dense layer's y in float16 throughout."""
    x, weight = inputs["x"].astype(np.float16), inputs["weight"].astype(np.float16)
    y = x @ weight.T
    y = y + inputs["bias"].astype(np.float16) if "bias" in inputs else y
    return {"y": y.astype(inputs["x"].dtype)}


def cells_of(case: LayerCase, inputs: Inputs) -> Any:
    """Every window of a pool: (n, c, i, j), its real cells as (row, column), and their numbers."""
    x = inputs["x"] if inputs["x"].ndim == 4 else inputs["x"][None]
    layer = layer_of(case)
    for n, c, i, j in np.ndindex(*x.shape[:2], *layer.window.output_size(x.shape[2:])):
        rows, columns = layer.window.cells(i, j, x.shape[2:])
        at = [(row, column) for row in rows for column in columns]
        yield (n, c, i, j), at, np.array([x[n, c, row, column] for row, column in at])


def scattered(case: LayerCase, inputs: Inputs, shares: Any, add: bool = True, backwards: bool = False) -> Tensors:
    """dx of a pool, window by window; shares(numbers) says what part of dy each cell gets."""
    if "dy" not in inputs:
        return {}
    dy = inputs["dy"] if inputs["dy"].ndim == 4 else inputs["dy"][None]
    dx = np.zeros(inputs["x"].shape if inputs["x"].ndim == 4 else (1, *inputs["x"].shape), dy.dtype)
    order = list(cells_of(case, inputs))
    for (n, c, i, j), at, numbers in reversed(order) if backwards else order:
        for (row, column), share in zip(at, shares(numbers), strict=True):
            if share:
                dx[n, c, row, column] = (dx[n, c, row, column] if add else 0) + dy[n, c, i, j] * dy.dtype.type(share)
    return {"dx": dx.reshape(inputs["x"].shape)}


def all_maxima(numbers: HostArray) -> HostArray:
    """Every cell as large as the largest, NaN like a number."""
    missing = np.isnan(numbers)
    return missing if missing.any() else numbers == numbers.max()


def torch_choice(numbers: HostArray) -> HostArray:
    """The first maximum, or the last NaN."""
    missing = np.flatnonzero(np.isnan(numbers))
    chosen = missing[-1] if missing.size else int(np.argmax(numbers))
    return np.arange(numbers.size) == chosen


def of_padded_pool(case: LayerCase, inputs: Inputs, right: Tensors) -> Tensors:
    """y of a pool that takes the padding the other way round, window by window."""
    (kH, kW), (sH, sW), (dH, dW) = (
        getattr(layer_of(case).window, name) for name in ("kernel_size", "stride", "dilation")
    )
    (pH, _), (pW, _) = layer_of(case).window.padding
    if pH == pW or case.arguments["ceil_mode"] or case.arguments.get("count_include_pad") is False:
        return {}
    x = inputs["x"]
    padded = np.pad(x, [*[(0, 0)] * (x.ndim - 2), (pW, pW), (pH, pH)], constant_values=LEAST[case.op])
    H, W = padded.shape[-2:]
    out = ((H - dH * (kH - 1) - 1) // sH + 1, (W - dW * (kW - 1) - 1) // sW + 1)
    y = np.zeros((*x.shape[:-2], *out))
    for i, j in np.ndindex(*out):
        seen = padded[..., i * sH : i * sH + dH * (kH - 1) + 1 : dH, j * sW : j * sW + dW * (kW - 1) + 1 : dW]
        y[..., i, j] = seen.max((-2, -1)) if case.op == "MaxPool2d" else seen.mean((-2, -1))
    return {"y": y}


def layer_of(case: LayerCase) -> Any:
    """One of our layers, for its window."""
    return getattr(layers, case.op)(**case.arguments)


LEAST = {"MaxPool2d": -np.inf, "AvgPool2d": 0.0}
"""What the padding of a pool holds."""


def half_at_zero(case: LayerCase, inputs: Inputs, right: Tensors) -> Tensors:
    """A gradient of 1/2 where x is 0."""
    if "dy" not in inputs:
        return {}
    x, dy = inputs["x"], inputs["dy"]
    return {"dx": np.where(x == 0, dy / 2, np.where(x < 0, 0, dy)).astype(dy.dtype)}


def guided(case: LayerCase, inputs: Inputs, right: Tensors) -> Tensors:
    """Only positive gradients of positive numbers."""
    return {"dx": np.where(inputs["dy"] > 0, right["dx"], 0).astype(right["dx"].dtype)} if "dx" in right else {}


def leaky(case: LayerCase, inputs: Inputs, right: Tensors) -> Tensors:
    """0.2 x below 0, forward only."""
    x = inputs["x"]
    return {} if x.dtype.kind != "f" else {"y": np.where(x < 0, x * x.dtype.type(0.2), x)}


def over_everything(case: LayerCase, inputs: Inputs, right: Tensors) -> Tensors:
    """Softmax over all numbers at once."""
    x = inputs["x"]
    if x.ndim < 2 or x.size == 0:
        return {}
    powers = np.exp(x - x.max())
    return {"y": powers / powers.sum()}


def clipped(case: Any, inputs: Inputs, right: Tensors) -> Tensors:
    """The probability is at least 1e-12 before the logarithm; of labels and of "sum" only."""
    x, target = inputs["x"], inputs["target"]
    if target.dtype.kind == "f" or x.ndim != 2 or case.weighted or dict(case.settings)["label_smoothing"]:
        return {}
    counted = target != case.settings["ignore_index"]
    p = np.exp(x - x.max(1, keepdims=True))
    p = p / p.sum(1, keepdims=True)
    losses = -np.log(np.clip(p[np.arange(len(x)), np.where(counted, target, 0)], 1e-12, 1 - 1e-12)) * counted
    reduction = case.settings["reduction"]
    loss = losses if reduction == "none" else losses.sum()
    return {"loss": np.asarray(loss / counted.sum() if reduction == "mean" else loss, x.dtype)}


def adam(sign: float) -> Fault:
    """Adam with weight decay of another sign, in loops over the steps."""

    def fault(case: OptimiserCase, inputs: Inputs, right: Tensors) -> Tensors | None:
        if case.settings.keys() & {"amsgrad", "maximize", "decoupled_weight_decay"}:
            return None
        options: dict[str, Any] = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0} | case.settings
        (beta1, beta2), kind = options["betas"], inputs["theta"].dtype.type
        after: dict[str, list[HostArray]] = {"theta": [], "exp_avg": [], "exp_avg_sq": []}
        for t, theta in enumerate(inputs["theta"]):
            g = inputs["g"][t] + kind(sign * options["weight_decay"]) * theta
            m = kind(beta1) * inputs["exp_avg"][t] + kind(1 - beta1) * g
            v = kind(beta2) * inputs["exp_avg_sq"][t] + kind(1 - beta2) * g * g
            root = np.sqrt(v) / kind(np.sqrt(1 - beta2 ** (t + 1))) + kind(options["eps"])
            after["theta"].append(theta - kind(options["lr"] / (1 - beta1 ** (t + 1))) * m / root)
            after["exp_avg"].append(m)
            after["exp_avg_sq"].append(v)
        return {name: np.array(values) for name, values in after.items()}

    return fault


FAULTS: list[tuple[str, str, Fault]] = [
    ("Conv2d", "dbias-not-summed", dbias(2, 3)),
    ("Conv2d", "dbias-not-summed", dbias(0)),
    ("Conv2d", "dbias-not-summed", dbias_of_one_pixel),
    ("Conv2d", "dbias-averaged", dbias_per_pixel),
    ("Conv2d", "padding-not-cropped", of_zeros(cropped_at_the_start)),
    ("Conv2d", "dx-overwritten-where-windows-overlap", of_zeros(overwritten_by_filters)),
    ("Conv2d", "padding-not-zero", of_zeros(edge_padded)),
    ("Conv2d", "last-sample-only", of_zeros(last_sample)),
    ("Conv2d", "first-sample-only", of_samples(only_first, *BOTH)),
    ("Conv2d", "first-sample-only", of_samples(lambda a: a[:1], "y")),
    ("Conv2d", "batch-permuted", of_samples(lambda a: np.roll(a, 1, 0), "y")),
    ("Conv2d", "gradient-summed-over-batch", of_samples(lambda a: a.sum(0, keepdims=True), "dx")),
    ("Conv2d", "negated", lambda case, inputs, right: {"dx": -right["dx"]}),
    ("Conv2d", "dtype-differs", lambda case, inputs, right: {"y": right["y"].astype(np.longdouble)}),
    ("MaxPool2d", "padding-swapped", of_padded_pool),
    ("MaxPool2d", "padding-ignored", with_arguments(padding=0)),
    ("MaxPool2d", "dilation-swapped", with_arguments(dilation=swapped("dilation"))),
    ("MaxPool2d", "dilation-ignored", with_arguments(dilation=1)),
    ("MaxPool2d", "ties-to-all", lambda case, inputs, right: scattered(case, inputs, all_maxima)),
    (
        "MaxPool2d",
        "dx-overwritten-where-windows-overlap",
        lambda case, inputs, right: scattered(case, inputs, torch_choice, add=False, backwards=True),
    ),
    (
        "MaxPool2d",
        "indices-from-one",
        lambda case, inputs, right: {"indices": right["indices"] + 1} if "indices" in right else {},
    ),
    ("AvgPool2d", "stride-swapped", with_arguments(stride=swapped("stride"))),
    ("AvgPool2d", "padding-swapped", of_padded_pool),
    ("AvgPool2d", "kernel_size-swapped", with_arguments(kernel_size=swapped("kernel_size"))),
    ("AvgPool2d", "stride-ignored", with_arguments(stride=None)),
    ("AvgPool2d", "padding-ignored", with_arguments(padding=0)),
    ("AvgPool2d", "ragged-edge-kept", with_arguments(ceil_mode=True)),
    (
        "AvgPool2d",
        "stride-one-by-default",
        with_arguments(stride=lambda arguments: 1 if arguments["stride"] is None else arguments["stride"]),
    ),
    ("Linear", "arithmetic-in-float16", in_half),
    ("ReLU", "gradient-at-zero", half_at_zero),
    ("ReLU", "mask-of-dy", guided),
    ("ReLU", "leaky", leaky),
    ("Softmax", "wrong-axis", over_everything),
    ("BatchNorm2d", "bias-missing", without_bias),
    ("CrossEntropyLoss", "eps-in-log", clipped),
    ("Adam", "weight-decay-ignored", adam(0.0)),
    ("Adam", "weight-decay-sign", adam(-1.0)),
]
"""(operation, name of the error, what it makes of a case)."""
