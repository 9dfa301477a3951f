"""What is drawn: the bins of a histogram and their heights, the marks of a map."""

from dataclasses import replace

import numpy as np
import pytest

from parity_tests.harness.comparison import EDGES, EXACT, Law, compare
from parity_tests.harness.referee import Finding
from parity_tests.report.drawing import BARS, GAP, SLOT, cell_of, histogram, map_of, maps
from parity_tests.report_tests.made_up import CLOSE, FAR, found, off_by

BINS = len(EDGES) + 2


def counted(ours: dict[int, int], torch: dict[int, int], dtype: str = "float32") -> Finding:
    """A finding with these histograms."""
    rows = [tuple(each.get(place, 0) for place in range(BINS)) for each in (ours, torch)]
    finding = found("ours", "Conv2d", "a case", "y", replace(CLOSE, counts=rows[0]), dtype)
    return replace(finding, torch=replace(CLOSE, counts=rows[1]))


def test_counts_are_added_up_and_heights_are_roots_of_shares():
    drawn = histogram("ours", [counted({0: 30, 5: 10}, {0: 32, 6: 8}), counted({0: 30, 9: 9, 11: 1}, {0: 40})])
    assert [each.counts for each in drawn.bins if any(each.counts)] == [(60, 72), (10, 0), (0, 8), (9, 0), (1, 0)]
    assert (drawn.total, drawn.beyond, drawn.left_out) == (80, 1, 0)
    assert drawn.bins[0].heights == pytest.approx([BARS * np.sqrt(75 / 90), BARS])
    assert drawn.bins[5].heights == pytest.approx([BARS * np.sqrt(12.5 / 90), 0.0])
    assert [label for _, label in drawn.ticks] == ["0 %", "22.5 %", "90 %"]
    assert [height for height, _ in drawn.ticks] == [0.0, BARS / 2, BARS]


def test_a_single_element_among_millions_is_seen():
    drawn = histogram("ours", [counted({0: 10**7, 11: 1}, {0: 10**7})])
    assert drawn.bins[11].heights == (2.0, 0.0)
    assert drawn.bins[10].heights == (0.0, 0.0)


def test_float32_is_counted_where_it_was_run():
    both = [counted({0: 5}, {0: 5}, "float64"), counted({1: 7}, {0: 7})]
    assert (histogram("ours", both).dtype, histogram("ours", both).total) == ("float32", 7)
    assert (histogram("ours", both[:1]).dtype, histogram("ours", both[:1]).total) == ("float64", 5)


def test_what_has_no_elements_to_count_is_told():
    without = replace(counted({}, {0: 5}), ours=compare(np.zeros(2), np.zeros(3), EXACT, float))
    drawn = histogram("ours", [without, counted({0: 5}, {0: 5})])
    assert (drawn.total, drawn.left_out) == (5, 1)


def test_bins_stand_side_by_side_with_gaps_around_those_within_the_law():
    drawn = histogram("ours", [counted({0: 1}, {0: 1})])
    steps = np.diff([each.left for each in drawn.bins])
    assert np.flatnonzero(steps > SLOT).tolist() == [0, 9]
    assert drawn.law == drawn.bins[10].left - GAP / 2
    assert [each.beyond for each in drawn.bins] == [False] * 10 + [True] * 2
    assert [each.label for each in drawn.bins][::5] == ["exact", "0.0032 to 0.01", "1 to 10"]
    assert drawn.bins[-1].label == "above 10"
    assert drawn.edges == [
        (drawn.bins[n].left - (GAP / 2 if n == 10 else 0), label)
        for n, label in ((2, "0.0001"), (4, "0.001"), (6, "0.01"), (8, "0.1"), (10, "1"), (11, "10"))
    ]


@pytest.mark.parametrize(
    ("fraction", "mark", "level"),
    [
        (0.0, "", 0),
        (1e-9, "·", 1),
        (1.0, "·", 1),
        (1.01, "1", 2),
        (10.0, "1", 2),
        (11.0, "2", 3),
        (1e3, "3", 3),
        (1.1e3, "4", 4),
        (1e30, "9", 4),
        (np.inf, "∞", 5),
    ],
)
def test_the_mark_of_a_cell(fraction, mark, level):
    found = cell_of(fraction, column=2, row=3)
    assert (found.x, found.y, found.mark, found.level) == (36.0, 54.0, mark, level)


@pytest.mark.parametrize(
    ("shape", "at", "where", "rows", "columns"),
    [
        ((), (), "[]", [0], [0]),
        ((4,), (2,), "[0:4]", [0], [0, 1, 2, 3]),
        ((3, 4), (2, 1), "[0:3, 0:4]", [0, 1, 2], [0, 1, 2, 3]),
        ((2, 3, 40, 12), (1, 2, 30, 7), "[1, 2, 16:40, 0:12]", [20, 25, 30, 35], [0, 5, 10]),
    ],
)
def test_the_axes_and_the_worst_place_of_a_map(shape, at, where, rows, columns):
    got = np.zeros(shape)
    got[at] = 2.5
    comparison = compare(got, np.zeros(shape), Law(np.ones(shape), np.ones(shape)), float)
    drawn = map_of(found("ours", "Conv2d", "a case", "y", comparison), comparison.plane)
    assert drawn.where == where
    assert [number for _, number in drawn.rows] == rows
    assert [number for _, number in drawn.columns] == columns
    assert [cell for cell in drawn.cells if cell.mark == "1"] == [drawn.worst]
    assert (drawn.width, drawn.height) == (
        max(cell.x for cell in drawn.cells) + 18,
        max(cell.y for cell in drawn.cells) + 18,
    )


def test_one_map_for_a_tensor_the_one_that_shows_most():
    large = compare(np.ones((5, 6)), np.zeros((5, 6)), Law(np.full((5, 6), 0.5), np.ones((5, 6))), float)
    unbounded = compare(np.ones((9, 9)), np.zeros((9, 9)), EXACT, float)
    findings = [
        found("ours", "Conv2d", f"case {n}", "y", ours) for n, ours in enumerate((FAR, large, unbounded, CLOSE))
    ]
    findings.append(found("ours", "Conv2d", "case 1", "dx", off_by(0.5)))
    assert [(each.finding.case, each.finding.tensor) for each in maps(findings)] == [("case 1", "y"), ("case 1", "dx")]
    assert [each.finding.case for each in maps(findings[2:3])] == ["case 2"]
    assert maps(findings[3:4]) == []
