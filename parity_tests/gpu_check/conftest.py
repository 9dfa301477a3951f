"""A device, a wrong ReLU, and the records of a part."""

from types import SimpleNamespace

import pytest

from benchmarks.gpu_check.deadline import Deadline
from gpu import activation, on_numpy
from parity_tests.gpu_check import stand_in


@pytest.fixture
def found():
    """All records of a part, or of one of its items, on a device that stands in."""

    def of(part, device=None, item=None, seconds=60.0):
        device = device or stand_in.Device()
        items = part.items(device) if item is None else [item]
        return [record for each in items for record in part.run(each, device, Deadline(seconds))]

    return of


@pytest.fixture
def plant(monkeypatch):
    """Let another ReLU take the place of the stand-in's: a function of what is right."""

    def put(spoil):
        def relu(x):
            y, saved = activation.relu(x)
            return spoil(y), saved

        wrong = SimpleNamespace(relu=relu, relu_backward=activation.relu_backward)
        monkeypatch.setitem(on_numpy.backend.relu, "arrays", wrong)

    return put
