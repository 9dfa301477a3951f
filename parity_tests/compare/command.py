"""`python -m parity_tests compare MODEL.py:build`: a whole model against torch, layer by layer and step by step.

With `--save FILE.npz` the reference run is kept, and `--against FILE.npz` compares with it on a machine without torch.
"""

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from parity_tests.compare.model import CannotRun, Unusable, input_shape, load_builder, record_layers
from parity_tests.harness.implementations import IMPLEMENTATIONS
from parity_tests.harness.recording import LayerVerdict, Recording, judge_recording
from parity_tests.report.layout import fold
from parity_tests.terminal import AGREE, DISAGREE, ENVIRONMENT, USAGE, natural, show, unwritable
from scratch.array import HostArray


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Tell argparse the arguments and options."""
    parser.add_argument("model", metavar="FILE.py:build", help="a function of the namespace: def build(nn): ...")
    parser.add_argument("--impl", choices=IMPLEMENTATIONS, default="scratch", help="whom to compare, default scratch")
    parser.add_argument(
        "--input", type=shape, metavar="CxHxW", help="the shape of one input; found by trying if left out"
    )
    parser.add_argument("--batch", type=positive, default=4, help="inputs at a time, default 4")
    parser.add_argument("--dtype", choices=("float32", "float64"), default="float32", help="default float32")
    parser.add_argument("--seed", type=natural, default=0, help="of weights and inputs, 0 by default")
    parser.add_argument("--steps", type=natural, default=20, help="of training in lock-step, default 20; 0 for none")
    parser.add_argument("--save", type=Path, metavar="FILE.npz", help="keep the reference run")
    parser.add_argument(
        "--against", type=Path, metavar="FILE.npz", help="compare with one that was kept; takes no torch"
    )


def shape(word: str) -> tuple[int, ...]:
    """A shape such as 3x32x32."""
    parts = word.split("x")
    if not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise argparse.ArgumentTypeError(f"{word!r} is no shape such as 3x32x32")
    return tuple(map(int, parts))


def positive(word: str) -> int:
    """1, 2, 3, ..."""
    if not word.isdecimal() or int(word) < 1:
        raise argparse.ArgumentTypeError(f"{word!r} is not 1, 2, 3, ...")
    return int(word)


def run(arguments: argparse.Namespace) -> int:
    """Compare the model; returns the exit code."""
    try:
        written, agree = compare(arguments)
    except Unusable as reason:
        print(f"compare: {reason}", file=sys.stderr)
        return USAGE
    except CannotRun as reason:
        print(f"compare: {reason}", file=sys.stderr)
        return ENVIRONMENT
    show(written)
    return AGREE if agree else DISAGREE


def compare(arguments: argparse.Namespace) -> tuple[str, bool]:
    """Compare the model; returns the report, and whether all layers agree.

    Raises
    ------
    Unusable
        if the model or a file cannot be used
    CannotRun
        if the namespace cannot run here, or torch is missing
    """
    implementation = IMPLEMENTATIONS[arguments.impl]
    if (reason := implementation.why_not()) is not None:
        raise CannotRun(f"{arguments.impl} cannot run here: {reason}")
    if arguments.save and (problem := unwritable(arguments.save)):
        raise Unusable(f"--save {arguments.save}: {problem}")
    if arguments.save and arguments.against:
        raise Unusable("--save makes a reference run, --against takes one that was made: give one of the two")
    build = load_builder(arguments.model)
    specs = record_layers(build)
    if unknown := [spec.op for spec in specs if not hasattr(implementation.nn, spec.op)]:
        raise Unusable(f"{arguments.impl} has no {' and no '.join(dict.fromkeys(unknown))}")
    if arguments.against:
        from parity_tests.compare.saved import load

        recording, meta = load(arguments.against)
        if (mine := list(map(str, specs))) != (its := [str(layer.spec) for layer in recording.layers]):
            raise Unusable(f"{arguments.against} is of another model: {', '.join(its)}; here it is {', '.join(mine)}")
        source = f"{arguments.against}, made with torch {meta['made with']['torch']}, seed {meta['seed']}"
        return report(arguments, recording, judged(recording, build, implementation), source, "")

    if find_spec("torch") is None:
        raise CannotRun('torch is missing: pip install -c constraints.txt -e ".[torch]" brings it, or give --against')
    import torch

    from parity_tests.compare import text
    from parity_tests.compare.steps import train_side_by_side
    from parity_tests.harness.layerwise import record

    one = arguments.input or input_shape(build)
    try:
        x, target = inputs(build, one, arguments.batch, arguments.seed)
        recording = record(build, x, target, arguments.dtype, arguments.seed)
    except (RuntimeError, ValueError, TypeError) as error:
        raise Unusable(f"torch cannot run this model on inputs of shape {one}: {error}") from None
    if arguments.save:
        from parity_tests.compare.saved import save

        save(recording, arguments.save, arguments.seed, torch.__version__)
    verdicts = judged(recording, build, implementation)
    trained = ""
    if arguments.steps and recording.state:
        wide = {n: v.astype(np.float64) if v.dtype.kind == "f" else v for n, v in recording.state.items()}
        together = train_side_by_side(build, implementation.nn, wide, x, target, arguments.steps)
        trained = text.training(arguments.impl, together)
    found = "" if arguments.input else " (the first shape that fits: --input gives another)"
    source = f"torch {torch.__version__}, {arguments.batch} inputs of {'x'.join(map(str, one))}{found}"
    return report(arguments, recording, verdicts, f"{source}, {arguments.dtype}, seed {arguments.seed}", trained)


def judged(recording: Recording, build: Any, implementation: Any) -> list[LayerVerdict]:
    """Run the model in our namespace.

    Raises
    ------
    Unusable
        if that namespace refuses it
    """
    try:
        return judge_recording(recording, build, implementation.name, implementation.nn)
    except (AttributeError, TypeError, ValueError, KeyError) as error:
        raise Unusable(f"{implementation.name} cannot run this model: {type(error).__name__}: {error}") from None


def inputs(build: Any, one: tuple[int, ...], batch: int, seed: int) -> tuple[HostArray, HostArray]:
    """Draw inputs, and what the model should learn: labels where it gives (N, C), else numbers."""
    import torch

    from parity_tests.harness.torch_side import host

    generator = np.random.default_rng(seed)
    x = generator.standard_normal((batch, *one))
    with torch.no_grad():
        y = host(build(torch.nn).double()(torch.from_numpy(x)))
    if y.ndim == 2 and y.shape[1] > 1:
        return x, generator.integers(0, y.shape[1], batch)
    return x, generator.standard_normal(y.shape)


def report(
    arguments: argparse.Namespace, recording: Recording, verdicts: list[LayerVerdict], source: str, trained: str
) -> tuple[str, bool]:
    """Write everything down."""
    from parity_tests.compare import text

    sentence = fold(text.verdict(arguments.impl, arguments.model, verdicts))
    parts = [sentence, fold(f"Reference: {source}"), text.layers(recording, verdicts), text.worst(verdicts)]
    parts += [trained, sentence]
    return "\n\n".join(filter(None, parts)) + "\n", all(map(text.agrees, verdicts))
