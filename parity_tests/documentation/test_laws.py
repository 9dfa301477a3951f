"""docs/laws.md: the table of choices has the rows of scratch/fast/choice.py, and every example is what it would run."""

import re

import pytest

from parity_tests.documentation.pages import PAGES
from scratch import Conv2d, backend, precision
from scratch.contracts.product import Conv2dCall
from scratch.fast.choice import TABLE, choose_conv2d

TEXT = PAGES["docs/laws.md"].read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+) \| (\w+) \| .+ \| `Conv2d\((.+)\)` on ([\dx]+)(, fast)? \|$", TEXT, re.MULTILINE)


def test_the_rows_are_those_of_the_code():
    assert [(int(n), name) for n, name, *_ in ROWS] == [(n, row.algorithm) for n, row in enumerate(TABLE, 1)]


@pytest.mark.parametrize(("n", "name", "arguments", "shape", "fast"), ROWS)
def test_an_example_comes_to_its_row(n: str, name: str, arguments: str, shape: str, fast: str):
    layer = eval(f"Conv2d({arguments})", {"Conv2d": Conv2d})
    x_shape = tuple(map(int, shape.split("x")))
    call = Conv2dCall(x_shape, layer.weight.shape, layer.window, layer.groups)
    assert (choose_conv2d(call, layer.algorithms) != name) == bool(fast)
    with precision("fast" if fast else "strict"):
        first = next(row for row in TABLE if row.algorithm in layer.algorithms and row.fits(call))
        assert choose_conv2d(call, layer.algorithms) == name
    assert TABLE.index(first) == int(n) - 1


def test_every_algorithm_is_on_the_page():
    named = re.findall(r"\[(\w+)\]\(\.\./scratch/fast/\w+\.py\)", TEXT)
    assert sorted(named) == sorted(backend.conv2d)
