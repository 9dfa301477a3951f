"""What the report says, whichever way it is shown: titles, tables and notes."""

from collections.abc import Callable

from parity_tests.compare.steps import PARTED
from parity_tests.harness.coverage import narrow
from parity_tests.harness.lockstep import CLOSE, FIGURES
from parity_tests.harness.referee import Finding
from parity_tests.report.gather import QUICK_EVERY, RATE, STEPS, Report
from parity_tests.report.layout import THRESHOLDS, Section, Table, cell

LEGEND = {
    "exact": "the correctly rounded result (in float64: the referee's number)",
    "0.123": "accurate: the largest error is this fraction of what the law of rounding allows (in float32, if that was "
    "run), and the result is as precise as the format",
    "imprecise 0.123": "within the law, or right beside the largest number, but with fewer digits than the format has",
    "WRONG 12": "beyond the law",
}
"""What stands in a cell of a table -> what it means."""

ALL_THRESHOLDS = {
    **THRESHOLDS,
    "training": {
        "means": "the largest difference of a parameter from torch's after all updates; the tutorial's figures besides",
        "at most": CLOSE,
    },
    "lockstep": {
        "means": "the largest difference of a parameter from torch's, relative to the largest of its tensor, after "
        "every step of a short training",
        "at most": PARTED,
    },
}


def sections(report: Report) -> list[Section]:
    """All tables of the report."""
    who = names(report)
    kinds = "random numbers, ties, NaN, infinities, empty batches, all options"
    of_filters, of_transforms = "every method, border, padding and kind of image", "by definition, radix 2, convolution"
    found = [
        Section("On real images", matrix(report.on_images, who)),
        Section(on_cases(report, "On", report.on_cases, kinds), matrix(report.on_cases, who), [promises(report)]),
        Section(
            on_cases(report, "Image filters, on", report.on_filters, of_filters), by_referee(report.on_filters, who)
        ),
    ]
    if report.on_transforms:
        title = on_cases(report, "Fourier transforms, on", report.on_transforms, of_transforms)
        found.append(Section(title, by_referee(report.on_transforms, who)))
    return [*found, *layer_by_layer(report), lockstep(report), training(report)]


def names(report: Report) -> list[str]:
    """The implementations, in order."""
    return [each.name for each in report.choice.implementations]


def versions(report: Report) -> str:
    """Tell what the figures depend on."""
    versions = ", ".join(f"{name} {value}" for name, value in report.environment.items())
    return f"{versions}, {' and '.join(report.choice.dtypes)}, seed {report.choice.seed}"


def not_run(report: Report) -> list[str]:
    """Tell who could not run here, and why."""
    return [f"Not run: {name}. {reason}" for name, reason in report.choice.skipped.items()]


def on_cases(report: Report, title: str, findings: list[Finding], kinds: str) -> str:
    """The head of a section: how many different cases were run, and which."""
    which = f", every {QUICK_EVERY}rd of the tables" if report.choice.quick else f": {kinds}"
    count = len({finding.case for finding in findings})
    return f"{title} {count} case{'' if count == 1 else 's'}{which}"


def matrix(
    findings: list[Finding],
    implementations: list[str],
    row_of: Callable[[Finding], str] = lambda finding: finding.op,
    referee: str = "torch itself",
) -> Table:
    """Operations down, implementations across: the worst verdict, and the worst fraction of the law; - where none is.

    `row_of` names the row that a finding belongs to, `referee` the last column.
    """
    rows = []
    for name in dict.fromkeys(map(row_of, findings)):
        here = [finding for finding in findings if row_of(finding) == name]
        each = [[(f.dtype, f.ours) for f in here if f.implementation == who] for who in implementations]
        cells = [cell(comparisons) if comparisons else "-" for comparisons in each]
        rows.append([name, *cells, cell([(f.dtype, f.torch) for f in here])])
    return Table(["", *narrow([*implementations, referee])], rows)


def by_referee(findings: list[Finding], implementations: list[str]) -> Table:
    """A matrix with a row for each referee of an operation."""
    return matrix(findings, implementations, lambda finding: f"{finding.op}, {finding.referee}", "referee itself")


def promises(report: Report) -> str:
    """Tell whether memory was left alone and calls were independent."""
    what = "inputs left alone, one backward for each forward, gradients add up, calls independent"
    state = f"{len(report.promises)} broken" if report.promises else "all kept"
    return f"Promises ({what}): {state} in {report.promises_tried} runs."


def layer_by_layer(report: Report) -> list[Section]:
    """The demonstration models: each layer's verdict, and what piled up before it."""
    found = list[Section]()
    for model, by_name in report.models.items():
        rows = []
        for position, layer in enumerate(next(iter(by_name.values()))):
            cells = []
            for layers in by_name.values():
                here = layers[position]
                flips = f" {here.flips} flips" if here.flips else ""
                cells.append(f"{cell([(f.dtype, f.ours) for f in here.findings]):<5}  {here.piled_up:.0e}{flips}")
            rows.append([f"{position} {layer.layer.split('(')[0]}", *cells])
        lead = "Each layer is judged on torch's input to it; the last number is the error that has piled up in the "
        lead += "running model, which is not judged."
        title = f"{model} on four handwritten digits, float32"
        found.append(Section(title, Table(["", *narrow(by_name)], rows), lead="" if found else lead))
    return found


def lockstep(report: Report) -> Section:
    """The demonstration models' training beside torch's: the loss, and how far the parameters are apart at the end."""
    who = names(report)
    rows = []
    for model, by_name in report.lockstep.items():
        losses = next(iter(by_name.values())).reference_losses
        ends = [f"{by_name[name].distances[-1]:.0e}" for name in who]
        rows.append([model, f"{losses[0]:.4f}", f"{losses[-1]:.4f}", *ends])
    title = (
        f"Training in lock-step with torch, in float64: {STEPS} steps of SGD with rate {RATE} on two digits at a time"
    )
    lead = "The loss in torch before the first step and before the last, and how far a parameter is from torch's after "
    lead += "it, relative to the largest of its tensor."
    return Section(title, Table(["", "first", "last", *narrow(who)], rows), lead=lead)


def training(report: Report) -> Section:
    """The tutorial's training: its figures, and everybody's."""
    epochs = len(report.training[0].history)
    rows = []
    for epoch, figure in FIGURES.items():
        if epoch <= epochs:
            everybody = [each.history[epoch - 1] for each in report.training]
            cells = dict.fromkeys(f"{one.loss:.4f} {one.accuracy:.1%}" for one in everybody)
            rows.append([epoch, f"{figure.loss:.4f} {figure.accuracy:.1%}", ", ".join(cells)])
    who = "everybody" if all("," not in str(row[2]) for row in rows) else "torch, others"
    ends = [
        f"{each.name}: test accuracy {each.test_accuracy:.1%}, parameters within {each.distance:.1e} of torch's"
        for each in report.training
        if each.name != "torch"
    ]
    title = f"The tutorial's training, in float64: {epochs} epochs of 200 updates, loss and accuracy"
    return Section(title, Table(["epoch", "tutorial", who], rows), ends)
