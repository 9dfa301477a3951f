"""What the suite made of the mutants, as text in 80 columns: the verdict first and last."""

from collections.abc import Sequence

from tabulate import tabulate

from parity_tests.mutants.run.gather import Outcome, Result
from parity_tests.report.layout import fold

WIDTH = 80
LAST = 21
"""The widest that the last column may be; a name, in the first one, is not cut."""


def verdict(result: Result) -> str:
    """One line."""
    parts = []
    if result.mutants:
        total, missed = len(result.mutants), len(result.missed)
        caught = f"{total - missed} of {total} mutants caught" if missed else f"all {total} mutants caught"
        parts.append(f"{caught}, {len(result.named)} ({percent(len(result.named), total)}) named")
    if result.controls:
        parts.append(f"{len(result.accused) or 'none'} of {len(result.controls)} controls accused")
    return "; ".join(parts)


def percent(some: int, total: int) -> str:
    """91 %."""
    return f"{some / total:.0%}".replace("%", " %")


def render(result: Result) -> str:
    """Write the whole report."""
    parts = [verdict(result)]
    for op in dict.fromkeys(each.op for each in result.mutants):
        of_op = [each for each in result.mutants if each.op == op]
        rows = [[each.name.partition(".")[2], caught(each), named(each)] for each in of_op]
        parts.append(f"{op}\n\n{table(['mutant', 'caught by', 'named'], rows)}")
    if result.controls:
        rows = [[each.name, each.what, said(each)] for each in result.controls]
        parts.append(f"Controls\n\n{table(['control', 'what is different', ''], rows)}")
    parts += [fold(line) for line in remarks(result)]
    return "\n\n".join([*parts, verdict(result)]) + "\n"


def caught(outcome: Outcome) -> str:
    """The first thing that is said against a mutant, and how many cases say something."""
    if not outcome.accusations:
        return "NOTHING"
    first = outcome.accusations[0]
    more = len({one.case for one in outcome.accusations}) - 1
    return f"{first.what} ({first.case}, {first.dtype}{f', and {more} more' if more else ''})"


def named(outcome: Outcome) -> str:
    """The names that the diagnosis gave, and whether they are right."""
    if not outcome.named:
        return "-"
    names = ", ".join(outcome.named)
    return names if outcome.right else f"WRONGLY {names}"


def said(outcome: Outcome) -> str:
    """What is said about a control."""
    if outcome.accusations:
        return f"ACCUSED: {caught(outcome)}"
    if outcome.check != "agrees":
        return "right norm-wise" if outcome.normwise else f"ACCUSED: check {outcome.check}"
    return "right"


def remarks(result: Result) -> list[str]:
    """What the numbers do not say."""
    lines = []
    if passed := [each.name for each in result.passed_by_check]:
        lines.append(
            f"check, which has to find out how a layer is called and looks at less than the harness, agrees with "
            f"{len(passed)} of the mutants: {', '.join(passed)}."
        )
    if false_alarms := [each.name for each in result.controls if each.normwise and each.check != "agrees"]:
        lines.append(f"check, which judges each number by itself, disagrees with {', '.join(false_alarms)}.")
    if not result.names_enough:
        lines.append(f"At least {result.required * 100:.0f} % of the mutants have to be named.")
    return lines


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in 80 columns; what is too long for its column goes on below."""
    first = max(len(row[0]) for row in rows)
    widths = [first, WIDTH - len("  ") * 2 - LAST - first, LAST]
    return tabulate(rows, headers, tablefmt="simple", disable_numparse=True, maxcolwidths=widths)
