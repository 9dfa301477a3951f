"""Somebody's model: the function that builds it, and the shape of what it takes."""

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from parity_tests.harness.recording import Recorder

COMMON_SIDES = (28, 32, 8, 16, 64, 224)
"""Tried first: the sides of the images of MNIST, CIFAR, the tutorial, ..., ImageNet."""

LARGEST_SIDE = 256


class CannotRun(Exception):  # noqa: N818  (likewise)
    """What the environment lacks; the sentence says what mends it."""


class Unusable(Exception):  # noqa: N818  (the end of a comparison, in one sentence)
    """A file or a function that is no model definition; the sentence says why."""


def load_builder(word: str) -> Callable[[Any], Any]:
    """Import the function `build(nn)` of FILE.py:build, or of FILE.py if there is only one.

    Raises
    ------
    Unusable
        if there is no such file or function, or the file cannot be imported
    """
    file, _, name = word.rpartition(":")
    if not file or not name.isidentifier():
        file, name = word, ""
    path = Path(file).resolve()
    if not path.is_file() or path.suffix != ".py":
        raise Unusable(f"{file}: there is no Python file of that name")
    spec = importlib.util.spec_from_file_location("model_to_compare", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise Unusable(f"{file} cannot be imported: {type(error).__name__}: {error}") from error
    own = [key for key, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__]
    functions = [key for key in own if callable(getattr(module, key)) and not isinstance(getattr(module, key), type)]
    if not name and len(functions) == 1:
        name = functions[0]
    if name not in functions:
        there = f"it has {', '.join(functions)}" if functions else "it defines none"
        raise Unusable(f"{file} has no function {name or 'named'}; {there}: write FILE.py:build")
    build: Callable[[Any], Any] = getattr(module, name)
    return build


def record_layers(build: Callable[[Any], Any]) -> list[Any]:
    """List the constructor calls of a model, from first to last.

    Raises
    ------
    Unusable
        if build does not return a Sequential
    """
    try:
        built = build(Recorder())
    except Exception as error:
        raise Unusable(f"build(nn) raises {type(error).__name__}: {error}") from error
    if not isinstance(built, list):
        raise Unusable("build(nn) must return nn.Sequential(...): layer by layer is how models are compared here")
    return built


def input_shape(build: Callable[[Any], Any]) -> tuple[int, ...]:
    """Find the shape of one input, without the batch, by trying which one torch's model takes.

    torch's device "meta" computes shapes and nothing else.

    Raises
    ------
    Unusable
        if none fits
    """
    import torch

    with torch.device("meta"):
        model = build(torch.nn)
    for shape in candidates(record_layers(build)):
        try:
            model(torch.empty((2, *shape), device="meta"))
        except (RuntimeError, ValueError):
            continue
        return shape
    raise Unusable("no input shape fits this model: give it, such as --input 3x32x32")


def candidates(specs: list[Any]) -> Iterator[tuple[int, ...]]:
    """The shapes to try: what the first layer that has channels or features says, and square images."""
    for spec in specs:
        size = {"Conv2d": "in_channels", "BatchNorm2d": "num_features", "Linear": "in_features"}.get(spec.op)
        if size is None:
            continue
        number = spec.args[0] if spec.args else dict(spec.settings)[size]
        if spec.op == "Linear":
            yield (number,)
            return
        for side in (*COMMON_SIDES, *range(1, LARGEST_SIDE + 1)):
            yield number, side, side
        return
