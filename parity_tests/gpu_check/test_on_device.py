"""The one file that calls CuPy and torch.cuda: what it calls is there, and is called as it is meant to be."""

import sys
from importlib.util import find_spec
from operator import attrgetter
from types import ModuleType, SimpleNamespace

import pytest
import torch

from benchmarks.gpu_check import on_device
from benchmarks.gpu_check.device import REAL, load

USED = (
    "RawKernel", "get_default_memory_pool", "cuda.Event", "cuda.get_elapsed_time", "cuda.set_allocator",
    "cuda.runtime.deviceSynchronize", "cuda.runtime.getDevice", "cuda.runtime.getDeviceProperties",
)  # fmt: skip


@pytest.fixture
def calls(monkeypatch):
    """A module in the place of CuPy, and what of it is called, in order."""
    called = []

    def noting(name, result=None):
        return lambda *arguments: [called.append((name, *arguments)), result][1]

    class Event:
        def record(self):
            called.append("record")

        def synchronize(self):
            called.append("synchronize")

    cupy = ModuleType("cupy")
    cupy.RawKernel = lambda code, name: noting(name)
    cupy.get_default_memory_pool = lambda: SimpleNamespace(free_all_blocks=noting("free_all_blocks"))
    cupy.cuda = SimpleNamespace(
        Event=Event,
        get_elapsed_time=lambda start, end: 250.0,
        set_allocator=noting("set_allocator"),
        runtime=SimpleNamespace(
            deviceSynchronize=noting("deviceSynchronize"),
            getDevice=lambda: 1,
            getDeviceProperties=lambda device: {"l2CacheSize": 100 + device},
        ),
    )
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    monkeypatch.setattr(torch.cuda, "empty_cache", noting("empty_cache"))
    return called


def test_time_between_two_events(calls):
    device = load(REAL)
    assert device.seconds(lambda: calls.append("call"), 2) == 0.25
    assert calls == ["record", "call", "call", "record", "synchronize"]


def test_calls_are_queued_while_the_device_waits(calls):
    load(REAL).seconds(lambda: calls.append("call"), 1, ahead=0.5)
    assert calls == [("wait", (1,), (1,), (10**9,)), "record", "call", "record", "synchronize"]


def test_the_rest(calls):
    device = load(REAL)
    assert device.sizes().l2_bytes == 101
    device.finish()
    device.free()
    device.without_pool()
    assert calls == [("deviceSynchronize",), ("free_all_blocks",), ("empty_cache",), ("set_allocator", None)]


def test_cupy_has_it():
    if find_spec("cupy") is None:
        pytest.skip("CuPy is not installed: nothing to compare the names with")
    import cupy

    assert all(callable(attrgetter(name)(cupy)) for name in USED)


@pytest.mark.gpu
def test_a_device():
    """Waiting takes as long as it should, and a copy of a gibibyte between a tenth of a millisecond and a second."""
    device = load(REAL)
    assert device.sizes().l2_bytes > 2**20
    x = torch.zeros(2**27, device="cuda")
    y = torch.empty_like(x)
    assert 1e-4 < device.seconds(lambda: y.copy_(x), 1) < 1
    queued = device.seconds(lambda: y.copy_(x), 3, ahead=0.02)
    assert queued < 1
    device.finish()
    device.free()


def test_cycles_are_those_of_a_fast_clock():
    assert on_device.CLOCK >= 1e9
