"""Layers that are functions: forward, and mostly a partner that goes back.

    out, cache = conv_forward(x, w, b, {"stride": 1, "pad": 1})              dx, dw, db = conv_backward(dout, cache)
    out = conv2d(x, w, b=None, stride=1, padding=0)                          dx = relu_backward(dout, x)

Of a dictionary of options all keys are offered that a layer may want; those that it looks up are those that it knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from inspect import Parameter
from typing import Any, ClassVar, Self

from parity_tests.check.adapters.base import Answer, Hints, Program, Raw, Run, Step, Unmatched
from parity_tests.check.adapters.layers import SIZES, LayerAdapter, gradient_shapes, is_tuple_of_arrays, sorted_out
from parity_tests.check.adapters.layouts import BATCH, BY_NAME, COLUMN, COLUMNS, LAST, ROWS, SAMPLE, SAMPLE_LAST, Layout
from parity_tests.check.adapters.names import (
    ATTRIBUTES,
    BIAS,
    CACHES,
    DY,
    MODES,
    OPTIONS,
    PARAMETERS,
    SYNONYMS,
    TRAINING,
    WEIGHT,
    X,
)  # fmt: skip
from parity_tests.check.adapters.options import Options, match
from parity_tests.check.adapters.state import AXES, Held
from parity_tests.check.cases import AFFINE, ALONG_AN_AXIS, ELEMENTWISE, torch_defaults
from parity_tests.harness.case import Inputs
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import reference
from scratch.array import HostArray

ORDER = ("$x", "$weight")
"""What the first arguments of a function are, whatever they are called."""

STATISTICS = ("running_mean", "running_var")

FORMS = {
    "(n,)": (-1,),
    "(n, 1)": (-1, 1),
    "(1, n)": (1, -1),
    "(1, 1, 1, n)": (1, 1, 1, -1),
    "(1, n, 1, 1)": (1, -1, 1, 1),
}
"""In which shape a bias goes in."""


@dataclass(frozen=True, kw_only=True)
class FunctionLayer(LayerAdapter):
    """One reading of a function and its partner.

    Attributes
    ----------
    keys : the entries of its dictionary of options, as `Options`; None without one
    partner : the name of the function that goes back
    gradient : the partner's arguments
    axes : the order of the weight's axes, torch's and its own
    bias : the shape of a bias
    y : the value that is y: what forward returns, or the first of what it returns
    returned : which part of what the partner returns is which gradient; empty if it returns dx alone
    """

    keys: Options | None = None
    partner: str = ""
    gradient: Options | None = None
    axes: tuple[str, str] = ("", "")
    bias: str = "(n,)"
    y: str = "out"
    returned: Mapping[str, str] = field(default_factory=dict)

    style: ClassVar[str] = "a function"

    def titled(self) -> str:
        """Alone, or with its partner."""
        return "a pair of functions" if self.backward else self.style

    @property
    def biased(self) -> bool:
        """Whether it takes a bias."""
        needed = {
            "Conv2d": "$bias",
            "ConvTranspose2d": "$bias",
            "Linear": "$bias",
            **dict.fromkeys(AFFINE, "$weight"),
        }.get(self.op)
        return needed is None or needed in self.options.arguments.values()

    @property
    def statistics(self) -> bool:
        """Whether it takes running statistics."""
        return {f"${name}" for name in STATISTICS} <= self.meanings

    @property
    def meanings(self) -> set[str]:
        """What it takes, under any name, in its dictionary, too."""
        return {*self.options.arguments.values(), *(self.keys.arguments.values() if self.keys else ())}

    @property
    def settled(self) -> Options:
        """All that it takes, in its dictionary, too; the shape of a weight tells its sizes."""
        free = {"dim", *self.meanings} | (set() if self.biased else {AFFINE.get(self.op, "bias")})
        if "$weight" in self.options.arguments.values():
            free |= SIZES
        if self.op == "BatchNorm2d":
            free |= {"num_features"}
        if {"kernel_size[0]", "kernel_size[1]"} <= self.meanings:
            free.add("kernel_size")
        for mine, its in self.options.arguments.items():
            if its == "$bias" and self.options.defaults[mine] is None:  # None is no bias
                free.add("bias")
        return replace(self.options, settled=frozenset(free))

    def passes(self, option: str) -> bool:
        """Whether an option is passed under any name, in a dictionary, too."""
        return super().passes(option) or option in self.meanings

    @property
    def tells_stride(self) -> bool:
        """Whether the stride is passed in every case: a dictionary holds one always."""
        return super().tells_stride or (self.keys is not None and "stride" in self.keys.arguments.values())

    def offers(self, tensor: str, case: LayerCase) -> bool:
        """Gradients only with a partner, running statistics only where they are taken."""
        if tensor in ATTRIBUTES:
            return f"${tensor}" in self.meanings
        return self.backward or not tensor.startswith("d")

    def program(
        self, case: LayerCase, inputs: Inputs, dtype: str, look: bool = False, after_another: bool = False
    ) -> Program:
        """Call forward, then its partner with what forward kept."""
        arrays = {name: self.inward(name, value) for name, value in inputs.items()}
        run = self.run_of(case, dtype)
        steps: list[Step] = []
        if self.keys is not None:
            entries = {key: given for key, given in self.keys.call(case, run).items() if is_there(given, inputs)}
            steps.append(["let", "options", {"options": entries}])
        run["options"] = {"$": "options"}
        steps.append(["call", "out", f":{self.name}", [], with_none(self.settled.call(case, run), inputs)])
        results = ["out"]
        if self.gradient is not None and self.backward and "dy" in inputs:
            if "$cache" in self.gradient.arguments.values():
                steps.append(["item", "cache", "out", 1])
            steps.append(
                ["call", "back", f":{self.partner}", [], with_none(self.gradient.call(case, run), inputs, "cache")]
            )
            results.append("back")
        for mine, its in self.keys.arguments.items() if self.keys else ():
            if its.startswith("$") and its[1:] in inputs:
                steps.append(["get", f"state.{its[1:]}", "options", [mine]])
                results.append(f"state.{its[1:]}")
        each = [name for name in ("x", "dy") if name in arrays] if self.layout.splits(case) else []
        return Program(arrays, steps, results, each=each, array_module=self.array_module)

    def inward(self, name: str, value: HostArray) -> HostArray:
        """An input as the function wants it."""
        if name in ("x", "dy"):
            return self.layout.inward(value)
        if name == "weight":
            return Held("", self.axes).inward(value)
        return value.reshape(FORMS[self.bias]) if name == "bias" else value

    def answer(self, case: LayerCase, inputs: Inputs, raw: Raw) -> Answer:
        """y, dx, the gradients, the running statistics."""
        got = {"y": self.back(raw.take(self.y), inputs.get("dy", inputs["x"]).shape)}
        if dict(case.spec.settings).get("return_indices"):
            indices = self.back(raw.take("out.1"), inputs["x"].shape)
            got = {"y": self.back(raw.take("out.0"), inputs["x"].shape), "indices": indices}
        if self.backward and "dy" in inputs:
            got["dx"] = self.back(raw.take(self.returned.get("dx", "back")), inputs["x"].shape)
            for name in PARAMETERS:
                if name in inputs:
                    gradient = self.summed(case, raw.take(self.returned.get(f"d{name}", "")))
                    axes = Held("", self.axes if name == "weight" else ("", ""))
                    got[f"d{name}"] = (
                        gradient if isinstance(gradient, str) else axes.outward(gradient, inputs[name].shape)
                    )
        for name in STATISTICS:
            if f"${name}" in self.meanings and name in inputs:
                got[name] = raw.take(f"state.{name}")
        tensors = {name: value for name, value in got.items() if not isinstance(value, str)}
        problems = {name: value for name, value in got.items() if isinstance(value, str)}
        return Answer(tensors, problems, raw.changed, {})

    def refined(self, case: LayerCase, raw: Raw) -> Self:
        """Find y among what forward returns, the gradients among what its partner does, and the options it looks up."""
        reading = self
        if "out.0" in raw.tensors and self.y == "out":
            reading = replace(reading, y="out.0")
        if is_tuple_of_arrays(raw, "back") and not self.returned:
            inputs = reference(case, "float64", 0).inputs
            arrays = {name: self.inward(name, value) for name, value in inputs.items()}
            wanted = gradient_shapes(self, case, arrays, inputs)
            reading = replace(reading, returned=sorted_out(raw, wanted, self.hints.returns))
        if self.keys is not None and not set(self.keys.arguments) <= set(raw.read):
            known = {key: its for key, its in self.keys.arguments.items() if key in raw.read}
            reading = replace(reading, keys=replace(self.keys, arguments=known))
        return reading

    def assumed(self) -> list[str]:
        """The two calls, what is in the dictionary, how x and the weight lie."""
        returns = " -> y" if self.y == "out" else " -> y, cache"
        lines = [f"{self.name}({self.options.shown()}){returns}"]
        if self.keys is not None:
            lines.append(f"the options are {{{self.keys.shown() or 'nothing that is known'}}}")
        weight = f", weight in the order {', '.join(self.axes[1])}" if self.axes[1] != self.axes[0] else ""
        bias = f", bias {self.bias}" if self.biased and self.bias != "(n,)" else ""
        lines.append(f"x is {self.layout.words}{weight}{bias}")
        if self.gradient is not None and self.backward:
            gives = f"({', '.join(self.returned)})" if self.returned else "dx"
            lines.append(f"{self.partner}({self.gradient.shown()}) -> {gives}")
        return lines


def with_none(given: dict[str, Any], inputs: Inputs, *also: str) -> dict[str, Any]:
    """The arguments, with None for an array that the case does not have."""
    return {mine: one if is_there(one, inputs, "options", *also) else None for mine, one in given.items()}


def is_there(argument: Any, inputs: Inputs, *also: str) -> bool:
    """Whether an argument is there to be passed: all but arrays that the case does not have are."""
    return not isinstance(argument, dict) or "$" not in argument or argument["$"] in {*inputs, *also}


def recognise(op: str, name: str, described: Mapping[str, Any], hints: Hints, run: Run) -> list[FunctionLayer]:
    """Find the readings of a function as a layer.

    Raises
    ------
    Unmatched
        if it needs something unknown
    """
    if described["kind"] != "function" or op not in FORMS_TRIED:
        return []
    options = match(op, name, described["arguments"], hints, roles(op), ORDER if op in AXES else ORDER[:1])
    if "$x" not in options.arguments.values():
        raise Unmatched(f"{name} takes no argument that could be x")
    if op in AXES and "$weight" not in options.arguments.values():
        raise Unmatched(f"{name} takes no argument that could be the weight (it may be called {', '.join(WEIGHT)})")
    gradient = None
    if "partner" in described:
        of_partner = {"$dy": DY, "$cache": CACHES} | roles(op)
        gradient = match(op, hints.backward or "", described["partner"]["arguments"], hints, of_partner, ("$dy",))
    reading = FunctionLayer(
        op=op, name=name, array_module=described["array_module"], backward=gradient is not None, options=options,
        hints=hints,
        partner=hints.backward or "",
        gradient=gradient, keys=all_keys(op, hints) if "options" in options.arguments.values() else None,
    )  # fmt: skip
    tried = [one for one in FORMS_TRIED[op] if hints.layout is None or one[0] is BY_NAME[hints.layout]]
    tried = tried or [(BY_NAME[hints.layout or "batch"], AXES.get(op, ("",))[0], "(n,)")]
    orders = [(layout, hints.weight_axes or order, bias) for layout, order, bias in tried]
    torch = AXES.get(op, ("",))[0]
    return [replace(reading, layout=layout, axes=(torch, order), bias=bias) for layout, order, bias in orders]


FORMS_TRIED: Mapping[str, list[tuple[Layout, str, str]]] = {
    "Conv2d": [
        (BATCH, "OIHW", "(n,)"),
        (BATCH, "OIHW", "(n, 1)"),
        (BATCH, "OIHW", "(1, n, 1, 1)"),
        (SAMPLE, "OIHW", "(n,)"),
        (LAST, "HWIO", "(1, 1, 1, n)"),
        (LAST, "HWIO", "(n,)"),
        (LAST, "OHWI", "(n,)"),
        (SAMPLE_LAST, "HWIO", "(n,)"),
    ],
    "ConvTranspose2d": [
        (BATCH, "IOHW", "(n,)"),
        (BATCH, "OIHW", "(n,)"),
        (SAMPLE, "IOHW", "(n,)"),
        (LAST, "HWOI", "(n,)"),
    ],
    "Linear": [
        (BATCH, "OI", "(n,)"),
        (BATCH, "IO", "(n,)"),
        (BATCH, "IO", "(1, n)"),
        (SAMPLE, "OI", "(n,)"),
        (SAMPLE, "IO", "(n,)"),
        (COLUMNS, "OI", "(n, 1)"),
        (COLUMN, "OI", "(n, 1)"),
    ],
    "BatchNorm2d": [
        (BATCH, "", "(n,)"),
        (BATCH, "", "(1, n, 1, 1)"),
        (LAST, "", "(n,)"),
        (ROWS, "", "(n,)"),
    ],
} | {
    op: [(layout, "", "(n,)") for layout in layouts]
    for op, layouts in {
        "MaxPool2d": (BATCH, SAMPLE, LAST, SAMPLE_LAST),
        "AvgPool2d": (BATCH, SAMPLE, LAST, SAMPLE_LAST),
        "AdaptiveAvgPool2d": (BATCH, SAMPLE, LAST, SAMPLE_LAST),
        "AdaptiveMaxPool2d": (BATCH, SAMPLE, LAST, SAMPLE_LAST),
        "Upsample": (BATCH, SAMPLE, LAST, SAMPLE_LAST),
        **dict.fromkeys(ELEMENTWISE, (BATCH, SAMPLE)),
        "Flatten": (BATCH, SAMPLE),
        **dict.fromkeys(ALONG_AN_AXIS, (BATCH,)),
        "LayerNorm": (BATCH,),
        "GroupNorm": (BATCH,),
    }.items()
}
"""The arrangements of x, the orders of the weight's axes and the shapes of a bias that go together."""


def roles(op: str) -> dict[str, tuple[str, ...]]:
    """What an argument of a function may be beside an option of torch's -> its names."""
    arrays: dict[str, tuple[str, ...]] = {"$x": X}
    if op in ("Conv2d", "ConvTranspose2d", "Linear", *AFFINE):
        arrays |= {"$weight": WEIGHT, "$bias": BIAS}
    if op == "BatchNorm2d":
        arrays |= {f"${name}": ATTRIBUTES[name] for name in STATISTICS}
    return arrays | {"options": OPTIONS, "training": TRAINING, "mode": MODES if op == "BatchNorm2d" else ()}


def all_keys(op: str, hints: Hints) -> Options:
    """Every entry that a dictionary of options may be asked for."""
    torch = torch_defaults(op)
    keys = {
        key: its for its in torch for key in (its, *SYNONYMS.get(its, ())) if its not in SIZES or its == "kernel_size"
    }
    keys |= {key: its for its in SYNONYMS if "[" in its and its.partition("[")[0] in torch for key in SYNONYMS[its]}
    if op == "BatchNorm2d":
        keys |= {"mode": "mode", "training": "training", "running_mean": "$running_mean", "running_var": "$running_var"}
    arguments = {key: its for key, its in keys.items() if key not in hints.constants} | dict(hints.arguments)
    return Options(op, arguments, dict.fromkeys(arguments, Parameter.empty), constants=hints.constants)
