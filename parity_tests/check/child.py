"""The program that runs somebody's layer, in a process of its own: whatever the layer does, it does it here.

    python child.py FILE PLACES

It needs nothing but NumPy and Python 3.8, so that the interpreter that serves the layer can run it. A request is one
line of JSON on standard input, and so is its answer on standard output; arrays travel in .npz files, without pickle.
Before FILE is imported both channels are moved out of reach: what the layer prints goes to standard error, what it
reads is empty. When the process dies or does not answer in time, Python writes into the file PLACES where it stood.

What is to be done with a layer comes as steps over named values, the inputs among them:

    ["call", to, what, arguments, named]    to = what(*arguments, **named); ":Conv" is of the file, "layer.forward" not
    ["item", to, of, index]                 to = of[index]
    ["first", to, of]                       to = of, or if it is a tuple its first part
    ["copy", to, of]                        to = of as it is now, its arrays copied
    ["get", to, of, paths]                  to = the first of these attributes, "W" or "grads.W", that is there
    ["put", of, paths]                      {input: path}: copy inputs into the arrays of attributes
    ["reset", of, path, input]              copy one input so, silently
    ["assign", of, path, argument]          the attribute = an argument
    ["evaluate", of, must]                  from training to evaluation; where it cannot be said, refuse if it must
    ["parameter", to, user, input]          to = a parameter with this data, for the class that is named
    ["let", to, argument]                   to = an argument, to be looked at afterwards
    ["look", of, known]                     which arrays it holds

An argument {"$": "x"} is the value x, {"dtype": "float32"} a dtype, {"dict": {...}} a dictionary, {"list": [...]} a
list, {"options": {...}} a dictionary that remembers what was looked up in it, {"object": {...}} an object with these
attributes, a list a tuple, and anything else itself.
"""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":  # Python has put the folder of this file first: its names are no business of the layer's
    sys.path[:] = [folder for folder in sys.path if folder != os.path.dirname(os.path.abspath(__file__))]  # noqa: PTH100, PTH120

import contextlib
import faulthandler
import functools
import importlib.util
import inspect
import json
import linecache
import traceback
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TextIO

import numpy as np

MEMORY_LIMIT = 4 << 30
FILE_LIMIT = 64 << 20
"""Bytes, where the system can limit them: for what the layer allocates, and for what it writes into one file."""

MESSAGE_LIMIT = 500
"""Characters of an exception's message that are passed on."""

PARTS_LIMIT = 20
"""Entries of a tuple or dictionary that are passed on."""

NOWHERE = "is nowhere to be found after backward"


class Refusal(Exception):  # noqa: N818  (an answer, not a defect)
    """A request that cannot be served, in words."""


class Absent(Exception):  # noqa: N818  (an answer, not a defect)
    """Something that this machine does not have, in words."""


class Words(str):
    """What is wrong with a result, in place of it."""

    __slots__ = ()


class Options(dict):  # type: ignore[type-arg]
    """A dictionary that remembers which of its keys were asked for."""

    def __init__(self, content: dict[str, Any]) -> None:
        super().__init__(content)
        self.read: set[str] = set()

    def __getitem__(self, key: Any) -> Any:
        self.read.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.read.add(str(key))
        return super().__contains__(key)

    def __iter__(self) -> Any:  # **options goes this way, and then asks for every key
        return super().__iter__()

    def get(self, key: Any, default: Any = None) -> Any:
        """Look a key up."""
        self.read.add(key)
        return super().get(key, default)

    def pop(self, key: Any, *default: Any) -> Any:
        """Take an entry out."""
        self.read.add(key)
        return super().pop(key, *default)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """Look a key up, or set it."""
        self.read.add(key)
        return super().setdefault(key, default)


class Parameter:
    """What a torch-like optimiser works on, where its file has no class of its own for it."""

    def __init__(self, data: Any) -> None:
        self.data, self.grad, self.requires_grad = data, None, True

    @property
    def shape(self) -> Any:
        """Of the data."""
        return self.data.shape


# Arrays


def host(value: Any) -> Any:
    """The NumPy array that a value is, or can be copied to; None if it is no array."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value
    libraries = {base.__module__.partition(".")[0] for base in type(value).__mro__}
    if "torch" in libraries and hasattr(value, "detach"):
        return value.detach().cpu().numpy()
    return value.get() if "cupy" in libraries and hasattr(value, "get") else None


def content(value: Any) -> Any:
    """What a Parameter-like attribute has in its `.data`; any other attribute as it is."""
    return value if host(value) is not None else getattr(value, "data", value)


def arranged(array: Any, shape: Any) -> Any:
    """The same numbers with axes of length 1 more or fewer; one bias for each channel becomes one for each place."""
    if [n for n in array.shape if n != 1] == [n for n in shape if n != 1]:
        return array.reshape(shape)
    if array.ndim == 1 and len(shape) == 3 and len(array) == shape[0]:
        return np.broadcast_to(array[:, None, None], shape)
    return array


def checked(value: Any) -> Any:
    """A copy of an array of numbers; of anything else, what it is."""
    array = host(value)
    if array is None:
        number = f" of {len(value)}" if isinstance(value, (tuple, dict)) else ""
        return Words(f"is a {type(value).__name__}{number}, not an array")
    array = np.array(array)
    return array if array.dtype.kind in "fiub" else Words(f"is an array of dtype {array.dtype}")


def results_of(name: str, value: Any) -> dict[str, Any]:
    """A result as arrays or words; of a tuple, list or dictionary its entries, too."""
    if isinstance(value, Words):
        return {name: value}
    is_loss = name == "loss"  # which may be a number of Python's
    if is_loss and isinstance(value, (int, float)):
        return {name: np.array(value, float)}
    found = {name: checked(value)}
    entries: list[Any]
    if isinstance(value, (tuple, list)):
        entries = list(enumerate(value))
    else:
        entries = list(value.items()) if isinstance(value, dict) else []
    for key, entry in entries[:PARTS_LIMIT]:
        number = is_loss and isinstance(entry, (int, float))
        found[f"{name}.{key}"] = np.array(entry, float) if number else checked(entry)
    return found


def numpy_array(array: Any) -> Any:
    """A copy that the layer may do anything to."""
    return np.array(array)


def torch_tensor(array: Any) -> Any:
    """A tensor with the same numbers."""
    import torch

    return torch.from_numpy(np.array(array, order="C"))


def cupy_array(array: Any) -> Any:
    """An array on the GPU."""
    import cupy

    return cupy.asarray(np.array(array))


def there_is_cupy() -> None:
    """See that CuPy can be used.

    Raises
    ------
    Absent
        if not
    """
    try:
        import cupy

        count = cupy.cuda.runtime.getDeviceCount()
    except Exception as error:  # noqa: BLE001  (a driver may raise anything)
        what = "" if isinstance(error, ImportError) else " no CUDA device answers it:"
        raise Absent(f"it takes CuPy's arrays, and{what} {' '.join(str(error).split())}") from None
    if not count:
        raise Absent("it takes CuPy's arrays, and there is no CUDA device")


MOVERS = {"numpy": numpy_array, "torch": torch_tensor, "cupy": cupy_array}


# What the file has


@functools.lru_cache(maxsize=1)
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


def contents(module: Any) -> dict[str, list[str]]:
    """Name the classes and functions that the file defines, and those that it only imports."""
    found: dict[str, list[str]] = {"classes": [], "functions": [], "imported": []}
    for name, value in vars(module).items():
        kind = "classes" if inspect.isclass(value) else "functions"
        if name.startswith("_") or not callable(value):
            continue
        found[kind if getattr(value, "__module__", None) == module.__name__ else "imported"].append(name)
    return found


def describe(module: Any, name: str, methods: list[str]) -> dict[str, Any]:
    """Tell the arguments of a function, or of a class's constructor and of those of these methods that it has."""
    thing = getattr(module, name)
    home = sys.modules.get(getattr(thing, "__module__", ""), module)
    libraries = sorted({array_module for place in (module, home) for array_module in libraries_in(place)})
    if not inspect.isclass(thing):
        return {"kind": "function", "arguments": arguments_of(thing, name), "libraries": libraries}
    inherited = [base for base in thing.__mro__ if base is not object]
    has = {method for base in inherited for method in vars(base) if callable(getattr(thing, method, None))}
    bases = {(base.__module__.partition(".")[0], base.__name__) for base in inherited}
    return {
        "kind": "class",
        "torch": next((kind for kind in ("Module", "Optimizer") if ("torch", kind) in bases), None),
        "arguments": arguments_of(thing, "its constructor"),
        "methods": {method: method_arguments(thing, method) for method in methods if method in has},
        "libraries": libraries,
    }


def libraries_in(module: Any) -> set[str]:
    """Which libraries of arrays a module uses."""
    names = set()
    for value in list(vars(module).values()):
        name = value.__name__ if inspect.ismodule(value) else getattr(value, "__module__", None)
        names.add(name.partition(".")[0] if isinstance(name, str) else "")
    return names & set(MOVERS)


def method_arguments(cls: Any, method: str) -> list[dict[str, Any]]:
    """Describe a method's arguments, without self."""
    described = arguments_of(getattr(cls, method), method)
    is_plain = not isinstance(inspect.getattr_static(cls, method), (staticmethod, classmethod))
    return described[1:] if is_plain else described


def arguments_of(function: Any, what: str) -> list[dict[str, Any]]:
    """Name, kind and default of each argument; a default that JSON cannot carry is given in words."""
    described = []
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError) as error:
        raise Refusal(f"Python cannot tell the arguments of {what}: {error}") from None
    for p in parameters:
        required = p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        try:
            json.dumps(p.default)
            default = p.default
        except (TypeError, ValueError):
            default = repr(p.default)
        described.append({"name": p.name, "kind": p.kind.name, "required": required, "default": default})
    return described


def follow(thing: Any, path: str) -> Any:
    """What lies at a path of attributes, keys and indices."""
    for name in path.split(".") if path else []:
        if isinstance(thing, dict):
            thing = thing[name]
        else:
            thing = thing[int(name)] if isinstance(thing, (list, tuple)) else getattr(thing, name)
    return thing


def arrays_in(thing: Any, known: list[str]) -> dict[str, list[int]]:
    """The shapes of the arrays that an object holds: in known attributes (properties, too), in others, and below."""
    found: dict[str, Any] = {}
    paths = [*known, *getattr(thing, "__dict__", {})]
    if hasattr(thing, "state_dict"):
        with contextlib.suppress(Exception):
            paths += list(thing.state_dict())
    for path in paths:
        with contextlib.suppress(Exception):  # a property may raise anything; then it holds no array
            value = follow(thing, path)
            inner = value
            if host(content(value)) is None:
                inner = getattr(value, "__dict__", inner)
            below = inner.items() if isinstance(inner, dict) else enumerate(inner) if isinstance(inner, list) else ()
            for key, one in [("", value), *list(below)[:PARTS_LIMIT]]:
                array = host(content(one))
                if isinstance(array, np.ndarray):
                    found[f"{path}.{key}" if key != "" else path] = list(array.shape)
    return found


# Running it


class Run:
    """Named values, and the steps that are done with them."""

    def __init__(self, module: Any, array_module: str) -> None:
        self.module, self.array_module, self.move = module, array_module, MOVERS[array_module]
        self.values: dict[str, Any] = {}
        self.given: dict[str, Any] = {}
        self.kept: dict[str, Any] = {}
        self.seen: dict[str, Any] = {}
        self.options: list[Options] = []

    def give(self, arrays: dict[str, Any]) -> None:
        """Take inputs; the layer gets copies."""
        self.given.update(arrays)
        self.values.update({name: self.move(array) for name, array in arrays.items()})

    def do(self, steps: Any) -> None:
        """Do one step after the other."""
        for verb, *rest in steps:
            getattr(self, f"do_{verb}")(*rest)

    def do_call(self, to: str, what: str, arguments: Any = (), named: Any = None) -> None:
        """Call something."""
        first, _, path = what.partition(".")
        function = getattr(self.module, what[1:]) if what.startswith(":") else follow(self.values[first], path)
        positional = [self.meant(each) for each in arguments]
        by_name = {name: self.meant(each) for name, each in (named or {}).items()}
        if by_name:
            nameless = [p for p in inspect.signature(function).parameters.values() if p.kind is p.POSITIONAL_ONLY]
            positional += [by_name.pop(p.name, p.default) for p in nameless[len(positional) :]]
        self.values[to] = function(*positional, **by_name)

    def do_let(self, to: str, argument: Any) -> None:
        """Keep an argument."""
        self.values[to] = self.meant(argument)

    def do_item(self, to: str, of: str, index: int) -> None:
        """Take a part."""
        self.values[to] = self.values[of][index]

    def do_first(self, to: str, of: str) -> None:
        """Take what counts of a result."""
        value = self.values[of]
        self.values[to] = value[0] if isinstance(value, tuple) else value

    def do_copy(self, to: str, of: str) -> None:
        """Keep what a result is now."""
        value = self.values[of]
        parts = [value] if not isinstance(value, tuple) else value
        copies = [numpy_array(host(part)) if host(part) is not None else part for part in parts]
        self.values[to] = tuple(copies) if isinstance(value, tuple) else copies[0]

    def do_get(self, to: str, of: str, paths: list[str]) -> None:
        """Find an attribute that holds an array."""
        for path in paths:
            with contextlib.suppress(AttributeError, LookupError, TypeError, ValueError):
                value = content(follow(self.values[of], path))
                if host(value) is not None:
                    self.values[to] = value
                    return
        self.values[to] = Words(NOWHERE)

    def do_put(self, of: str, paths: dict[str, str]) -> None:
        """Give a layer its state, each number in the dtype in which the layer keeps it."""
        for name, path in paths.items():
            self.kept[name] = self.put(self.values[of], path, self.given[name], name)

    def do_reset(self, of: str, path: str, name: str) -> None:
        """Give something one array."""
        self.put(self.values[of], path, self.given[name], name)

    def do_assign(self, of: str, path: str, argument: Any) -> None:
        """Set an attribute."""
        parent, _, last = path.rpartition(".")
        setattr(follow(self.values[of], parent), last, self.meant(argument))

    def put(self, of: Any, path: str, array: Any, name: str) -> Any:
        """Copy an array into one that is there; dtype and shape of that."""
        holder = follow(of, path)
        target = content(holder)
        there = host(target)
        value = arranged(array, there.shape)
        if value.shape != there.shape:
            raise ValueError(f".{path} has shape {there.shape}, torch's {name} has {array.shape}")
        if isinstance(target, np.ndarray) and target.flags.writeable:
            np.copyto(target, value, casting="same_kind")
        elif isinstance(target, (np.ndarray, np.generic)):
            parent, _, last = path.rpartition(".")
            owner, last = (follow(of, parent), last) if target is holder else (holder, "data")
            value = value.astype(there.dtype)
            owner.__setitem__(last, value) if isinstance(owner, dict) else setattr(owner, last, value)
        elif self.array_module == "torch":
            target.detach().copy_(self.move(value))
        else:
            target[...] = self.move(value)
        return [there.dtype.name, list(there.shape)]

    def do_evaluate(self, of: str, must: bool) -> None:
        """Switch a layer from training to evaluation."""
        layer = self.values[of]
        name = next((name for name in ("training", "is_training", "train", "train_flg") if hasattr(layer, name)), None)
        if callable(getattr(layer, "eval", None)):
            layer.eval()
        elif name is not None and not callable(getattr(layer, name)):
            setattr(layer, name, False)
        elif must:
            raise Refusal("evaluation")

    def do_parameter(self, to: str, user: str, name: str) -> None:
        """Make a parameter, by the file's own class for it if there is one."""
        home = sys.modules.get(getattr(getattr(self.module, user), "__module__", ""), self.module)
        own = next((place.Parameter for place in (self.module, home) if hasattr(place, "Parameter")), None)
        if self.array_module == "torch":
            import torch

            own = torch.nn.Parameter
        self.values[to] = (own or Parameter)(self.values[name])

    def do_look(self, of: str, known: list[str]) -> None:
        """See which arrays an object holds."""
        self.seen = arrays_in(self.values[of], known)

    def meant(self, argument: Any) -> Any:
        """What an argument stands for."""
        if isinstance(argument, list):
            return tuple(self.meant(each) for each in argument)
        if not isinstance(argument, dict):
            return argument
        ((kind, inner),) = argument.items()
        if kind == "$":
            return self.values[inner]
        if kind == "dtype":
            return self.dtype(inner)
        if kind == "list":
            return [self.meant(each) for each in inner]
        entries = {key: self.meant(each) for key, each in inner.items()}
        if kind == "options":
            self.options.append(Options(entries))
            return self.options[-1]
        return SimpleNamespace(**entries) if kind == "object" else entries

    def dtype(self, name: str) -> Any:
        """A dtype of the array module."""
        if self.array_module != "torch":
            return np.dtype(name)
        import torch

        return getattr(torch, name)

    def changed(self) -> list[str]:
        """The inputs whose numbers are no longer what they were."""
        return [name for name, was in self.given.items() if host(self.values[name]).tobytes() != was.tobytes()]


def run(
    module: Any,
    inputs: str,
    outputs: str,
    steps: Any,
    results: list[str],
    before: Any,
    each: list[str],
    array_module: str,
) -> dict[str, Any]:
    """Do the steps: once; for each sample, on new values; or, after `before`, for each on the values of the last."""
    if array_module == "cupy":
        there_is_cupy()
    with np.load(inputs, allow_pickle=False) as file:
        given = {name: file[name] for name in file.files}
    always = {name: array for name, array in given.items() if name not in each}
    this = Run(module, array_module)
    if before:
        this.give(always)
        this.do(before)
    rounds: list[dict[str, Any]] = []
    changed: set[str] = set()
    for n in range(len(given[each[0]]) if each else 1):
        if not before:
            kept, seen = this.kept, this.seen
            this = Run(module, array_module)
            this.kept, this.seen = kept, seen
            this.give(always)
        this.give({name: given[name][n] for name in each})
        this.do(steps)
        rounds.append({})
        for name in results:
            rounds[-1].update(results_of(name, this.values.get(name)))
        changed.update(this.changed())
    found = {name: together([one.get(name, Words("is missing")) for one in rounds]) for name in rounds[0]}
    if not each:
        found = rounds[0]
    np.savez(outputs, **{name: value for name, value in found.items() if not isinstance(value, str)})
    return {
        "problems": {name: str(value) for name, value in found.items() if isinstance(value, str)},
        "changed": sorted(changed),
        "kept": this.kept,
        "read": sorted({key for options in this.options for key in options.read}),
        "seen": this.seen,
    }


def together(values: list[Any]) -> Any:
    """The results of all rounds in one array."""
    words = [value for value in values if isinstance(value, str)]
    if words:
        return words[0]
    shapes = sorted({value.shape for value in values})
    if len(shapes) > 1:
        return Words(f"has shapes {' and '.join(map(str, shapes))} for samples of one shape")
    return np.stack(values)


# The conversation


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


def answer_to(request: dict[str, Any], module: Any, file: str) -> dict[str, Any]:
    """Serve one request on what `module()` gives, which comes from the file."""
    serve: dict[str, Any] = {"contents": contents, "describe": describe, "run": run}
    try:
        do = serve[request.pop("do")]
        return {"answer": do(module(), **request)}
    except Refusal as refusal:
        return {"refused": str(refusal)}
    except Absent as absent:
        return {"absent": str(absent)}
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  (a layer may raise anything, SystemExit too)
        return {"raised": raised(error, file)}


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
    with Path(places).open("a") as stood:
        faulthandler.enable(stood)
        send(answers, {"answer": "ready"})
        for line in requests:
            request = json.loads(line)
            stood.truncate(0)
            faulthandler.dump_traceback_later(request.pop("timeout"), file=stood)
            answer = answer_to(request, lambda: load(file), file)
            faulthandler.cancel_dump_traceback_later()
            send(answers, answer)


if __name__ == "__main__":
    main()
