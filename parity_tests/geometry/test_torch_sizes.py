import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from parity_tests.geometry.strategies import Drawn, covered, inside, windows
from scratch.geometry import Window2d

every_window = settings(max_examples=200, deadline=None)


def compare(window: Window2d, size, layer):
    """Ours and torch's output size are the same, or both refuse."""
    image = torch.zeros(1, 1, *size)
    try:
        ours = window.output_size(size)
    except ValueError:
        with pytest.raises(RuntimeError):
            layer(image)
    else:
        assert tuple(layer(image).shape[2:]) == ours


def every_window_meets_a_cell(drawn: Drawn) -> bool:
    """torch may write out of bounds otherwise, so such a window must never reach it."""
    return all(
        inside(axis, covered(axis, start))
        for axis, positions in zip(drawn.axes, drawn.starts(), strict=True)
        for start in positions
    )


@every_window
@given(windows())
def test_conv2d(drawn: Drawn):
    arguments = drawn.arguments("kernel_size", "stride", "padding", "dilation")
    compare(drawn.window, drawn.size, torch.nn.Conv2d(1, 1, **arguments))


@every_window
@given(windows(pool=True).filter(every_window_meets_a_cell))
def test_max_pool2d(drawn: Drawn):
    arguments = drawn.arguments("kernel_size", "stride", "padding", "dilation")
    layer = torch.nn.MaxPool2d(**arguments, ceil_mode=drawn.window.ceil_mode)
    compare(drawn.window, drawn.size, layer)


@every_window
@given(windows(pool=True, dilated=False))
def test_avg_pool2d(drawn: Drawn):
    layer = torch.nn.AvgPool2d(**drawn.arguments("kernel_size", "stride", "padding"), ceil_mode=drawn.window.ceil_mode)
    compare(drawn.window, drawn.size, layer)


lengths = st.tuples(st.integers(1, 11), st.integers(1, 11))


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")  # torch on its own speed
@every_window
@given(lengths, st.tuples(st.integers(1, 6), st.integers(1, 6)), st.tuples(st.integers(1, 3), st.integers(1, 3)))
def test_padding_in_words(size, kernel_size, dilation):
    for padding in ("same", "valid"):
        window = Window2d.of(kernel_size, padding=padding, dilation=dilation)
        compare(window, size, torch.nn.Conv2d(1, 1, kernel_size, padding=padding, dilation=dilation))
    same = Window2d.of(kernel_size, padding="same", dilation=dilation)
    assert same.output_size(size) == size


@pytest.mark.parametrize(
    ("size", "kernel_size", "stride", "padding", "out"),
    [
        ((8, 8), 3, 1, 0, (6, 6)),
        ((8, 8), 3, 1, 1, (8, 8)),
        ((8, 8), 3, 2, 0, (3, 3)),
        ((8, 8), 3, 2, 1, (4, 4)),
        ((28, 28), 2, 2, 0, (14, 14)),
    ],
    ids=["valid", "same", "stride 2", "stride 2, padding 1", "pool"],
)
def test_sizes_of_the_tutorial(size, kernel_size, stride, padding, out):
    window = Window2d.of(kernel_size, stride, padding)
    assert window.output_size(size) == out
    compare(window, size, torch.nn.Conv2d(1, 1, kernel_size, stride, padding))
