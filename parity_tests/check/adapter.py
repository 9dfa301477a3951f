"""How somebody's layer is read: its constructor, its weights, its gradients.

Two styles are known:

torch-like            the constructor's arguments are called as torch's, x is a batch, `backward(dy)` returns dx and
                      leaves each gradient where it can be found (.weight.grad, or an attribute such as .dweight)
the tutorial's style  anything that departs from it: other names of arguments, x is one sample, or
                      `backward(d_out, learning_rate)` updates the weights itself

The gradient of an update is (before - after) / learning_rate. The learning rate is a large power of two: to multiply
and to divide by it is exact, and the weight, whose rounding would spoil the gradient, is nothing beside the step.

    after  = (w - r g) (1 + u1)                                        |u1|, |u2| <= eps / 2
    before - after = (r g - (w - r g) u1) (1 + u2)
    |(before - after) / r - g| <= eps (|g| + |w| / r)

With r = 2**40, |w| / r is beyond the digits of any g that matters; both terms are added to the law all the same.
The weights are those of the case, not zeros, so that a layer that computes dx after the update is found out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from inspect import Parameter
from typing import Any

import numpy as np

from parity_tests.check.cases import given, is_batch, is_last_axis, softmax_axis, torch_defaults
from parity_tests.check.child import GRADIENTS, arranged
from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase

LEARNING_RATE = 2.0**40

Shape = tuple[int, ...]

SYNONYMS = {
    "in_channels": ("input_channels", "channels_in", "in_ch", "c_in", "num_input_channels", "n_channels", "channels"),
    "out_channels": ("num_filters", "n_filters", "filters", "output_channels", "channels_out", "out_ch", "c_out"),
    "kernel_size": ("filter_size", "pool_size", "kernel", "window_size", "window", "pool", "size", "k"),
    "stride": ("strides", "step"),
    "padding": ("pad",),
    "bias": ("use_bias",),
    "in_features": ("input_size", "in_size", "input_dim", "in_dim", "n_in", "num_inputs", "n_inputs", "inputs"),
    "out_features": ("output_size", "out_size", "output_dim", "out_dim", "n_out", "num_outputs", "n_outputs", "units"),
    "num_features": ("num_channels", "n_channels", "channels", "n_features", "features"),
    "eps": ("epsilon",),
    "dim": ("axis",),
}
"""torch's name of a constructor's argument -> other names for it."""

ATTRIBUTES = {
    "weight": ("weight", "weights", "W", "w", "kernel", "kernels", "filters", "gamma"),
    "bias": ("bias", "biases", "b", "beta"),
    "running_mean": ("running_mean", "moving_mean"),
    "running_var": ("running_var", "moving_var", "running_variance"),
    "num_batches_tracked": ("num_batches_tracked",),
}
"""torch's name in the state_dict -> how the attribute may be called."""

RATES = ("learning_rate", "lr", "learn_rate", "learningrate", "eta", "alpha", "rate", "step_size")


STARS = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}
"""The kinds of arguments that stand for any number of others, and how they are written."""


class Unmatched(Exception):  # noqa: N818  (the end of a check, in one sentence)
    """A class that cannot be called as a layer of that kind; the sentence says what it lacks."""


@dataclass(frozen=True)
class Adapter:
    """How a class is called.

    Attributes
    ----------
    op : torch's name of the layer
    name : the class's own
    arguments : the constructor's arguments that are known -> torch's names
    defaults : their defaults; `Parameter.empty` where one is required
    takes_any : whether the constructor takes **kwargs
    forward : the method that computes y
    backward : whether there is one
    no_backward : what one does that is not implemented
    rate : the argument of backward that is a learning rate; None if it takes none
    held : torch's names in the state_dict -> the attributes that hold them
    biased : False for a layer that has no bias, whatever it is told
    one_sample : whether x is one sample rather than a batch
    """

    op: str
    name: str
    arguments: Mapping[str, str]
    defaults: Mapping[str, Any]
    takes_any: bool
    forward: str
    backward: bool
    rate: str | None
    held: Mapping[str, str] = field(default_factory=dict)
    biased: bool = True
    one_sample: bool = False
    no_backward: str = ""

    @property
    def is_torch_like(self) -> bool:
        """Whether it is in torch's style in everything."""
        return not self.one_sample and self.rate is None and all(mine == its for mine, its in self.arguments.items())

    def takes(self, argument: str) -> bool:
        """Whether the constructor takes one of torch's arguments."""
        return self.takes_any or argument in self.arguments.values()

    def fit(self, case: LayerCase) -> LayerCase:
        """The case without what can be left out of it: the indices of a max pool, and a bias that does not exist.

        A dim that torch chooses by the number of dimensions is given, unless the layer's own default is None as well.
        """
        settings = dict(case.spec.settings)
        if "return_indices" not in self.arguments.values():
            settings.pop("return_indices", None)
        own_dim = next((self.defaults[mine] for mine, its in self.arguments.items() if its == "dim"), None)
        if own_dim is not None:
            settings.setdefault("dim", softmax_axis(case))
        if not self.biased:
            settings["bias"] = False
        return replace(case, spec=Spec(case.op, case.spec.args, tuple(settings.items())))

    def lacks(self, case: LayerCase) -> list[str]:
        """What a case needs and the layer does not offer, in words, as far as one can see beforehand."""
        defaults, words = torch_defaults(self.op), []
        for name, value in given(case).items():
            if name != "dim" and not self.takes(name) and value != defaults[name] and (name != "bias" or self.biased):
                words.append("bias=False" if name == "bias" else name)
        if case.op == "Softmax" and "dim" not in self.arguments.values() and not is_last_axis(case):
            words.append("dim")
        if self.one_sample and 0 in case.shape:
            words.append("an empty batch")
        if self.one_sample and case.op == "Linear" and len(case.shape) > 2:
            words.append("more than two dimensions")
        if not case.training and not {"running_mean", "running_var"} <= self.held.keys():
            words.append("running statistics")
        return words

    def runs_samples(self, case: LayerCase) -> bool:
        """Whether the batch of a case has to be run sample by sample."""
        return self.one_sample and is_batch(case)

    def constructor_call(self, case: LayerCase, dtype: str) -> dict[str, Any]:
        """The arguments to construct the layer of a case with.

        Beside those that the case gives, those that the layer demands or whose default is not torch's.
        """
        values = given(case)
        torch = torch_defaults(self.op)
        if torch.get("stride", 0) is None:  # of a pool
            torch["stride"] = values["kernel_size"]
        call = {}
        for mine, its in self.arguments.items():
            if its == "dtype":
                call[mine] = dtype
            elif its in values:
                call[mine] = values[its]
            elif self.defaults[mine] is Parameter.empty or (mine in self.other_defaults() and torch[its] is not None):
                call[mine] = torch[its]
        return call | {name: values[name] for name in self.through_keywords(case)}

    def through_keywords(self, case: LayerCase) -> list[str]:
        """What of a case reaches the constructor through its **kwargs, by torch's names."""
        if not self.takes_any:
            return []
        torch = torch_defaults(self.op)
        others = [name for name, value in given(case).items() if value != torch[name] and name != "dim"]
        return [name for name in others if name not in self.arguments.values() and (name != "bias" or self.biased)]

    def other_defaults(self) -> dict[str, Any]:
        """The arguments whose default is not torch's, where both have one; the dtype is passed anyway."""
        torch = torch_defaults(self.op)
        both = [
            mine for mine, its in self.arguments.items() if Parameter.empty not in (self.defaults[mine], torch[its])
        ]
        return {
            mine: self.defaults[mine]
            for mine in both
            if self.arguments[mine] != "dtype" and self.defaults[mine] != torch[self.arguments[mine]]
        }

    def request(self, case: LayerCase, dtype: str) -> dict[str, Any]:
        """What the child is told about how to call the layer."""
        return {
            "name": self.name,
            "arguments": self.constructor_call(case, dtype),
            "forward": self.forward,
            "backward": self.backward,
            "rate": {self.rate: LEARNING_RATE} if self.rate else {},
            "training": case.training,
            "held": dict(self.held),
            "samples": self.runs_samples(case),
        }


def match(op: str, name: str, described: Mapping[str, Any]) -> Adapter:
    """Match a class with torch's layer, from what its signatures say.

    Raises
    ------
    Unmatched
        if the constructor needs an argument that torch's does not have, or lacks one that torch's needs, or if there
        is no forward, or a backward that takes something unknown
    """
    torch = torch_defaults(op)
    arguments, defaults, unknown = {}, {}, []
    named = [each for each in described["constructor"] if each["kind"] not in STARS]
    for each in named:
        word = each["name"].lower()
        its = next((t for t in torch if word == t or word in SYNONYMS.get(t, ())), None)
        if its is not None:
            arguments[each["name"]] = its
            defaults[each["name"]] = Parameter.empty if each["required"] else each["default"]
        elif each["required"]:
            unknown.append(each["name"])
    takes_any = any(each["kind"] == "VAR_KEYWORD" for each in described["constructor"])
    shown = f"({', '.join(STARS.get(each['kind'], '') + each['name'] for each in described['constructor'])})"
    if unknown:
        raise Unmatched(
            f"its constructor {shown} needs {' and '.join(unknown)}, which is unknown to torch.nn.{op}"
            f"({', '.join(torch)}) under this and any similar name"
        )
    missing = [t for t in torch if torch[t] is Parameter.empty and t not in arguments.values() and not takes_any]
    if missing:
        hints = "; ".join(f"{t} may also be called {', '.join(SYNONYMS[t])}" for t in missing)
        raise Unmatched(f"its constructor {shown} takes no {' and no '.join(missing)} ({hints})")
    if described["forward"] is None:
        raise Unmatched("it has neither forward nor __call__")
    rate = None
    if described["backward"] is not None:
        first, *others = [each for each in described["backward"] if each["kind"] != "VAR_KEYWORD"] or [None]
        if first is None:
            raise Unmatched("its backward takes no upstream gradient")
        rate = next(
            (each["name"] for each in others if each["kind"] not in STARS and each["name"].lower() in RATES), None
        )
        strange = [each["name"] for each in others if each["required"] and each["name"] != rate]
        if strange:
            raise Unmatched(
                f"its backward needs {' and '.join(strange)}; backward(dy) or backward(d_out, learning_rate) is known"
            )
    return Adapter(
        op, name, arguments, defaults, takes_any, described["forward"], described["backward"] is not None, rate
    )


def with_state(adapter: Adapter, wanted: Mapping[str, Shape], found: Mapping[str, Shape]) -> Adapter:
    """Find where a layer holds its state.

    Parameters
    ----------
    adapter : without a state
    wanted : the shapes that torch's state has
    found : the shapes of the arrays that the layer holds, by attribute

    Raises
    ------
    Unmatched
        if no attribute can be the weight, or several can be
    """
    held: dict[str, str] = {}
    for name, shape in wanted.items():
        known = [alias for alias in ATTRIBUTES[name] if alias in found and fits(found[alias], shape)]
        held |= {name: known[0]} if known else {}
    gradients = {form.format(attribute) for attribute in found for form in GRADIENTS}
    for name in ("weight", "bias"):
        if name in wanted and name not in held:
            free = [key for key in found if key not in gradients and key not in held.values()]
            fitting = [key for key in free if fits(found[key], wanted[name])]
            if len(fitting) > 1:
                raise Unmatched(f"its {name} may be any of .{', .'.join(fitting)}: call it .{name}")
            held |= {name: fitting[0]} if fitting else {}
    if "weight" in wanted and "weight" not in held:
        arrays = ", ".join(f".{key} {shape}" for key, shape in found.items()) or "no arrays at all"
        raise Unmatched(f"no attribute of it has the shape {wanted['weight']} of torch's weight; it holds {arrays}")
    return replace(adapter, held=held, biased="bias" in held or "bias" not in wanted)


def fits(shape: Shape, wanted: Shape) -> bool:
    """Whether an array of one shape can be arranged in another."""
    return bool(arranged(np.empty(shape), wanted).shape == wanted)
