"""What weaker ways of testing miss, and the page that says so."""

import re

import pytest

from parity_tests.documentation.pages import PAGES
from parity_tests.mutants.run.weaker import Found, as_table, render
from parity_tests.mutants.tables import MUTANTS

PAGE = PAGES["docs/weaker-tests.md"].read_text(encoding="utf-8")
BY_ROUNDING = ("np.allclose with rtol=1e-2", "np.allclose, float32 against float32")
"""What these two notice are partly roundings, which are others on every machine."""


def rows(table: str) -> dict[str, str]:
    """The lines of a table by their first column."""
    return {line.split("  ")[0]: line.rstrip() for line in table.splitlines()}


def sections() -> dict[str, str]:
    """The text of the page below each heading."""
    parts = re.split(r"^## (.+)$", PAGE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_whole_suite_misses_nothing(found: list[Found]):
    whole = found[0]
    assert whole.way == "the whole suite"
    assert len(whole.tried) == len(MUTANTS)
    assert (whole.missed, whole.accused) == ([], [])


def test_every_weaker_way_misses_something_or_accuses_who_is_right(found: list[Found]):
    assert len(found) == 7
    assert all(each.missed for each in found[1:])
    assert {each.way for each in found if each.accused} == set(BY_ROUNDING)


def test_the_table_of_the_page_is_the_current_one(found: list[Found]):
    (shown,) = re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    now, then = rows(as_table(found)), rows(shown)
    assert now.keys() == then.keys()
    assert {way: line for way, line in now.items() if way not in BY_ROUNDING} == {
        way: line for way, line in then.items() if way not in BY_ROUNDING
    }


def test_the_page_explains_every_way(found: list[Found]):
    assert [each.way for each in found[1:]] == list(sections())


@pytest.mark.parametrize("number", range(1, 7))
def test_the_mutants_of_the_page_are_missed(found: list[Found], number: int):
    """And each is a mutant that the page says something about."""
    way = found[number]
    named = re.findall(r"^- `(\w+\.\w+)`", sections()[way.way], re.MULTILINE)
    assert len(named) >= 2
    assert set(named) <= set(way.missed)


def test_the_text_fits_in_80_columns(found: list[Found]):
    assert max(map(len, render(found).splitlines())) <= 80
