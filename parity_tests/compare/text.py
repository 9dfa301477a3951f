"""What `compare` found, as text in 80 columns: the verdict first and last."""

from textwrap import wrap
from typing import TYPE_CHECKING

from parity_tests.harness.recording import DRAWS_AT_RANDOM, LayerVerdict, Recording
from parity_tests.report.layout import cell, fold, table

if TYPE_CHECKING:
    from parity_tests.compare.steps import Together  # imports torch, which need not be there

NAMES = 17
"""The width of the column of names; a long path takes several lines."""

CURVE = 6
"""Points of a loss curve that are shown."""


def verdict(name: str, word: str, verdicts: list[LayerVerdict]) -> str:
    """One sentence."""
    bad = [position for position, each in enumerate(verdicts) if not agrees(each)]
    if not bad:
        return f"AGREE: every layer of {word} in {name} matches torch ({len(verdicts)} layers)"
    first = verdicts[bad[0]]
    tensors = [finding.tensor for finding in first.findings if not finding.ours.verdict.agrees]
    more = "" if len(bad) == 1 else f"; {len(bad)} of {len(verdicts)} layers disagree"
    return f"DISAGREE: {word} in {name} parts from torch at layer {bad[0]}, {first.layer}: {', '.join(tensors)}{more}"


def agrees(verdict: LayerVerdict) -> bool:
    """Whether a layer by itself agrees."""
    return all(finding.ours.verdict.agrees for finding in verdict.findings)


def layers(recording: Recording, verdicts: list[LayerVerdict]) -> str:
    """A row for each layer."""
    rows = []
    for recorded, each in zip(recording.layers, verdicts, strict=True):
        tensors = {finding.tensor: finding for finding in each.findings}
        shape = "x".join(map(str, recorded.should.oracle["y"].shape))
        own = [cell([(f.dtype, f.ours)]) for f in (tensors[name] for name in ("y", "dx"))]
        others = [(f.dtype, f.ours) for name, f in tensors.items() if name not in ("y", "dx")]
        flips = f"{each.flips} of {each.decisions}" if each.decisions else ""
        name = "\n".join(wrap(f"{recorded.path} {recorded.spec.op}", NAMES))
        rows.append([name, shape, *own, cell(others) if others else "", f"{each.piled_up:.0e}", flips])
    title = fold(
        "Each layer by itself, on torch's input to it: y, dx and the gradients of the weights (dw), as fractions of "
        "what rounding allows. Beside it, not judged: the error that has piled up in the running model, and how many "
        "decisions (signs of ReLU, places of a maximum) came out otherwise."
    )
    if resting := {recorded.spec.op for recorded in recording.layers} & set(DRAWS_AT_RANDOM):
        title += "\n" + fold(f"{' and '.join(sorted(resting))}: in evaluation, here and in training.")
    return title + "\n\n" + table(["", "y", "y", "dx", "dw", "piled up", "decided\notherwise"], rows)


def worst(verdicts: list[LayerVerdict]) -> str:
    """The worst element of each tensor that disagrees."""
    lines = []
    for each in verdicts:
        for finding in each.findings:
            ours = finding.ours
            if not ours.verdict.agrees:
                place = "" if ours.at is None else f" at {list(ours.at)} it has {ours.got:.9g}, torch {ours.want:.9g}"
                lines.append(fold(f"{finding.case}, {finding.tensor}: {ours.verdict} {ours.reason}{place}", "  "))
    return "\n".join(["Disagreements", *lines]) if lines else ""


def training(name: str, trainings: "list[Together]") -> str:
    """The loss curves, and where the two part."""
    blocks = []
    for each in trainings:
        count = len(each.losses)
        at = sorted({round(i * (count - 1) / max(CURVE - 1, 1)) for i in range(CURVE)})
        rows = [
            [n + 1, f"{each.reference_losses[n]:.6g}", f"{each.losses[n]:.6g}", f"{each.distances[n]:.0e}"] for n in at
        ]
        apart = (
            f"together to the end ({count} steps)"
            if each.parted is None
            else f"parted after step {each.parted}: a parameter differs by more than half of its digits"
        )
        title = fold(f"Training in lock-step, float64, {each.optimiser} with rate {each.rate:g}: {apart}. Not judged.")
        blocks.append(title + "\n\n" + table(["step", "loss in torch", f"in {name}", "parameters\ndiffer by"], rows))
    return "\n\n".join(blocks)
