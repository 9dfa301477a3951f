"""What was found out about somebody's layers, as one HTML file: as the report's page, with reading and diagnosis."""

from collections.abc import Sequence
from dataclasses import dataclass

from parity_tests.check import show
from parity_tests.check.as_json import ALL_THRESHOLDS, environment
from parity_tests.check.examine import Examination
from parity_tests.check.show import Checked
from parity_tests.diagnosis.error_map import drawn
from parity_tests.harness.referee import Finding
from parity_tests.report.as_html import Group, groups, page
from parity_tests.report.drawing import MOST_MAPS, Histogram, Map, histogram, maps
from parity_tests.report.layout import Table, unfolded


@dataclass(frozen=True)
class Layer:
    """One layer, as the template shows it.

    Attributes
    ----------
    name, verdict, agree : of it
    found : everything that was found out; None of a layer that could not be called
    tensors : a row for each tensor
    wrong : what the diagnosis does not tell: the worst element of a tensor, and what happened in place of answers
    notes : what is no disagreement but good to know
    error_map : the diagnosis's map of what nothing explains, as text
    histograms, maps, groups : of the findings
    """

    name: str
    verdict: str
    agree: bool
    found: Examination | None = None
    tensors: Table | None = None
    wrong: Sequence[str] = ()
    notes: Sequence[str] = ()
    error_map: str = ""
    histograms: Sequence[Histogram] = ()
    maps: Sequence[Map] = ()
    groups: Sequence[Group] = ()


def render(checked: Sequence[Checked], python: str, dtypes: Sequence[str], seed: int) -> str:
    """Write the whole report; the arguments are those of `as_json.render`."""
    layers = [of_layer(each) for each in checked]
    return page(
        "check.html",
        title="Check against PyTorch",
        agree=all(each.agree for each in layers),
        verdict=show.verdict_on_all(checked),
        layers=layers,
        summary=show.summary(checked) if len(layers) > 1 else None,
        most_maps=MOST_MAPS,
        legend=show.LEGEND,
        environment=environment(python) | {"formats": " and ".join(dtypes), "seed": str(seed)},
        thresholds=ALL_THRESHOLDS,
    )


def of_layer(checked: Checked) -> Layer:
    """Put together what is shown of one layer."""
    found = checked.found
    if found is None:
        return Layer(checked.shown, f"{checked.shown}{checked.reason}.", agree=False)
    by_tensor: dict[str, list[Finding]] = {}
    for finding in found.findings:
        by_tensor.setdefault(finding.tensor, []).append(finding)
    told_map = found.diagnosis.map if found.diagnosis is not None else None
    return Layer(
        checked.shown,
        show.verdict_on(found, checked.shown),
        found.agrees,
        found,
        show.by_tensor(found.findings),
        unfolded(
            [*show.worst(show.untold(found)), *show.worst(found.again, ", in a second call"), *show.failures(found)]
        ),
        [line.removeprefix("Note: ") for line in unfolded(show.remarks(found, checked.printed))],
        drawn(told_map) if told_map is not None else "",
        [histogram(name, findings) for name, findings in by_tensor.items()],
        maps([*found.findings, *found.again]),
        groups(found.findings),
    )
