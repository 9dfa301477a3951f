"""Reports as text, word for word."""

import pytest

from parity_tests.report_tests.renew import FOLDER, GOLDEN


@pytest.mark.parametrize("name", GOLDEN)
def test_a_report_is_word_for_word_what_it_was(name):
    written = GOLDEN[name]()
    golden = FOLDER.joinpath(name).read_text("utf-8")
    assert written == golden, "if that is meant: python -m parity_tests.report_tests.renew, and look at git diff"


def test_every_golden_file_is_compared():
    assert {path.name for path in FOLDER.iterdir()} == GOLDEN.keys()


@pytest.mark.parametrize("name", GOLDEN)
def test_no_line_is_wider_than_80_columns(name):
    assert [line for line in FOLDER.joinpath(name).read_text("utf-8").splitlines() if len(line) > 80] == []
