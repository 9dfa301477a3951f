"""The report as one HTML file: no network, no script, readable without colour. Needs Jinja2.

The templates lie in page/: `page.html` is what every page has, `parts.html` the tables, drawings and cases.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import starmap
from pathlib import Path
from typing import Any

from parity_tests.harness.comparison import Verdict
from parity_tests.harness.coverage import in_full
from parity_tests.harness.referee import Finding
from parity_tests.report.drawing import MOST_MAPS, histogram, maps
from parity_tests.report.gather import Report
from parity_tests.report.layout import fraction
from parity_tests.report.sections import ALL_THRESHOLDS, LEGEND, names, not_run, sections
from parity_tests.report.text import SHOWN_DISAGREEMENTS, figures, who

TEMPLATES = Path(__file__).parent / "page"

MARKS = {Verdict.EXACT: "=", Verdict.ACCURATE: "✓", Verdict.IMPRECISE: "≈", Verdict.WRONG: "✗"}
"""Beside the word, so that a column can be looked through."""


ORDER = {verdict: place for place, verdict in enumerate(Verdict)}


@dataclass(frozen=True)
class Case:
    """The findings on one case."""

    name: str
    findings: list[Finding]

    @property
    def worst(self) -> Verdict:
        """Of all findings."""
        return worst(self.findings)


@dataclass(frozen=True)
class Group:
    """The cases of one operation; those that disagree come first."""

    op: str
    cases: list[Case]
    findings: list[Finding]

    @property
    def bad(self) -> int:
        """How many tensors disagree."""
        return sum(not finding.ours.verdict.agrees for finding in self.findings)


def render(report: Report) -> str:
    """Write the whole report."""
    by_name = {name: [f for f in report.findings if f.implementation == name] for name in names(report)}
    return page(
        "report.html",
        title="Parity with PyTorch",
        agree=not report.disagreements,
        verdict=report.verdict,
        report=report,
        sections=sections(report),
        legend=LEGEND,
        not_run=not_run(report),
        histograms=[histogram(name, findings) for name, findings in by_name.items() if findings],
        maps=maps(report.findings),
        most_maps=MOST_MAPS,
        shown=SHOWN_DISAGREEMENTS,
        groups=groups(report.findings),
        coverage=in_full(report.runs) if report.runs else "",
        environment=report.environment
        | {"formats": " and ".join(report.choice.dtypes), "seed": str(report.choice.seed)}
        | ({"quick": "fewer cases and epochs"} if report.choice.quick else {}),
        thresholds=ALL_THRESHOLDS,
    )


def page(template: str, **content: Any) -> str:
    """Fill a template; every value is escaped.

    Raises
    ------
    ImportError
        if Jinja2 is missing
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        number=lambda value: f"{value:,}",
        count=lambda value, what: f"{value:,} {what}{'' if value == 1 else 's'}",
        units=lambda value: f"{value:g}",
        percent=lambda count, total: f"{100 * count / max(total, 1):.1f} %",
        fraction=fraction,
        figures=figures,
        who=who,
        head=lambda words: words.replace("\n.", ".").replace("\n", " "),
        mark=MARKS.__getitem__,
    )
    return made.get_template(template).render(content)


def groups(findings: Sequence[Finding]) -> list[Group]:
    """All findings, by operation and case; those that disagree first."""
    by_op: dict[str, dict[str, list[Finding]]] = {}
    for finding in findings:
        by_op.setdefault(finding.op, {}).setdefault(finding.case, []).append(finding)
    found = []
    for op, by_case in by_op.items():
        cases = sorted(starmap(Case, by_case.items()), key=lambda case: ORDER[case.worst], reverse=True)
        found.append(Group(op, cases, [finding for case in cases for finding in case.findings]))
    return sorted(found, key=lambda group: not group.bad)


def worst(findings: Sequence[Finding]) -> Verdict:
    """The worst verdict."""
    return max((finding.ours.verdict for finding in findings), key=ORDER.__getitem__)
