"""What was found out about somebody's layers, as text in 80 columns: the verdict first and last."""

import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from parity_tests.check.adapters import Adapter
from parity_tests.check.examine import Examination
from parity_tests.check.process import printable
from parity_tests.diagnosis import Diagnosis
from parity_tests.diagnosis.error_map import drawn
from parity_tests.harness.comparison import Comparison, Verdict
from parity_tests.harness.implementations import OPTIMISERS
from parity_tests.harness.referee import Finding
from parity_tests.report.layout import Table, explained, fold, fraction

LEGEND = {
    "law": "the largest error, as a fraction of what rounding in any order can cause",
    "index": "rms error, in units of the law's scale: above 1, digits are missing",
    "torch": "its own, in float32 (its float64 is what everything is compared with)",
}

QUOTED = 60
"""Characters of a printed line that are shown: it may be of any length."""


@dataclass
class Checked:
    """One layer that was to be checked.

    Attributes
    ----------
    shown : the layer as the user calls it, mine.py:Conv
    like : torch's name
    found : what was found out; None if it could not be called
    reason : why not, to be read after `shown`
    printed : the lines that it printed
    """

    shown: str
    like: str
    found: Examination | None
    reason: str = ""
    printed: list[str] = field(default_factory=list)


def render_all(checked: Sequence[Checked], detail: bool) -> str:
    """Write the report of one layer, or a summary and then that of each."""
    texts = [
        render(each.found, each.shown, each.printed, detail)
        if each.found is not None
        else fold(f"{each.shown}{each.reason}.") + "\n"
        for each in checked
    ]
    if len(checked) == 1:
        return texts[0]
    verdict = fold(verdict_on_all(checked))
    rule = "=" * 80
    return f"\n{rule}\n\n".join([f"{verdict}\n\n{summary(checked)}\n", *texts]) + f"\n{rule}\n\n{verdict}\n"


def verdict_on_all(checked: Sequence[Checked]) -> str:
    """One sentence."""
    if len(checked) == 1 and checked[0].found is not None:
        return verdict_on(checked[0].found, checked[0].shown)
    agree = [each.shown for each in checked if each.found is not None and each.found.agrees]
    bad = [each.shown for each in checked if each.found is not None and not each.found.agrees]
    rest = [each.shown for each in checked if each.found is None]
    parts = [f"{len(agree)} of {count(len(checked), 'layer')} agree with torch"]
    parts += [f"{', '.join(bad)} {'does' if len(bad) == 1 else 'do'} not"] if bad else []
    parts += [f"{', '.join(rest)} could not be called"] if rest else []
    return "; ".join(parts) + "."


def summary(checked: Sequence[Checked]) -> Table:
    """A row for each layer."""
    rows = []
    for each in checked:
        found = each.found
        if found is None:
            rows.append([each.shown, each.like, "not checked", "-", "-"])
            continue
        cases = {finding.case for finding in found.bad} | {case for case, _, _ in found.failures}
        word = "agrees" if found.agrees else "less precise" if is_only_imprecise(found) else "WRONG"
        agree = f"{len(found.compared) - len(cases)} of {len(found.compared)}"
        rows.append([each.shown, each.like, word, agree, str(len(found.left_out))])
    return Table(["", "like", "verdict", "agree", "cases not\noffered"], rows)


def render(found: Examination, shown: str, printed: list[str], detail: bool) -> str:
    """Write the whole report of one layer.

    Parameters
    ----------
    found : what is shown
    shown : the layer as the user calls it, mine.py:Conv
    printed : the lines that the layer printed
    detail : whether to add a row for each case and tensor
    """
    verdict = fold(verdict_on(found, shown))
    parts = [
        verdict,
        reading(found.adapter),
        diagnosis(found.diagnosis) if found.diagnosis is not None else "",
        f"{by_tensor(found.findings)}\n\n{explained(LEGEND)}" if found.findings else "",
        "\n".join([*worst(untold(found)), *worst(found.again, ", in a second call")]),
        "\n".join(failures(found)),
        "Every case\n\n" + every_case(found.findings) if detail and found.findings else "",
        "\n".join(not_offered(found)),
        "\n".join(remarks(found, printed)),
        script(found.diagnosis) if found.diagnosis is not None else "",
        verdict,
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def verdict_on(found: Examination, shown: str) -> str:
    """One sentence."""
    against = torch_name(found.adapter.op)
    total = count(len(found.compared), "case")
    if found.agrees:
        forward = "" if found.adapter.backward else ", forward only"
        return f"{shown} agrees with {against} in all {total} that it offers{forward}."
    counts = {
        tensor: len({finding.case for finding in found.bad if finding.tensor == tensor})
        for tensor in dict.fromkeys(finding.tensor for finding in found.bad)
    }
    happened = Counter(verb for verb, _ in {(failure.verb, case) for case, _, failure in found.failures})
    what = [f"{name} in {number}" for name, number in counts.items()]
    what += [f"it {verb} in {number}" for verb, number in sorted(happened.items())]
    promises = ["it changes x in place"] if "x" in found.changed else []
    again = ", ".join(dict.fromkeys(finding.tensor for finding in found.again))
    promises += [f"{again} of a second call depends on the first"] if again else []
    promises += [f"a later call changes {name} after it was returned" for name in sorted(found.overwritten)]
    if not (found.bad or found.failures):
        return f"{shown} breaks a promise of {against}: {', and '.join(promises)}, though all {total} agree."
    word = "less precise than" if is_only_imprecise(found) else "wrong against"
    return f"{shown} is {word} {against}: {', '.join(what)} of {total}{''.join(f', and {each}' for each in promises)}."


def is_only_imprecise(found: Examination) -> bool:
    """Whether nothing is worse than missing digits."""
    promises = found.failures or found.again or found.overwritten or "x" in found.changed
    return not promises and all(f.ours.verdict is Verdict.IMPRECISE for f in found.bad)


def diagnosis(found: Diagnosis) -> str:
    """What the error is, as far as that is known."""
    lines = []
    for each in found.named:
        twins = f" (or {', '.join(each.twins)}, which gives the same numbers)" if each.twins else ""
        what = f"It explains {', '.join(each.tensors)}" if each.tensors else "It was seen"
        where = f"{what} in {count(len(each.cases), 'case')}."
        lines.append(fold(f"Diagnosis: {each.suspect}{twins}. {each.sentence} {where}"))
    if found.unexplained:
        named = "Nothing else" if found.named else "Diagnosis: nothing"
        lines.append(fold(f"{named} that is known to go wrong gives these numbers of {', '.join(found.unexplained)}."))
    lines += [fold(fact, "  ") for fact in found.facts if ", should be float" not in fact]  # a remark, as such below
    if found.map is not None:
        lines.append(fold(f"{found.map.tensor} in {found.map.case}, {found.map.dtype}, plane {list(found.map.plane)}:"))
        lines += [fold(line, "  ") for line in drawn(found.map).splitlines()]
    if found.smallest is not None:
        lines.append(fold(f"The smallest case that shows it: {found.smallest.case}, {found.smallest.dtype}."))
    return "\n".join(lines)


def script(found: Diagnosis) -> str:
    """The program that shows what torch gives, its long lines broken where Python lets them be."""
    if not found.script:
        return ""
    lines = []
    for line in found.script.rstrip().splitlines():
        indent = "# " if line.startswith("#") else " " * (len(line) - len(line.lstrip()) + 4)
        lines.append(textwrap.fill(line, 80, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False))
    return "\n".join(["What torch gives in the smallest case:", "", *lines])


def torch_name(op: str) -> str:
    """Where torch has it."""
    return f"torch.optim.{op}" if op in OPTIMISERS else f"torch.nn.{op}"


def reading(adapter: Adapter[Any]) -> str:
    """Tell how it was read, and what was assumed."""
    style = (
        adapter.titled()
        if adapter.array_module == "numpy"
        else f"{adapter.titled()}, on arrays of {adapter.array_module}"
    )
    return "\n".join([f"Read as {style}. Assumed:", *(fold(line, "  ") for line in adapter.assumed())])


def by_tensor(findings: list[Finding]) -> Table:
    """A row for each tensor: its worst verdict, and torch's own precision beside it."""
    rows: list[list[object]] = []
    for tensor in dict.fromkeys(finding.tensor for finding in findings):
        of_it = [finding for finding in findings if finding.tensor == tensor]
        cases = {finding.case for finding in of_it}
        bad = {finding.case for finding in of_it if not finding.ours.verdict.agrees}
        rows.append(
            [
                tensor,
                max((finding.ours.verdict for finding in of_it), key=list(Verdict).index),
                f"{len(cases) - len(bad)} of {len(cases)}",
                *numbers([finding.ours for finding in of_it]),
                *numbers([finding.torch for finding in of_it if finding.dtype == "float32"]),
            ]
        )
    return Table(["", "verdict", "agree", "law", "index", "torch\nlaw", "torch\nindex"], rows)


def numbers(comparisons: list[Comparison]) -> list[str]:
    """The worst fraction of the law, and the worst precision index."""
    if not comparisons:
        return ["-", "-"]
    return [fraction(max(each.worst for each in comparisons)), fraction(max(each.index for each in comparisons))]


def untold(found: Examination) -> list[Finding]:
    """The findings on tensors of which the diagnosis does not tell the worst element."""
    facts = found.diagnosis.facts if found.diagnosis is not None else []
    return [each for each in found.findings if not any(fact.startswith(f"{each.tensor}: in ") for fact in facts)]


def worst(findings: list[Finding], when: str = "") -> list[str]:
    """For each tensor that disagrees, the first case where it does, and its worst element there."""
    lines = []
    for tensor in dict.fromkeys(finding.tensor for finding in findings):
        bad = [finding for finding in findings if finding.tensor == tensor and not finding.ours.verdict.agrees]
        if bad:
            first = bad[0]
            lines.append(fold(f"{tensor}, {first.case}, {first.dtype}{when}: {place(first.ours)}"))
    return lines


def place(ours: Comparison) -> str:
    """The worst element with both values, and the reason."""
    if ours.at is None:
        return ours.reason
    values = f"at {list(ours.at)} it has {ours.got:.9g}, torch has {ours.want:.9g}"
    return f"{values} ({ours.reason})" if ours.reason else values


def failures(found: Examination) -> list[str]:
    """What happened in place of an answer: each kind once, with the first case."""
    lines = []
    kinds: dict[str, list[str]] = {}
    for case, dtype, failure in found.failures:
        kinds.setdefault(str(failure), []).append(f"{case}, {dtype}")
    for text, cases in kinds.items():
        more = f" (and {count(len(cases) - 1, 'more run')})" if len(cases) > 1 else ""
        lines.append(fold(f"In {cases[0]}{more} it {text}"))
    if found.not_run:
        lines.append(fold(f"Not run, since so many hung: {count(len(found.not_run), 'case')}"))
    return lines


def every_case(findings: list[Finding]) -> str:
    """A row for each case, dtype and tensor, with the worst element where it disagrees."""
    blocks = []
    for case in dict.fromkeys(finding.case for finding in findings):
        lines = [fold(case)]
        for f in findings:
            if f.case == case:
                law, index = numbers([f.ours])
                text = f"{f.dtype} {f.tensor}: {f.ours.verdict} {law}, index {index}"
                if f.dtype == "float32":
                    text += " (torch {}, {})".format(*numbers([f.torch]))
                lines.append(fold(text if f.ours.verdict.agrees else f"{text} {place(f.ours)}", "  "))
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def not_offered(found: Examination) -> list[str]:
    """What the layer does not offer, and why that is known where its signature does not say so."""
    if not found.lacks:
        return []
    left_out = f" ({count(len(found.left_out), 'case')} left out)" if found.left_out else ""
    lines = [fold(f"Not offered: {', '.join(found.lacks)}{left_out}")]
    return lines + [fold(f"{word}: {why}", "  ") for word, why in found.lacks.items() if why]


def remarks(found: Examination, printed: list[str]) -> list[str]:
    """What is no disagreement but good to know."""
    adapter = found.adapter
    notes = [f"It changes {name} in place; torch leaves it as it is." for name in sorted(found.changed)]
    for name, (shape, its) in found.shapes.items():
        notes.append(f"It keeps {name} in shape {shape}, torch's has {its}: torch's state_dict does not fit.")
    if found.coarse:
        kept = ", ".join(sorted(found.coarse))
        notes.append(f"It keeps {kept} in float32: its float64 runs are judged by the law of float32.")
    for (given, returned), tensors in found.conversions.items():
        notes.append(
            f"For {given} input it returns {returned} ({', '.join(tensors)}), torch returns {given}; judged by the law "
            "of float32, the coarser of the two."
        )
    notes += adapter.notes()
    if printed:
        line = printable(printed[0])
        first = line if len(line) <= QUOTED else f"{line[:QUOTED]} ..."
        notes.append(f"It printed {count(len(printed), 'line')}, the first: {first}")
    return [fold(f"Note: {note}") for note in notes]


def count(number: int, what: str) -> str:
    """1 case, 2 cases."""
    return f"{number} {what}{'' if number == 1 else 's'}"
