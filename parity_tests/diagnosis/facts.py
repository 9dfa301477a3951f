"""What is seen in the numbers, whether or not an error has a name: ratios, places, options, precision."""

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from parity_tests.diagnosis.scene import Scene
from parity_tests.diagnosis.traits import traits
from parity_tests.harness.comparison import Verdict
from parity_tests.harness.referee import Finding
from scratch.array import HostArray

FORMATS = {"float16 or TF32": 2.0**-10, "bfloat16": 2.0**-7, "float32": 2.0**-23}
"""The epsilons of formats that arithmetic may have gone through."""

SIDES = {"first row": (-2, 0), "last row": (-2, -1), "first column": (-1, 0), "last column": (-1, -1)}


def sums(scene: Scene, want: HostArray) -> float:
    """How many upstream gradients there are for each output channel, inverted."""
    dy = scene.inputs.get("dy")
    channels = 1 if dy is None or dy.ndim < 2 else dy.shape[-3 if dy.ndim > 2 else -1]
    return 1.0 if dy is None or dy.size == 0 else channels / dy.size


FACTORS: dict[str, Callable[[Scene, HostArray], float]] = {
    "1 / (samples)": lambda scene, want: 1 / max(scene.samples, 1),
    "the number of samples": lambda scene, want: float(scene.samples),
    "1 / (numbers in x)": lambda scene, want: 1 / max(scene.inputs["x"].size, 1),
    "the numbers in x": lambda scene, want: float(scene.inputs["x"].size),
    "1 / (numbers in dy / channels)": sums,
}
"""Factors that depend on the case."""


def facts_of(scenes: Sequence[Scene], unexplained: Sequence[str]) -> list[str]:
    """Everything that is seen in the tensors that nothing explains, and the worst element of the others.

    Parameters
    ----------
    scenes : the smallest first
    unexplained : the tensors of which there is most to say; they come first
    """
    wrong = dict.fromkeys(
        [*unexplained, *(name for scene in scenes for name in scene.truth if name in scene.disagrees)]
    )
    lines = []
    for tensor in wrong:
        bad = [scene for scene in scenes if tensor in scene.disagrees]
        lines.append(f"{tensor}: {worst(bad[0], tensor)}")
        told: list[str] = [*dtypes(bad, tensor)]
        if tensor in unexplained:
            good = [scene for scene in scenes if tensor in scene.got and tensor not in scene.disagrees]
            told += filter(None, (options(bad, good), ratio(bad, tensor), finiteness(bad, tensor)))
            told += filter(None, (place(bad, tensor), precision(bad, tensor)))
        lines += [f"{tensor}: {line}" for line in told]
    return lines


def finding_of(scene: Scene, tensor: str) -> Finding:
    """The verdict on a tensor that disagrees."""
    return next(each for each in scene.evidence.findings if each.tensor == tensor and not each.ours.verdict.agrees)


def worst(scene: Scene, tensor: str) -> str:
    """The worst element of a case, with both values."""
    ours = finding_of(scene, tensor).ours
    values = "" if ours.at is None else f"at {list(ours.at)} it has {ours.got:.9g}, torch has {ours.want:.9g}"
    what = f"{values} ({ours.reason})" if values and ours.reason else values or ours.reason
    return f"in {scene.case}, {scene.dtype}, {what}"


def dtypes(bad: Iterable[Scene], tensor: str) -> list[str]:
    """Dtypes that are not the right ones."""
    pairs: dict[tuple[Any, Any], None] = {}
    for scene in bad:
        if tensor in scene.got:
            right = scene.truth[tensor].value.dtype
            should = np.dtype(scene.dtype) if right.kind == "f" else right
            pairs[scene.got[tensor].dtype, should] = None
    return [f"is {got}, should be {should}" for got, should in pairs if got != should]


def options(bad: Sequence[Scene], good: Sequence[Scene]) -> str:
    """What all cases that disagree have in common, and no other case has; two options together if one does not do."""
    shared = set.intersection(*map(traits, bad))
    others = list(map(traits, good))
    if not others:
        return f"in none of the {count(bad)} is it right"
    reasons: list[tuple[str, ...]] = [(word,) for word in sorted(shared) if not any(word in each for each in others)]
    if not reasons:
        pairs = list(combinations(sorted(shared), 2))
        reasons += [pair for pair in pairs if not any({*pair} <= each for each in others)][:1]
    if reasons:
        words = " (or ".join(" together with ".join(reason) for reason in reasons[:2]) + ")" * (len(reasons[:2]) - 1)
        return f"wrong only with {words}: in all {count(bad)} that have it, and in none of the {len(others)} others"
    return f"wrong in {count(bad)}, right in {len(others)}"


def count(some: Sequence[Scene]) -> str:
    """1 run, 2 runs."""
    return f"{len(some)} run{'' if len(some) == 1 else 's'}"


def comparable(scene: Scene, tensor: str) -> tuple[HostArray, HostArray] | None:
    """What was got and what is right, in float64, where both have one shape and some elements."""
    got, want = scene.got.get(tensor), scene.truth[tensor].value if tensor in scene.truth else None
    if got is None or want is None or got.shape != want.shape or got.size == 0:
        return None
    return got.astype(np.float64), want.astype(np.float64)


def ratio(bad: Iterable[Scene], tensor: str) -> str:
    """The factor by which all elements are too large, if there is one."""
    ratios = []
    for scene in bad:
        pair = comparable(scene, tensor)
        if pair is None:
            return ""
        got, want = (each[np.isfinite(pair[0]) & np.isfinite(pair[1])] for each in pair)
        large = np.abs(want) > 1e-3 * np.abs(want).max(initial=0.0)
        each = got[large] / want[large]
        if each.size and np.ptp(each) > 1e-3 * abs(each.mean()):
            return ""
        if each.size == 0:
            continue
        ratios.append((scene, want, each))
    if not ratios or max(each.size for _, _, each in ratios) < 2:
        return ""
    means = [float(each.mean()) for _, _, each in ratios]
    names = FACTORS if "x" in ratios[0][0].inputs else {}
    factors = {words: [factor(scene, want) for scene, want, _ in ratios] for words, factor in names.items()}
    words = next((words for words, values in factors.items() if np.allclose(means, values, rtol=1e-3, atol=0)), "")
    if np.ptp(means) <= 1e-3 * abs(means[0]):
        number = f"{means[0]:.6g}{f', that is {words},' if words else ''}"
        return f"{number} times torch's, every element of every run that disagrees"
    if words:
        return f"{words} times torch's, every element of every run that disagrees"
    return f"a constant factor in every run, {means[0]:.6g} in the first, but not the same in all"


def finiteness(bad: Sequence[Scene], tensor: str) -> str:
    """NaN and infinities that should not be there, or are missing."""
    pairs = [pair for scene in bad if (pair := comparable(scene, tensor)) is not None]
    if not pairs:
        return ""
    if all(np.isnan(got).all() for got, _ in pairs):
        return "NaN everywhere"
    too_many = sum((~np.isfinite(got) & np.isfinite(want)).any() for got, want in pairs)
    missing = sum((np.isfinite(got) & ~np.isfinite(want)).any() for got, want in pairs)
    told = []
    if too_many:
        told.append(f"not finite where torch has numbers, in {too_many} of {count(bad)}")
    if missing:
        told.append(f"a number where torch has NaN or an infinity, in {missing} of {count(bad)}")
    return "; ".join(told)


def wrong_elements(scene: Scene, tensor: str) -> HostArray | None:
    """Which elements are wrong: beyond the law, or if none is, above what roundings make of it."""
    pair = comparable(scene, tensor)
    if pair is None:
        return None
    got, want = pair
    law = scene.truth[tensor].law
    same = (got == want) | (np.isnan(got) & np.isnan(want))
    error = np.abs(got - want)
    if law is None:
        return np.asarray(~same & (got != want.astype(scene.got[tensor].dtype)))
    beyond: HostArray = ~same & ~(error <= law.hard)
    return beyond if beyond.any() else np.asarray(~same & ~(error <= law.scale))


def place(bad: Iterable[Scene], tensor: str) -> str:
    """Where in the tensor the wrong elements are, if that is the same in all runs."""
    masks = [mask for scene in bad if (mask := wrong_elements(scene, tensor)) is not None and mask.any()]
    told = []
    planes = [mask for mask in masks if mask.ndim >= 3 and min(mask.shape[-2:]) > 2]
    if planes and len(planes) == len(masks):
        inner = [mask[..., 1:-1, 1:-1] for mask in planes]
        sides = {side for mask in planes for side, (axis, at) in SIDES.items() if np.take(mask, at, axis).any()}
        if not any(mask.any() for mask in inner):
            told.append(f"only at the border ({', '.join(side for side in SIDES if side in sides)})")
        elif not sides:
            told.append("only in the interior, never at the border")
    for axis, word in ((0, "sample"), (1, "channel")):
        if told or not all(mask.ndim == 4 for mask in masks):
            break
        several = [np.flatnonzero(mask.any(tuple(a for a in range(4) if a != axis))) for mask in masks]
        lengths = [mask.shape[axis] for mask in masks]
        if max(lengths, default=1) < 2:
            continue
        if all(at.tolist() == [0] for at in several):
            told.append(f"only in the first {word}")
        elif all(at.tolist() == [n - 1] for at, n in zip(several, lengths, strict=True)):
            told.append(f"only in the last {word}")
        elif all(0 not in at for at in several):
            told.append(f"never in the first {word}")
    if not told and masks and all(mask.all() for mask in masks) and max(mask.size for mask in masks) > 1:
        told.append("every element is wrong")
    return ", ".join(told)


def precision(bad: Sequence[Scene], tensor: str) -> str:
    """How large the errors are in units of rounding, where they are small, and which format would make them."""
    runs = [(scene, finding_of(scene, tensor).ours) for scene in bad]
    if not all(np.isfinite(ours.index) and ours.index > 0 for _, ours in runs):
        return ""
    errors = [ours.index * float(np.finfo(scene.dtype).eps) for scene, ours in runs]
    if max(errors) > 0.1:
        return ""
    low, high = min(ours.index for _, ours in runs), max(ours.index for _, ours in runs)
    text = f"imprecise rather than wrong: precision index {low:.3g} to {high:.3g}"
    if all(ours.verdict is not Verdict.IMPRECISE for _, ours in runs):
        text = f"small errors: precision index {low:.3g} to {high:.3g}"
    fitting = [name for name, eps in FORMATS.items() if min(errors) / eps > 0.01 and max(errors) / eps < 1]
    return f"{text}, the size that arithmetic in {fitting[0]} has" if fitting else text
