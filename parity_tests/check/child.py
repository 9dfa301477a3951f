"""The program that runs somebody's layer, in a process of its own: whatever the layer does, it does it here.

    python -P child.py FILE PLACES

It needs nothing but NumPy, so that any interpreter can run it. A request is one line of JSON on standard input, and so
is its answer on standard output; arrays travel in .npz files, without pickle. Before FILE is imported both channels
are moved out of reach: what the layer prints goes to standard error, what it reads is empty. When the process dies
or does not answer in time, Python writes into the file PLACES where it stood.
"""

import contextlib
import faulthandler
import importlib.util
import inspect
import json
import linecache
import os
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any, TextIO

import numpy as np

MEMORY_LIMIT = 4 << 30
FILE_LIMIT = 64 << 20
"""Bytes, where the system can limit them: for what the layer allocates, and for what it writes into one file."""

MESSAGE_LIMIT = 500
"""Characters of an exception's message that are passed on."""

PARAMETERS = {"weight", "bias"}
"""What is learned; the rest of a state are running statistics."""

GRADIENTS = ("d{}", "d_{}", "grad_{}", "{}_grad")
"""How the attribute may be called that holds the gradient of another one."""


class Refusal(Exception):  # noqa: N818  (an answer, not a defect)
    """A request that cannot be served, in words."""


def load(file: str) -> Any:
    """Import the file as a module, so that what it keeps for `python FILE` does not run."""
    sys.path.insert(0, str(Path(file).parent))
    name = "file_under_check"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def classes(module: Any) -> dict[str, list[str]]:
    """Name the classes that the file defines, and those that it only imports."""
    found = {name: value for name, value in vars(module).items() if inspect.isclass(value)}
    own = [name for name, value in found.items() if value.__module__ == module.__name__]
    return {"own": own, "imported": [name for name in found if name not in own]}


def describe(module: Any, name: str) -> dict[str, Any]:
    """Tell the arguments of a class's constructor and of its backward, and which method is its forward."""
    cls = getattr(module, name)
    methods = {method for base in cls.__mro__ for method in vars(base)}
    try:
        if any(base.__module__.startswith("torch.nn.") for base in cls.__mro__):
            raise Refusal("its parameters are torch tensors; check runs NumPy layers")
        constructor = arguments_of(cls)
        backward = arguments_of(cls.backward)[1:] if "backward" in methods else None
    except (TypeError, ValueError) as error:
        raise Refusal(f"Python cannot tell its arguments: {error}") from None
    forward = next((method for method in ("forward", "__call__") if method in methods), None)
    return {"constructor": constructor, "forward": forward, "backward": backward}


def arguments_of(function: Any) -> list[dict[str, Any]]:
    """Name, kind and default of each argument; a default that JSON cannot carry is given in words."""
    described = []
    for p in inspect.signature(function).parameters.values():
        default = p.default if isinstance(p.default, (bool, int, float, str, type(None))) else repr(p.default)
        required = p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        described.append({"name": p.name, "kind": p.kind.name, "required": required, "default": default})
    return described


def construct(module: Any, name: str, arguments: dict[str, Any]) -> Any:
    """Make a layer; JSON brings pairs as lists, and a dtype by its name."""
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in arguments.items()}
    if "dtype" in values:
        values["dtype"] = np.dtype(values["dtype"])
    cls = getattr(module, name)
    nameless = [p for p in inspect.signature(cls).parameters.values() if p.kind is p.POSITIONAL_ONLY]
    return cls(*[values.pop(p.name, p.default) for p in nameless], **values)


def look(module: Any, name: str, arguments: dict[str, Any], known: list[str]) -> dict[str, list[int]]:
    """Make a layer, and tell the shapes of the arrays that it holds: by the known attributes first, then all others."""
    layer = construct(module, name, arguments)
    held = {}
    for key in [*known, *getattr(layer, "__dict__", {})]:
        with contextlib.suppress(Exception):  # a property may raise anything; then it holds no array
            held[key] = array_in(getattr(layer, key))
    return {key: list(array.shape) for key, array in held.items() if array is not None}


def content(value: Any) -> Any:
    """What a Parameter-like attribute has in its `.data`; any other attribute as it is."""
    return value if isinstance(value, (np.ndarray, np.generic)) else getattr(value, "data", value)


def array_in(value: Any) -> Any:
    """The array that an attribute is or has; None without any."""
    found = content(value)
    return found if isinstance(found, np.ndarray) else None


def run(module: Any, inputs: str, outputs: str, samples: bool, **how: Any) -> dict[str, Any]:
    """Run forward and backward; with `samples`, one sample at a time, each by a layer of its own."""
    with np.load(inputs, allow_pickle=False) as file:
        given = {name: file[name] for name in file.files}
    if samples:
        batched = [name for name in ("x", "dy") if name in given]
        each = [
            call(module, {**given, **{key: given[key][n] for key in batched}}, **how) for n in range(len(given["x"]))
        ]
        results = {name: together(name, [tensors[name] for tensors, _, _ in each]) for name in each[0][0]}
    else:
        each = [call(module, given, **how)]
        results = each[0][0]
    np.savez(outputs, **{name: value for name, value in results.items() if not isinstance(value, str)})
    return {
        "problems": {name: value for name, value in results.items() if isinstance(value, str)},
        "changed": sorted({key for _, changed, _ in each for key in changed}),
        "kept": each[0][2],
    }


def together(name: str, values: list[Any]) -> Any:
    """The tensor of a batch: y and dx stacked, gradients of parameters summed."""
    words = [value for value in values if isinstance(value, str)]
    if words:
        return words[0]
    shapes = sorted({value.shape for value in values})
    if len(shapes) > 1:
        return f"has shapes {' and '.join(map(str, shapes))} for samples of one shape"
    return np.stack(values) if name in ("y", "dx") else np.sum(values, axis=0, dtype=values[0].dtype)


def call(
    module: Any,
    given: dict[str, Any],
    name: str,
    arguments: dict[str, Any],
    forward: str,
    backward: bool,
    rate: dict[str, float],
    training: bool,
    held: dict[str, str],
) -> tuple[dict[str, Any], list[str], dict[str, Any]]:
    """Make a layer, give it its state, run it once.

    Returns
    -------
    tensors : arrays by name (y, dx, dweight, running_mean, ...), or what is wrong with one, in words
    changed : which of x and dy the layer has changed
    kept : dtype and shape of the arrays in which the layer keeps its state
    """
    layer = construct(module, name, arguments)
    state = {key: value for key, value in given.items() if key not in ("x", "dy")}
    put(layer, held, state)
    if not training:
        evaluate(layer)
    before = {key: array_in(getattr(layer, attribute)).copy() for key, attribute in held.items() if key in state}
    passed = {key: given[key].copy() for key in ("x", "dy") if key in given}

    y = getattr(layer, forward)(passed["x"])
    results = y if isinstance(y, tuple) and arguments.get("return_indices") else (y,)
    tensors = {key: checked(value) for key, value in zip(("y", "indices"), results)}  # noqa: B905  (mostly only y)
    if backward and "dy" in passed:
        tensors["dx"] = checked(layer.backward(passed["dy"], **rate))
    for key, was in before.items():
        if key not in PARAMETERS:
            after = checked(content(getattr(layer, held[key])))
            tensors[key] = after if isinstance(after, str) else arranged(after, state[key].shape)
        elif "dx" in tensors:
            tensors[f"d{key}"] = gradient(layer, held[key], was, state[key], rate)
    changed: list[str] = [key for key, value in passed.items() if value.tobytes() != given[key].tobytes()]
    return tensors, changed, {key: (array.dtype.name, array.shape) for key, array in before.items()}


def put(layer: Any, held: dict[str, str], state: dict[str, Any]) -> None:
    """Give a layer its state, each number in the dtype in which the layer keeps it."""
    if hasattr(layer, "load_state_dict"):
        layer.load_state_dict(state)
        return
    for key, attribute in held.items():
        if key in state:
            array = array_in(getattr(layer, attribute))
            value = arranged(state[key], array.shape)
            if value.shape != array.shape:
                raise ValueError(f".{attribute} has shape {array.shape}, torch's {key} has {value.shape}")
            np.copyto(array, value, casting="same_kind")


def evaluate(layer: Any) -> None:
    """Switch a layer from training to evaluation."""
    if hasattr(layer, "eval"):
        layer.eval()
    elif hasattr(layer, "training"):
        layer.training = False
    else:
        raise Refusal("evaluation")


def gradient(layer: Any, attribute: str, before: Any, like: Any, rate: dict[str, float]) -> Any:
    """The gradient of a parameter, arranged `like` torch's: recovered from the update, or as the layer keeps it."""
    holder = getattr(layer, attribute)
    if rate:
        found = content(holder)
        if isinstance(found, np.ndarray) and found.shape == before.shape:
            found = (before - found) / next(iter(rate.values()))
    else:
        places = [getattr(holder, "grad", None), *(getattr(layer, form.format(attribute), None) for form in GRADIENTS)]
        found = next((content(place) for place in places if place is not None), None)
        if found is None:
            return "is nowhere to be found after backward"
    found = checked(found)
    return arranged(found, like.shape) if not isinstance(found, str) and found.shape == before.shape else found


def arranged(array: Any, shape: tuple[int, ...]) -> Any:
    """The same numbers in another arrangement: with axes of length 1 more or fewer, or a transposed matrix."""
    if [n for n in array.shape if n != 1] == [n for n in shape if n != 1]:
        return array.reshape(shape)
    return array.T if array.ndim == 2 and array.T.shape == tuple(shape) else array


def checked(value: Any) -> Any:
    """A copy of an array of numbers; of anything else, what it is."""
    if not isinstance(value, (np.ndarray, np.generic)):
        number = f" of {len(value)}" if isinstance(value, tuple) else ""
        return f"is a {type(value).__name__}{number}, not an array"
    array = np.array(value)
    return array if array.dtype.kind in "fiub" else f"is an array of dtype {array.dtype}"


def raised(error: BaseException, file: str) -> dict[str, Any]:
    """An exception in words, with the last line of the file that it passed."""
    answer: dict[str, Any] = {"type": type(error).__name__, "message": str(error)[:MESSAGE_LIMIT]}
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    if isinstance(error, SyntaxError) and error.filename == file:
        answer.update(line=error.lineno, message=error.msg)
    elif frames:
        answer.update(line=frames[-1].lineno, function=frames[-1].name)
    if "line" in answer:
        answer["code"] = linecache.getline(file, answer["line"]).strip()
    return answer


def private_channels() -> tuple[TextIO, TextIO]:
    """Take standard input and output for requests and answers; the layer gets others in their place."""
    requests, answers = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    return requests, answers


def limit() -> None:
    """Limit memory and files where the system can; leave no core file behind."""
    try:
        import resource
    except ImportError:  # Windows
        return
    limits = {"RLIMIT_DATA": MEMORY_LIMIT, "RLIMIT_FSIZE": FILE_LIMIT, "RLIMIT_CORE": 0}
    for kind, most in limits.items():
        with contextlib.suppress(ValueError, OSError):  # the system has a lower limit already, or knows no such one
            resource.setrlimit(getattr(resource, kind), (most, most))


def send(answers: TextIO, answer: dict[str, Any]) -> None:
    """Write one line."""
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


def main() -> None:
    """Say that all is ready; import the file when the first request comes; serve one request after the other."""
    file, places = sys.argv[1:]
    requests, answers = private_channels()
    limit()
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")  # infinities and NaN are part of the cases
    serve: dict[str, Any] = {"classes": classes, "describe": describe, "look": look, "run": run}
    module = None
    with Path(places).open("a") as stood:
        faulthandler.enable(stood)
        send(answers, {"answer": "ready"})
        for line in requests:
            request = json.loads(line)
            stood.truncate(0)
            faulthandler.dump_traceback_later(request.pop("timeout"), file=stood)
            answer: dict[str, Any]
            try:
                do = serve[request.pop("do")]
                module = module or load(file)
                answer = {"answer": do(module, **request)}
            except Refusal as refusal:
                answer = {"refused": str(refusal)}
            except BaseException as error:  # noqa: BLE001  (a layer may raise anything, SystemExit too)
                answer = {"raised": raised(error, file)}
            faulthandler.cancel_dump_traceback_later()
            send(answers, answer)


if __name__ == "__main__":
    main()
