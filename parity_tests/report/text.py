"""The report as text: the verdict first and last, in 80 columns, nothing cut off, no colour."""

from parity_tests.harness.comparison import Comparison, Verdict
from parity_tests.harness.coverage import in_full
from parity_tests.harness.referee import Finding
from parity_tests.report.gather import Report
from parity_tests.report.layout import explained, fold, fraction
from parity_tests.report.sections import LEGEND, not_run, sections, versions

SHOWN_DISAGREEMENTS = 20


def render(report: Report, detail: bool) -> str:
    """Write the whole report."""
    parts = [fold(report.verdict), fold(versions(report)), explained(LEGEND), *map(str, sections(report))]
    if detail and report.runs:
        parts.append(in_full(report.runs))
    if detail:
        parts.append("Every tensor\n\n" + every_tensor(report.findings))
    parts += map(fold, not_run(report))
    if report.disagreements:
        parts.append(disagreements(report))
    return "\n\n".join([*parts, fold(report.verdict)]) + "\n"


def every_tensor(findings: list[Finding]) -> str:
    """Each tensor of each case: its verdict, fraction of the law, precision index, and the worst element."""
    blocks = []
    for case in dict.fromkeys(finding.case for finding in findings):
        lines = [fold(case)]
        for f in findings:
            if f.case == case:
                itself = f"{f.referee}: {figures(f.torch)}"
                lines.append(fold(f"{who(f)} {f.dtype} {f.tensor}: {figures(f.ours)} ({itself})", "  "))
                if f.ours.at is not None:
                    lines.append(f"      at {list(f.ours.at)} got {f.ours.got:.9g}, want {f.ours.want:.9g}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def who(finding: Finding) -> str:
    """The implementation, and its algorithm where one was named."""
    return finding.implementation + ("" if finding.algorithm is None else f":{finding.algorithm}")


def figures(comparison: Comparison) -> str:
    """The verdict, and what it rests on."""
    if comparison.verdict is Verdict.EXACT:
        return "exact"
    if comparison.reason:
        return f"{comparison.verdict}, {comparison.reason}"
    return f"{comparison.verdict} {fraction(comparison.worst)} index {fraction(comparison.index)}"


def disagreements(report: Report) -> str:
    """The first of them, and how many more there are."""
    shown = [fold(line, "  ") for line in report.disagreements[:SHOWN_DISAGREEMENTS]]
    more = len(report.disagreements) - len(shown)
    return "\n".join(["Disagreements", *shown, *([f"  and {more} more: --detail shows all"] if more else [])])
