from typing import NamedTuple

import pytest
import torch

from benchmarks import rows
from benchmarks.__main__ import main
from benchmarks.problems import Layer, Step
from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


CONV = Spec.of("Conv2d", 2, 3, (3, 2))
# 300 outputs, of which the loops do 30
SMALL_CONV = rows.Row("conv", Layer(LayerCase(CONV, (4, 2, 7, 6))), Layer(LayerCase(CONV, (1, 2, 4, 6))))
SMALL_STEP = rows.Row("step", Step("lines_cnn", 3))


@pytest.fixture
def bench(monkeypatch, capsys):
    """Run the benchmark in this process, quickly, on a small convolution and a small model."""
    monkeypatch.setattr(rows, "ROWS", [SMALL_CONV, SMALL_STEP])
    # NumPy is here already, and its threads cannot be changed; torch's must be as before for the other tests.
    monkeypatch.setattr("benchmarks.__main__.prepare_environment", lambda threads: None)
    threads = str(torch.get_num_threads())

    def run(*arguments):
        code = main(["--quick", "--threads", threads, *arguments])
        return Outcome(code, *capsys.readouterr())

    return run
