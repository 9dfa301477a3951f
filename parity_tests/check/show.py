"""What was found out about somebody's layer, as text in 80 columns: the verdict first and last."""

from collections import Counter

from parity_tests.check.adapter import LEARNING_RATE, Adapter
from parity_tests.check.cases import torch_defaults
from parity_tests.check.examine import Examination
from parity_tests.check.process import printable
from parity_tests.harness.comparison import Comparison, Verdict
from parity_tests.harness.referee import Finding
from parity_tests.report.text import fold, fraction, table

LEGEND = """law    the largest error, as a fraction of what rounding in any order can cause
index  rms error, in units of the law's scale: above 1, digits are missing
torch  its own, in float32 (its float64 is what everything is compared with)"""

QUOTED = 60
"""Characters of a printed line that are shown: it may be of any length."""


def render(found: Examination, shown: str, printed: list[str], detail: bool) -> str:
    """Write the whole report.

    Parameters
    ----------
    found : what is shown
    shown : the layer as the user calls it, mine.py:Conv
    printed : the lines that the layer printed
    detail : whether to add a row for each case and tensor
    """
    parts = [
        fold(verdict(found, shown)),
        reading(found.adapter),
        by_tensor(found.findings) if found.findings else "",
        "\n".join(worst(found.findings)),
        "\n".join(failures(found)),
        "Every case\n\n" + every_case(found.findings) if detail and found.findings else "",
        "\n".join(not_offered(found)),
        "\n".join(remarks(found, printed)),
        fold(verdict(found, shown)),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def verdict(found: Examination, shown: str) -> str:
    """One sentence."""
    against = f"torch.nn.{found.adapter.op}"
    total = count(len(found.compared), "case")
    if found.agrees:
        forward = "" if found.adapter.backward else ", forward only"
        return f"{shown} agrees with {against} in all {total} that it offers{forward}."
    bad = [finding for finding in found.findings if not finding.ours.verdict.agrees]
    counts = {
        tensor: len({finding.case for finding in bad if finding.tensor == tensor})
        for tensor in dict.fromkeys(finding.tensor for finding in bad)
    }
    happened = Counter(verb for verb, _ in {(failure.verb, case) for case, _, failure in found.failures})
    what = [f"{name} in {number}" for name, number in counts.items()]
    what += [f"it {verb} in {number}" for verb, number in sorted(happened.items())]
    changes = ", and it changes x in place" if "x" in found.changed else ""
    if not (bad or found.failures):
        return f"{shown} breaks a promise of {against}: it changes x in place, though all {total} agree."
    only_imprecise = not found.failures and all(f.ours.verdict is Verdict.IMPRECISE for f in bad)
    word = "less precise than" if only_imprecise else "wrong against"
    return f"{shown} is {word} {against}: {', '.join(what)} of {total}{changes}."


def reading(adapter: Adapter) -> str:
    """Tell how the class was read, and what was assumed."""
    style = "torch-like" if adapter.is_torch_like else "in the tutorial's style"
    known = [mine if mine == its else f"{mine}={its}" for mine, its in adapter.arguments.items()]
    arguments = ", ".join([*known, "**torch's"] if adapter.takes_any else known)
    lines = [
        f"Read as {style}. Assumed:",
        fold(f"{adapter.name}({arguments})", "  "),
        fold(f"{adapter.forward}(x) takes {'one sample' if adapter.one_sample else 'a batch'}", "  "),
    ]
    if adapter.held:
        lines.append(fold(", ".join(f"{name} is .{attribute}" for name, attribute in adapter.held.items()), "  "))
    if adapter.rate:
        text = f"backward(dy, {adapter.rate}) updates the weights: gradient = (before - after) / {adapter.rate}"
        lines.append(fold(f"{text}, with {adapter.rate} = {LEARNING_RATE:.0f}, a power of two", "  "))
    elif adapter.backward:
        where = "; a gradient is in .grad of its parameter, or in an attribute such as .dweight" if adapter.held else ""
        lines.append(fold(f"backward(dy) returns dx{where}", "  "))
    return "\n".join(lines)


def by_tensor(findings: list[Finding]) -> str:
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
    return table(["", "verdict", "agree", "law", "index", "torch\nlaw", "torch\nindex"], rows) + "\n\n" + LEGEND


def numbers(comparisons: list[Comparison]) -> list[str]:
    """The worst fraction of the law, and the worst precision index."""
    if not comparisons:
        return ["-", "-"]
    return [fraction(max(each.worst for each in comparisons)), fraction(max(each.index for each in comparisons))]


def worst(findings: list[Finding]) -> list[str]:
    """For each tensor that disagrees, the first case where it does, and its worst element there."""
    lines = []
    for tensor in dict.fromkeys(finding.tensor for finding in findings):
        bad = [finding for finding in findings if finding.tensor == tensor and not finding.ours.verdict.agrees]
        if bad:
            first = bad[0]
            lines.append(fold(f"{tensor}, {first.case}, {first.dtype}: {place(first.ours)}"))
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
    adapter, torch = found.adapter, torch_defaults(found.adapter.op)
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
    for mine, default in adapter.other_defaults().items():
        its = torch[adapter.arguments[mine]]
        if adapter.arguments[mine] == "dim":
            notes.append(f"The default of {mine} is {default!r}, torch's goes by the dimensions: it was always passed.")
            continue
        if its is None and adapter.arguments[mine] != "stride":
            continue
        notes.append(f"The default of {mine} is {default!r}, torch's is {its!r}: torch's was passed.")
    if not adapter.biased:
        notes.append("It has no bias: compared with bias=False.")
    if printed:
        line = printable(printed[0])
        first = line if len(line) <= QUOTED else f"{line[:QUOTED]} ..."
        notes.append(f"It printed {count(len(printed), 'line')}, the first: {first}")
    return [fold(f"Note: {note}") for note in notes]


def count(number: int, what: str) -> str:
    """1 case, 2 cases."""
    return f"{number} {what}{'' if number == 1 else 's'}"
