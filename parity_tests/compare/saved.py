"""A reference run in a file, so that a machine without torch can compare with it.

One .npz without pickle: "meta" is JSON in bytes, all else arrays,

    3/inputs/x  3/inputs/dy  3/inputs/weight ...     what layer 3 got
    3/oracle/y  3/oracle/dx  ...                     what it should give, in float64
    3/hard/y    3/scale/y    ...                     how far it may be away: a law; none where it must be exact

and "meta" holds the format's version, the versions of what made it, the seed, the layers' constructor calls, how
torch's own result was judged, and a SHA-256 of every array.
"""

import hashlib
import json
import math
import platform
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from parity_tests.compare.model import Unusable
from parity_tests.harness.case import Spec
from parity_tests.harness.comparison import Comparison, Law, Verdict, as_dict
from parity_tests.harness.recording import RecordedLayer, Recording
from parity_tests.harness.referee import Reference
from scratch.array import HostArray

FORMAT, VERSION = "nn-parity reference run", 1


def save(recording: Recording, path: Path, seed: int, torch_version: str) -> None:
    """Write a reference run.

    Raises
    ------
    OSError
        if it cannot be written there
    """
    arrays: dict[str, HostArray] = {}
    layers = []
    for position, layer in enumerate(recording.layers):
        should = layer.should
        arrays |= {f"{position}/inputs/{name}": value for name, value in should.inputs.items()}
        arrays |= {f"{position}/oracle/{name}": value for name, value in should.oracle.items()}
        for name, law in should.laws.items():
            if law is not None and name in should.oracle:
                arrays |= {f"{position}/hard/{name}": law.hard, f"{position}/scale/{name}": law.scale}
        layers.append(
            {
                "path": layer.path,
                "op": layer.spec.op,
                "args": list(layer.spec.args),
                "settings": dict(layer.spec.settings),
                "training": layer.training,
                "torch": {name: in_words(as_dict(found)) for name, found in should.torch.items()},
            }
        )
    meta = {
        "format": FORMAT,
        "version": VERSION,
        "made with": {"torch": torch_version, "numpy": np.__version__, "python": platform.python_version()},
        "dtype": recording.dtype,
        "seed": seed,
        "layers": layers,
        "sha256": {name: checksum(value) for name, value in arrays.items()},
    }
    arrays["meta"] = np.frombuffer(json.dumps(meta, allow_nan=False).encode(), np.uint8)
    with path.open("wb") as file:  # np.savez would add .npz to another name
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def load(path: Path) -> tuple[Recording, dict[str, Any]]:
    """Read a reference run.

    Returns
    -------
    the recording, and the file's meta data

    Raises
    ------
    Unusable
        if there is no such file, or it is damaged or of another kind
    """
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:  # np.load leaves a bad file open
            arrays = {name: file[name] for name in file.files}
        meta = json.loads(arrays.pop("meta").tobytes())
        kind, version = meta["format"], meta["version"]
    except FileNotFoundError:
        raise Unusable(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise Unusable(f"{path}: this is a folder") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise Unusable(f"{path}: the file is damaged ({error})") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise Unusable(f"{path}: this is no reference run that `compare --save` wrote") from None
    if kind != FORMAT:
        raise Unusable(f"{path}: this is no reference run that `compare --save` wrote, it is {kind!r}")
    if version != VERSION:
        raise Unusable(f"{path}: its format has version {version}, this program reads {VERSION}: save it anew")
    sums = {name: checksum(value) for name, value in arrays.items()}
    if sums != meta["sha256"]:
        wrong = sorted(name for name in sums.keys() | meta["sha256"] if sums.get(name) != meta["sha256"].get(name))
        raise Unusable(f"{path}: the file is damaged: the checksum of {wrong[0]} is not the one that was saved")
    try:
        layers = [layer_of(position, described, arrays) for position, described in enumerate(meta["layers"])]
    except (KeyError, TypeError, ValueError) as error:
        raise Unusable(f"{path}: the file is damaged ({error})") from None
    return Recording(meta["dtype"], layers), meta


def layer_of(position: int, described: dict[str, Any], arrays: dict[str, HostArray]) -> RecordedLayer:
    """Put one layer together again."""

    def part(kind: str) -> dict[str, HostArray]:
        prefix = f"{position}/{kind}/"
        return {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}

    inputs, oracle, hard, scale = part("inputs"), part("oracle"), part("hard"), part("scale")
    laws = {name: Law(hard[name], scale[name]) if name in hard else None for name in oracle}
    torch = {name: comparison(found) for name, found in described["torch"].items()}
    settings = tuple((name, as_given(value)) for name, value in described["settings"].items())
    spec = Spec(described["op"], tuple(map(as_given, described["args"])), settings)
    should = Reference(inputs, oracle, torch, laws, {})
    return RecordedLayer(described["path"], spec, described["training"], should)


def as_given(value: Any) -> Any:
    """An argument as it was; JSON has lists only."""
    return tuple(value) if isinstance(value, list) else value


def in_words(found: dict[str, Any]) -> dict[str, Any]:
    """The same with infinities and NaN as words, since JSON has none."""
    return {k: str(v) if isinstance(v, float) and not math.isfinite(v) else v for k, v in found.items()}


def comparison(found: dict[str, Any]) -> Comparison:
    """Undo `in_words`."""
    numbers = {name: float(found[name]) for name in ("worst", "index")}
    values = {name: None if found[name] is None else float(found[name]) for name in ("got", "want")}
    at = None if found["at"] is None else tuple(found["at"])
    counts = tuple(found["counts"])
    return Comparison(
        Verdict(found["verdict"]),
        numbers["worst"],
        numbers["index"],
        at,
        **values,
        reason=found["reason"],
        counts=counts,
    )


def checksum(array: HostArray) -> str:
    """SHA-256 over dtype, shape and numbers."""
    kind = f"{array.dtype.str} {array.shape} ".encode()
    return hashlib.sha256(kind + np.ascontiguousarray(array).tobytes()).hexdigest()
