from typing import NamedTuple

import pytest
import torch

from benchmarks import rows
from benchmarks.__main__ import main
from benchmarks.epoch import Epoch
from benchmarks.filter import Filter
from benchmarks.layer import Layer
from benchmarks.step import Step
from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase
from scratch.images import by_fft


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


CONV = Spec.of("Conv2d", 2, 3, (3, 2))
# 300 outputs, of which the loops do 30
SMALL_CONV = rows.Row("layers", "conv", Layer(LayerCase(CONV, (4, 2, 7, 6))), Layer(LayerCase(CONV, (1, 2, 4, 6))))
SMALL_STEP = rows.Row("models", "step", Step("lines_cnn", 3))
# 600 pixels, of which the loops do 150
SMALL_FILTER = rows.Row(
    "images", "blur", Filter.of((24, 25), 5, "normal", "float32"), Filter.of((6, 25), 5, "normal", "float32")
)
SMALL_PRODUCT = rows.Row("images", "product", Filter.of((24, 25), 7, "product", "float64"))
SMALL_EPOCH = rows.Row("training", "epoch", Epoch(3, "float64", 10), Epoch(3, "float64", 6))
SMALL_ROWS = [SMALL_CONV, SMALL_STEP, SMALL_FILTER, SMALL_PRODUCT, SMALL_EPOCH]


@pytest.fixture
def bench(monkeypatch, capsys):
    """Run the benchmark in this process, quickly, on a small convolution, a small model and small images."""
    monkeypatch.setattr(rows, "ROWS", SMALL_ROWS)
    # NumPy is here already, and its threads cannot be changed; those of others must be as before for the other tests.
    monkeypatch.setattr(by_fft, "THREADS", by_fft.THREADS)
    monkeypatch.setattr("benchmarks.__main__.prepare_environment", lambda threads: None)
    threads = str(torch.get_num_threads())

    def run(*arguments):
        code = main(["--quick", "--threads", threads, *arguments])
        return Outcome(code, *capsys.readouterr())

    return run
