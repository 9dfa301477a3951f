"""A diagnosis as text in 80 columns: the name of the error first, then what was seen."""

import textwrap

from parity_tests.diagnosis.error_map import drawn
from parity_tests.diagnosis.outcome import Diagnosis, Named

WIDTH = 80

MOST_FACTS = 8
"""Lines of facts that are shown."""

LONGEST_SCRIPT = 40
"""Lines of a script that is shown; a longer one is for the HTML report."""


def render(found: Diagnosis) -> str:
    """Write what is wrong: a paragraph for each error, facts, a map of what nothing explains, and a script.

    "" where nothing is wrong.
    """
    if not (found.named or found.unexplained):
        return ""
    parts = [named(found), unexplained(found), facts(found), error_map(found), reproduction(found)]
    return "\n\n".join(filter(None, parts)) + "\n"


def named(found: Diagnosis) -> str:
    """A paragraph for each error; twins together."""
    paragraphs: list[str] = []
    told: set[str] = set()
    for each in found.named:
        if each.suspect in told:
            continue
        group = [each, *(twin for twin in found.named if twin.suspect in each.twins)]
        told |= {twin.suspect for twin in group}
        paragraphs += [paragraph(each) for each in group[:1]]
        paragraphs += [
            fold(f"Or {twin.suspect}, the same in every case that ran: {twin.sentence}") for twin in group[1:]
        ]
    return "\n".join(paragraphs)


def paragraph(each: Named) -> str:
    """The name, what is wrong and how it is mended, and what that explains."""
    if not each.tensors:
        return fold(f"{each.suspect}: {each.sentence} (in {count(len(each.cases), 'case')})")
    explains = f"This gives exactly its {listed(each.tensors)}, in {count(len(each.cases), 'case')}."
    return fold(f"{each.suspect}: {each.sentence} {explains}")


def unexplained(found: Diagnosis) -> str:
    """The tensors that nothing explains."""
    if not found.unexplained:
        return ""
    text = f"{listed(found.unexplained)}: wrong, but no typical error gives exactly these numbers."
    in_place = any(each.suspect == "inputs-modified" for each in found.named)
    return fold(f"{text} It may follow from what is changed in place." if in_place else text)


def facts(found: Diagnosis) -> str:
    """What was seen, most about what nothing explains."""
    lines = [fold(fact) for fact in found.facts[:MOST_FACTS]]
    more = len(found.facts) - MOST_FACTS
    return "\n".join([*lines, f"... and {more} more"] if more > 0 else lines)


def error_map(found: Diagnosis) -> str:
    """The map with its title."""
    if found.map is None:
        return ""
    where = f"{found.map.tensor}{list(found.map.plane) if found.map.plane else ''}"
    return "\n".join([fold(f"Where {where} is wrong in {found.map.case}, {found.map.dtype}:"), drawn(found.map)])


def reproduction(found: Diagnosis) -> str:
    """The script, where it is short enough to be read here."""
    lines = found.script.splitlines()
    if not lines or len(lines) > LONGEST_SCRIPT:
        return ""
    return "\n".join(["What torch gives in the smallest case that disagrees:", "", *(f"    {line}" for line in lines)])


def fold(text: str) -> str:
    """Break lines, the later ones indented."""
    return textwrap.fill(text, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def listed(names: tuple[str, ...] | list[str]) -> str:
    """y, dx and dweight."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def count(number: int, what: str) -> str:
    """1 case, 2 cases."""
    return f"{number} {what}{'' if number == 1 else 's'}"
