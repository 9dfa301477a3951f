"""Gather what the report shows: cases, promises, a model layer by layer, a training in lock-step."""

import math
import platform
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy
import torch
from tqdm import tqdm

from parity_tests.compare.steps import Together, together
from parity_tests.harness.case import Case
from parity_tests.harness.cases import CASES, fourier, real
from parity_tests.harness.comparison import Comparison, Verdict
from parity_tests.harness.contract import broken_promises
from parity_tests.harness.coverage import Run
from parity_tests.harness.filter_case import FilterCase
from parity_tests.harness.implementations import IMPLEMENTATIONS, Implementation
from parity_tests.harness.inputs import real_images
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.layerwise import judge_model, record
from parity_tests.harness.lockstep import Training, train_together
from parity_tests.harness.recording import Builder, LayerVerdict
from parity_tests.harness.referee import Finding, judge, reference
from scratch.array import HostArray
from scratch.models import overview_cnn, small_resnet, small_vgg

QUICK_EPOCHS, ALL_EPOCHS = 3, 15
STEPS, RATE = 5, 0.01
"""Of the training of the demonstration models."""

QUICK_EVERY = 3
"""A quick report runs every third case of the tables."""


@dataclass(frozen=True)
class Choice:
    """What was asked for.

    Attributes
    ----------
    implementations : whom to compare
    skipped : name -> why it cannot run here
    dtypes : in which formats
    seed : of the inputs
    quick : fewer cases and epochs, float32 only
    """

    implementations: list[Implementation]
    skipped: dict[str, str]
    dtypes: list[str]
    seed: int
    quick: bool


@dataclass
class Report:
    """Everything that was found.

    Attributes
    ----------
    choice : what was asked for
    environment : versions, by name
    on_images, on_cases : the findings on real images, and on the tables of cases
    on_filters, on_transforms : those on image filters, and on Fourier transforms, which not all namespaces have
    runs : what of the tables ran, for the coverage matrix
    promises : (implementation, case, what was not kept)
    promises_tried : on how many runs
    models : demonstration model -> implementation -> the model, layer by layer, in float32
    lockstep : likewise, a short training of the model beside torch's, in float64
    training : the tutorial's training after the last epoch; torch comes first
    """

    choice: Choice
    environment: dict[str, str]
    on_images: list[Finding] = field(default_factory=list)
    on_cases: list[Finding] = field(default_factory=list)
    on_filters: list[Finding] = field(default_factory=list)
    on_transforms: list[Finding] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    promises: list[tuple[str, str, str]] = field(default_factory=list)
    promises_tried: int = 0
    models: dict[str, dict[str, list[LayerVerdict]]] = field(default_factory=dict)
    lockstep: dict[str, dict[str, Together]] = field(default_factory=dict)
    training: list[Training] = field(default_factory=list)

    @property
    def findings(self) -> list[Finding]:
        """All findings on single tensors."""
        judged = [layer for model in self.models.values() for layers in model.values() for layer in layers]
        in_models = [finding for layer in judged for finding in layer.findings]
        return [*self.on_images, *self.on_cases, *self.on_filters, *self.on_transforms, *in_models]

    @property
    def disagreements(self) -> list[str]:
        """Everything that is not agreement, one line each."""
        tensors = [
            f"{f.implementation} {f.case} {f.dtype}: {f.tensor} is {f.ours.verdict}"
            + f", {f.ours.reason}" * bool(f.ours.reason)
            for f in self.findings
            if not f.ours.verdict.agrees
        ]
        kept = [f"{name} {case}: {what}" for name, case, what in self.promises]
        trained = [
            f"{t.name}: the training parts from torch's or the tutorial's (parameters differ by {t.distance:.1e})"
            for t in self.training
            if not t.agrees
        ]
        parted = [
            f"{name}: the training of {model} parts from torch's in step {one.parted}"
            for model, each in self.lockstep.items()
            for name, one in each.items()
            if one.parted is not None
        ]
        return tensors + kept + trained + parted

    @property
    def verdict(self) -> str:
        """One sentence."""
        names = [each.name for each in self.choice.implementations]
        who = names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
        count, bad = len(self.findings), len(self.disagreements)
        if not bad:
            return f"AGREE: all {count} tensors of {who} match torch and scipy"
        culprits = sorted({line.split()[0].rstrip(":") for line in self.disagreements})
        return f"DISAGREE: {bad} disagreements with torch and scipy in {count} tensors, all of {' and '.join(culprits)}"


def gather(choice: Choice) -> Report:
    """Run everything; progress goes to stderr, on a terminal.

    torch gets one thread: the cases are small, and threads that wait for each other cost up to ten times more.
    """
    torch.set_num_threads(1)
    report = Report(choice, environment())
    every = QUICK_EVERY if choice.quick else 1
    filters = [case for case in CASES if isinstance(case, FilterCase)][::every]
    others = [case for case in CASES if not isinstance(case, FilterCase)][::every]
    transforms = fourier.CASES[::every]
    for implementation in choice.implementations:
        name = implementation.name
        for case, dtype in progress(runs(real.CASES, choice.dtypes), f"{name}: real images"):
            report.on_images += findings_of(case, implementation, dtype, choice.seed)
        for case, dtype in progress(runs(others, choice.dtypes), f"{name}: cases"):
            report.on_cases += findings_of(case, implementation, dtype, choice.seed)
            report.runs.append(Run(case, name, dtype))
        for case, dtype in progress(runs(filters, choice.dtypes), f"{name}: image filters"):
            report.on_filters += findings_of(case, implementation, dtype, choice.seed)
            report.runs.append(Run(case, name, dtype))
        for case, dtype in progress(runs(transforms, choice.dtypes), f"{name}: Fourier transforms"):
            report.on_transforms += findings_of(case, implementation, dtype, choice.seed)
        layers = [case for case in others if isinstance(case, LayerCase)]
        for case in progress(layers, f"{name}: promises"):
            report.promises_tried += 1
            report.promises += [(name, str(case), what) for what in promises_of(case, implementation)]
        for model, (build, images, labels) in demonstrations().items():
            verdicts = judge_model(build, implementation, images, labels, "float32", choice.seed)
            report.models.setdefault(model, {})[name] = verdicts
        for model, (build, images, labels) in demonstrations().items():
            state = record(build, images, labels, "float64", choice.seed).state
            went = together(build, implementation.nn, state, images, labels, STEPS, "SGD", RATE)
            report.lockstep.setdefault(model, {})[name] = went
    epochs = QUICK_EPOCHS if choice.quick else ALL_EPOCHS
    epoch_by_epoch = train_together({each.name: each.nn for each in choice.implementations}, epochs)
    for state in progress(epoch_by_epoch, "training, epochs", epochs):
        report.training = state
    return report


def runs(cases: Iterable[Case], dtypes: list[str]) -> list[tuple[Case, str]]:
    """Every case in every dtype that it has and that was asked for."""
    return [(case, dtype) for case in cases for dtype in case.formats if dtype in dtypes]


def findings_of(case: Case, implementation: Implementation, dtype: str, seed: int) -> list[Finding]:
    """Judge a case with every algorithm; an exception of the implementation is a finding, too."""
    findings = []
    for algorithm in case.algorithms(implementation):
        should = reference(case, dtype, seed)  # outside the try: an exception here is the suite's
        try:
            findings += judge(case, implementation, dtype, seed, algorithm)
        except Exception as error:  # noqa: BLE001 - whatever an implementation raises is a finding
            reason = f"raised {type(error).__name__}: {error}"
            raised = Comparison(Verdict.WRONG, math.inf, math.inf, None, None, None, reason)
            findings += [
                Finding(implementation.name, algorithm, case.op, str(case), dtype, tensor, raised, itself, case.referee)
                for tensor, itself in should.torch.items()
            ]
    return findings


def promises_of(case: LayerCase, implementation: Implementation) -> list[str]:
    """Try the promises on a case; an exception breaks them."""
    try:
        return broken_promises(case, implementation, "float32")
    except Exception as error:  # noqa: BLE001 - likewise
        return [f"raised {type(error).__name__}: {error}"]


def demonstrations() -> dict[str, tuple[Builder, HostArray, HostArray]]:
    """The models that are judged layer by layer, by name: how they are built, and four digits with their labels."""
    digits, labels = real_images()["digits"][:4, None] / 16, real_images()["digit_labels"][:4]
    return {
        "overview_cnn": (overview_cnn, *overview_images()),
        "small_resnet": (small_resnet, digits, labels),
        "small_vgg": (small_vgg, digits, labels),
    }


def overview_images() -> tuple[HostArray, HostArray]:
    """Four handwritten digits, enlarged to 28x28 for the overview network: (4, 1, 28, 28), and their labels."""
    digits = real_images()["digits"][:4] / 16
    images = np.zeros((4, 1, 28, 28))
    images[:, 0, 2:26, 2:26] = np.kron(digits, np.ones((3, 3)))
    return images, real_images()["digit_labels"][:4]


def environment() -> dict[str, str]:
    """What the figures depend on."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch.__version__,
        "scipy": scipy.__version__,
        "machine": f"{platform.system()} {platform.machine()}",
        "torch threads": str(torch.get_num_threads()),
    }


def progress(things: Iterable[Any], label: str, total: int | None = None) -> Iterable[Any]:
    """Show progress on stderr while going through things; nothing where stderr is no terminal."""
    return tqdm(things, label, total, leave=False, disable=None)


def choose(names: list[str] | None, dtypes: list[str] | None, seed: int, quick: bool) -> Choice:
    """Find out who can run here.

    Raises
    ------
    LookupError
        if an implementation that was named cannot run here; the message says why
    """
    skipped = {name: reason for name, each in IMPLEMENTATIONS.items() if (reason := each.why_not()) is not None}
    for name in names or []:
        if name in skipped:
            raise LookupError(f"{name} cannot run here: {skipped[name]}")
    chosen = [
        each for name, each in IMPLEMENTATIONS.items() if name in (names or IMPLEMENTATIONS.keys() - skipped.keys())
    ]
    return Choice(
        chosen, {} if names else skipped, dtypes or (["float32"] if quick else ["float32", "float64"]), seed, quick
    )
