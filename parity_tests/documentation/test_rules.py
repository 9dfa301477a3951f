"""docs/rules.md: what it calls a mistake is what the diagnosis calls it."""

import re

from parity_tests.check.cases import OPS
from parity_tests.diagnosis.repeated import REPEATED
from parity_tests.diagnosis.suspects import suspects_of
from parity_tests.documentation.pages import PAGES

TEXT = PAGES["docs/rules.md"].read_text(encoding="utf-8")
NAMED = [name for line in re.findall(r"^Diagnosis: .*", TEXT, re.MULTILINE) for name in re.findall(r"`([^`]+)`", line)]


def test_every_diagnosis_on_the_page_is_one_of_check():
    known = {suspect.id for op in OPS for suspect in suspects_of(op)} | {REPEATED.id, "inputs-modified"}
    assert len(NAMED) > 50
    assert [name for name in NAMED if name not in known] == []


def test_every_rule_says_how_it_is_diagnosed_or_that_it_is_not():
    """A section without a name is one of those about which check says nothing of its own."""
    sections = re.split(r"^### ", TEXT, flags=re.MULTILINE)[1:]
    without = [each.partition("\n")[0] for each in sections if "\nDiagnosis: " not in each]
    assert without == [
        "A window without a cell",
        "The negative zero",
        "Nothing to average",
        "Dropout's scale",
        "An empty batch",
    ]
