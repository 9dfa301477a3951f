import numpy as np
import pytest

from scratch.geometry import Window2d, pair


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (3, (3, 3)),
        ((2, 5), (2, 5)),
        ([2, 5], (2, 5)),
        (np.int64(4), (4, 4)),
        ((np.int32(4), 1), (4, 1)),
        (1, (1, 1)),
    ],
    ids=repr,
)
def test_pair(value, wanted):
    got = pair(value, "stride", least=1)
    assert got == wanted
    assert [type(length) for length in got] == [int, int]


@pytest.mark.parametrize(
    ("value", "least", "error"),
    [
        (0, 1, ValueError),
        (-1, 0, ValueError),
        ((2, 0), 1, ValueError),
        ((0, 2), 1, ValueError),
        ((1,), 1, ValueError),
        ((1, 2, 3), 1, ValueError),
        ((), 1, ValueError),
        (2.0, 1, TypeError),
        ((2, 2.5), 1, TypeError),
        ("3", 1, TypeError),
        (None, 1, TypeError),
        ({1, 2}, 1, TypeError),
    ],
    ids=repr,
)
def test_pair_refuses_and_names_the_argument(value, least, error):
    with pytest.raises(error) as caught:
        pair(value, "stride", least)
    assert f"stride={value!r}" in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"kernel_size": 0}, ValueError, "kernel_size=0 must be at least 1"),
        ({"kernel_size": 3, "stride": (1, 0)}, ValueError, "stride=(1, 0) must be at least 1"),
        ({"kernel_size": 3, "padding": -1}, ValueError, "padding=-1 must be at least 0"),
        ({"kernel_size": 3, "dilation": 0}, ValueError, "dilation=0 must be at least 1"),
        ({"kernel_size": 3, "padding": "full"}, ValueError, "padding='full'"),
        ({"kernel_size": 3, "padding": "same", "stride": 2}, ValueError, "stride=2"),
        ({"kernel_size": 3, "padding": "same", "stride": (1, 2)}, ValueError, "stride=(1, 2)"),
        ({"kernel_size": 3.0}, TypeError, "kernel_size=3.0"),
        ({"kernel_size": 3, "padding": 0.5}, TypeError, "padding=0.5"),
    ],
    ids=repr,
)
def test_window_refuses(arguments, error, words):
    with pytest.raises(error) as caught:
        Window2d.of(**arguments)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("kernel_size", "dilation", "padding"),
    [
        (3, 1, ((1, 1), (1, 1))),
        ((2, 5), 1, ((0, 1), (2, 2))),
        ((4, 1), 1, ((1, 2), (0, 0))),
        ((2, 3), (3, 2), ((1, 2), (2, 2))),
    ],
)
def test_same_puts_the_odd_cell_at_the_bottom_and_right(kernel_size, dilation, padding):
    assert Window2d.of(kernel_size, padding="same", dilation=dilation).padding == padding
