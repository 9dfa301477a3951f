"""Which classes and functions of a file are to be checked, and what each is like."""

import ast
import difflib
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from parity_tests.check.adapters import Hints
from parity_tests.check.cases import OPS, WITHOUT

NAMES: Mapping[str, tuple[str, ...]] = {
    "Conv2d": ("conv", "convolution", "convolutional", "convolve", "correlate", "correlation", "crosscorrelate",
               "crosscorrelation"),
    "ConvTranspose2d": ("convtranspose", "convtransposed", "transposeconv", "transposedconv", "transposedconvolution",
                        "deconv", "deconvolution", "upconv"),
    "MaxPool2d": ("maxpool", "maxpooling"),
    "AvgPool2d": ("avgpool", "averagepool", "averagepooling", "avgpooling", "meanpool", "meanpooling"),
    "AdaptiveAvgPool2d": ("adaptiveavgpool", "adaptiveaveragepool", "adaptiveaveragepooling", "adaptiveavgpooling"),
    "AdaptiveMaxPool2d": ("adaptivemaxpool", "adaptivemaxpooling"),
    "Upsample": ("upsample", "upsampling", "interpolate", "resize"),
    "Linear": ("linear", "dense", "fullyconnected", "fc", "affine"),
    "ReLU": ("relu",),
    "LeakyReLU": ("leakyrelu", "lrelu"),
    "Sigmoid": ("sigmoid", "logistic"),
    "Tanh": ("tanh", "hyperbolictangent"),
    "SiLU": ("silu", "swish"),
    "GELU": ("gelu",),
    "ELU": ("elu", "exponentiallinearunit"),
    "Softplus": ("softplus",),
    "Identity": ("identity",),
    "Flatten": ("flatten",),
    "Softmax": ("softmax",),
    "LogSoftmax": ("logsoftmax",),
    "BatchNorm2d": ("batchnorm", "batchnormalization", "batchnormalisation", "spatialbatchnorm", "spatialnorm"),
    "LayerNorm": ("layernorm", "layernormalization", "layernormalisation"),
    "GroupNorm": ("groupnorm", "groupnormalization", "groupnormalisation", "spatialgroupnorm"),
    "CrossEntropyLoss": ("crossentropy", "crossentropyloss", "softmaxloss", "softmaxcrossentropy", "softmaxwithloss",
                         "softmaxcrossentropyloss", "categoricalcrossentropy"),
    "MSELoss": ("mse", "mseloss", "meansquarederror", "meansquarederrorloss", "meansquares"),
    "L1Loss": ("l1", "l1loss", "mae", "maeloss", "meanabsoluteerror", "meanabsoluteerrorloss"),
    "NLLLoss": ("nll", "nllloss", "negativeloglikelihood", "negativeloglikelihoodloss"),
    "BCEWithLogitsLoss": ("bcewithlogits", "bcewithlogitsloss", "binarycrossentropywithlogits", "sigmoidcrossentropy"),
    "SmoothL1Loss": ("smoothl1", "smoothl1loss"),
    "SGD": ("sgd", "sgdmomentum", "momentum", "stochasticgradientdescent", "gradientdescent"),
    "Adam": ("adam",),
    "AdamW": ("adamw",),
    "RMSprop": ("rmsprop",),
}  # fmt: skip
"""torch's name -> what else it is called, in small letters, without what says only how or that it is a layer."""

SAYS_NOTHING = r"layer|forward|naive|loop|im2col|vectorized|vectorised|fast|slow|numpy|custom|simple|optimizer|my|[_\d]"


class UsageError(Exception):
    """One sentence for the user."""


@dataclass(frozen=True)
class Wanted:
    """One thing to check.

    Attributes
    ----------
    name : of the class or function
    like : torch's name
    hints : what the map file says of it
    """

    name: str
    like: str
    hints: Hints = field(default_factory=Hints)


def file_of(word: str) -> tuple[str, Path, list[str]]:
    """Take FILE.py:Name,Name apart: the file as the user calls it, where it is, and the names, if there are any.

    Raises
    ------
    UsageError
        if there is no such file, or it is not Python
    """
    file, _, name = word.rpartition(":")
    names = [each.strip() for each in name.split(",")] if name else []
    if not file or not all(each.isidentifier() for each in names):  # C:\mine.py has a colon, too
        file, names = word, []
    path = Path(file).resolve()
    if not path.is_file():
        raise UsageError(f"there is no file {file}")
    if path.suffix != ".py":
        raise UsageError(f"{file} is no Python file: its name should end with .py")
    try:
        with warnings.catch_warnings(action="ignore"):
            ast.parse(path.read_bytes())
    except SyntaxError as error:
        code = f": {error.text.strip()}" if error.text else ""
        raise UsageError(f"{file}, line {error.lineno}: {error.msg}{code}") from None
    except ValueError as error:
        raise UsageError(f"{file} is no Python: {error}") from None
    return file, path, names


def checked_like(like: str) -> str:
    """The name of a layer that there is.

    Raises
    ------
    UsageError
        if there is none
    """
    if like in WITHOUT:
        raise UsageError(f"--like {like}: {WITHOUT[like]}")
    if like not in OPS:
        raise UsageError(f"--like {like}: there are {', '.join(OPS)}")
    return like


def guess(name: str) -> str | None:
    """What something is like, by its name."""
    plain = re.sub(SAYS_NOTHING, "", re.sub(r"[23]d$", "", name.lower().replace("2d", "")))
    word = name.lower().replace("_", "")  # LayerNorm, SmoothL1Loss: here it does say something
    return next((like for like, names in NAMES.items() if word in names or plain in names), None)


def partner(name: str, functions: Sequence[str]) -> str | None:
    """The function that goes back, by its name."""
    forms = [
        name.replace("forward", "backward"), name.replace("fwd", "bwd"), f"{name}_backward", f"{name}_bwd",
        f"{name}_back", f"{name}_grad", f"{name}_gradient", f"{name}_prime", f"{name}_derivative", f"backward_{name}",
        f"grad_{name}", f"d_{name}", f"d{name}",
    ]  # fmt: skip
    return next((form for form in forms if form != name and form in functions), None)


def choose(shown: str, names: Sequence[str], like: str | None, found: Mapping[str, Sequence[str]]) -> list[Wanted]:
    """What is meant.

    Parameters
    ----------
    shown : the file as the user calls it
    names : what the user names in it: a class, a function, or a function and its partner
    like : what --like says
    found : the classes and functions of the file, and what it imports

    Raises
    ------
    UsageError
        if the file has no such thing, or several where none is named, or nothing says what it is like
    """
    own = [*found["classes"], *found["functions"]]
    has = f"it has {', '.join(own)}" if own else "it defines none"
    for name in names:
        if name not in own and name not in found["imported"]:
            near = difflib.get_close_matches(name, [*own, *found["imported"]], n=1)
            hint = f", did you mean {near[0]}" if near else ""
            raise UsageError(f"{shown} has no class or function {name}{hint}; {has}")
    if len(names) > 2:
        raise UsageError(
            f"{shown}:{','.join(names)}: a function and its partner are two names; --map takes several layers"
        )
    if names:
        return [one(shown, names, like, found)]
    likes = {name: guess(name) for name in own if not is_partner(name, own)}
    if like is None:
        guessed = [one(shown, [name], None, found) for name, its in likes.items() if its is not None]
        if not guessed:
            raise UsageError(f"which class or function of {shown}? {has}: write {shown}:Name --like LAYER")
        return guessed
    fitting = [name for name in own if name.lower() == like.lower()] or [n for n, its in likes.items() if its == like]
    candidates = own if len(own) == 1 else found["classes"] if len(found["classes"]) == 1 and not fitting else fitting
    if len(candidates) != 1:
        raise UsageError(f"which class or function of {shown}? {has}: write {shown}:Name")
    return [one(shown, candidates, like, found)]


def is_partner(name: str, functions: Sequence[str]) -> bool:
    """Whether a function is the partner of another."""
    return any(partner(other, functions) == name for other in functions if other != name)


def one(shown: str, names: Sequence[str], like: str | None, found: Mapping[str, Sequence[str]]) -> Wanted:
    """One class, or one function with its partner.

    Raises
    ------
    UsageError
        if nothing says what it is like
    """
    name = names[0]
    its = like or guess(name)
    if its is None:
        raise UsageError(f"what is {shown}:{name} like? add --like LAYER: {', '.join(OPS)}")
    functions = [*found["functions"], *found["imported"]]
    back = names[1] if len(names) > 1 else partner(name, functions) if name in functions else None
    return Wanted(name, its, Hints(backward=back))
