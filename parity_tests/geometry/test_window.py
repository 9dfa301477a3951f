import numpy as np
import pytest
from hypothesis import given, settings

from parity_tests.geometry.strategies import Drawn, covered, inside, windows
from scratch.geometry import Window2d

every_window = settings(max_examples=200, deadline=None)


@every_window
@given(windows() | windows(pool=True))
def test_output_size_is_the_number_of_windows(drawn: Drawn):
    down, across = drawn.starts()
    if down and across:
        assert drawn.window.output_size(drawn.size) == (len(down), len(across))
    else:
        with pytest.raises(ValueError, match="greater than the padded input"):
            drawn.window.output_size(drawn.size)


@every_window
@given(windows(fitting=True))
def test_at_meets_the_cells_of_the_formula(drawn: Drawn):
    (top, _), (left, _) = drawn.window.padding
    for i, row in enumerate(drawn.starts()[0]):
        for j, column in enumerate(drawn.starts()[1]):
            rows, columns = drawn.window.at(i, j)
            assert [*range(100)[rows]] == [cell + top for cell in covered(drawn.vertical, row)]
            assert [*range(100)[columns]] == [cell + left for cell in covered(drawn.horizontal, column)]


@every_window
@given(windows(fitting=True))
def test_tap_and_at_are_two_ways_through_the_same_cells(drawn: Drawn):
    window, out = drawn.window, drawn.window.output_size(drawn.size)
    (top, bottom), (left, right) = window.padding
    H, W = drawn.size
    padded = np.arange((top + H + bottom) * (left + W + right)).reshape(top + H + bottom, left + W + right)
    by_window = np.array([[padded[window.at(i, j)] for j in range(out[1])] for i in range(out[0])])
    by_tap = np.array(
        [[padded[window.tap(u, v, out)] for v in range(window.kernel_size[1])] for u in range(window.kernel_size[0])]
    )
    np.testing.assert_array_equal(by_tap, by_window.transpose(2, 3, 0, 1))


@every_window
@given(windows(pool=True, fitting=True))
def test_cells_are_those_inside_the_image(drawn: Drawn):
    down, across = drawn.starts()
    for i, row in enumerate(down):
        for j, column in enumerate(across):
            wanted = (
                inside(drawn.vertical, covered(drawn.vertical, row)),
                inside(drawn.horizontal, covered(drawn.horizontal, column)),
            )
            assert drawn.window.cells(i, j, drawn.size) == wanted


@every_window
@given(windows(pool=True, dilated=False, fitting=True))
def test_cell_counts_leave_out_what_hangs_over(drawn: Drawn):
    def count(include_pad: bool) -> list[list[int]]:
        counts = []
        for axis, positions in zip(drawn.axes, drawn.starts(), strict=True):
            border = axis.p if include_pad else 0
            legal = range(-border, axis.n + border)
            counts.append([sum(cell in legal for cell in covered(axis, start)) for start in positions])
        return counts

    assert [*drawn.window.cell_counts(drawn.size, count_include_pad=True)] == count(True)
    assert [*drawn.window.cell_counts(drawn.size, count_include_pad=False)] == count(False)


@every_window
@given(windows(pool=True, fitting=True))
def test_covering_reaches_the_last_cell_of_the_last_window_and_no_further(drawn: Drawn):
    for axis, positions, (before, after) in zip(
        drawn.axes, drawn.starts(), drawn.window.covering(drawn.size), strict=True
    ):
        last = covered(axis, positions[-1])[-1]
        assert (before, after) == (axis.p, max(axis.p, last + 1 - axis.n))


@every_window
@given(windows(pool=True, fitting=True))
def test_a_pool_is_refused_where_a_window_meets_no_cell(drawn: Drawn):
    starts = drawn.starts()
    empty = [
        (number, position)
        for number, (axis, positions) in enumerate(zip(drawn.axes, starts, strict=True))
        for position, start in enumerate(positions)
        if not inside(axis, covered(axis, start))
    ]
    if empty:
        number, position = empty[0]
        with pytest.raises(ValueError, match=f"along axis {number}, window {position} covers no cell of the input"):
            drawn.window.check_pool(drawn.size)
    else:
        assert drawn.window.check_pool(drawn.size) == tuple(map(len, starts))


def test_dilation_can_jump_over_an_image():
    window = Window2d.of(2, stride=1, padding=1, dilation=3)  # cells -1 and 2 of an image with 0 and 1
    with pytest.raises(ValueError, match="along axis 0, window 0 covers no cell"):
        window.check_pool((2, 6))
    assert window.check_pool((3, 6)) == (2, 5)


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (0, 0)])
def test_an_empty_image_has_no_output(size):
    with pytest.raises(ValueError, match=r"nor the input empty"):
        Window2d.of(1, padding=2).output_size(size)
