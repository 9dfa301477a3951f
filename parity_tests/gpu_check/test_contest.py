"""Times of all rows, on a device that stands in."""

import numpy as np
import pytest
import torch

from benchmarks.gpu_check import contest
from benchmarks.gpu_check.chosen import WithKernels
from benchmarks.gpu_check.deadline import Deadline
from benchmarks.gpu_check.document import with_roofline
from benchmarks.gpu_check.row import ROWS
from benchmarks.gpu_check.torch_mode import MODES, modes
from benchmarks.gpu_check.work import Work, least_work
from parity_tests.gpu_check import stand_in
from parity_tests.harness.case import Spec
from parity_tests.harness.implementations import IMPLEMENTATIONS
from parity_tests.harness.layer_case import LayerCase


def test_contest(found):
    records = found(contest)
    assert [each for each in records if "refused" in each] == []
    by_row = {}
    for each in records:
        by_row.setdefault((each["row"], each["direction"]), []).append(each)
    ours = {key: [each["who"] for each in its if each["who"].startswith("gpu")] for key, its in by_row.items()}
    assert ours["conv", "forward"] == ["gpu.on_numpy:im2col"]
    assert ours["filter", "forward"] == ["gpu.on_numpy:direct", "gpu.on_numpy:separable", "gpu.on_numpy:fft"]
    assert ours["filter float64", "forward"] == ["gpu.on_numpy:direct", "gpu.on_numpy:fft"]
    assert ours["step", "step"] == ["gpu.on_numpy", "gpu.on_numpy:kernels"]
    assert all(its for its in ours.values())
    torchs = [each["who"] for each in by_row["conv", "forward+backward"] if each["who"].startswith("torch")]
    assert torchs == [mode.name for mode in MODES]
    assert {(row, direction) for row, direction in by_row} == {
        *((row.name, "forward") for row in stand_in.ROWS),
        *((row.name, "forward+backward") for row in stand_in.ROWS[:8]),
        ("step", "step"),
    }
    for each in records:
        low, high = each["10-90 %"]
        assert low <= each["ms"] <= high
        assert each["same bits"] is (True if each["who"].startswith("gpu") else None)
        assert each["verdict"] in ("exact", "accurate") or each["who"].startswith("torch")
    assert all(each["index"] is None for each in by_row["filter float64", "forward"])
    torch_itself = next(each for each in by_row["conv", "forward"] if each["who"] == "torch")
    assert torch_itself["torch / this"] == 1
    assert (torch_itself["verdict"], torch_itself["bytes"]) == ("accurate", 4 * (336 + 216 + 6 + 504))


def test_a_wrong_algorithm_is_not_timed(plant, found):
    plant(lambda y: y * 1.5)
    records = found(contest, item="relu")
    [refused] = [each for each in records if "refused" in each]
    assert (refused["who"], refused["agrees"]) == ("gpu.on_numpy:arrays", False)
    assert {each["who"] for each in records if "ms" in each} == {"torch", "torch.best"}


def test_one_that_raises_is_not_timed(plant, found):
    def spoil(y):
        raise MemoryError("no room")

    plant(spoil)
    records = found(contest, item="relu")
    [refused] = [each for each in records if "refused" in each]
    assert refused["refused"] == "MemoryError: no room"
    assert {each["who"] for each in records if "ms" in each} == {"torch", "torch.best"}


def test_one_that_fails_only_when_it_is_timed(monkeypatch, plant, found):
    monkeypatch.setattr(contest, "MOST_COPIES", 1)
    runs = iter(range(10**6))

    def spoil(y):
        if next(runs) > 1:  # both runs that are judged are over
            raise MemoryError("no room")
        return y

    plant(spoil)
    refused = [each for each in found(contest, item="relu") if "refused" in each]
    assert [each["refused"] for each in refused] == [
        "forward: MemoryError: no room",
        "forward+backward: MemoryError: no room",
    ]


def test_other_bits_in_the_second_run_are_told_and_timed(monkeypatch, plant, found):
    signs = iter([1, -1] * 10**4)
    plant(lambda y: y * np.float32(next(signs)) if not y.get().any() else y)
    monkeypatch.setattr(
        LayerCase, "draw", lambda self, dtype, seed: dict.fromkeys(["x", "dy"], -np.ones(self.shape, dtype))
    )
    records = found(contest, item="relu")
    [refused] = [each for each in records if "refused" in each]
    assert (refused["refused"], refused["agrees"]) == ("other bits in a second run", False)
    assert "gpu.on_numpy:arrays" in {each["who"] for each in records if "ms" in each}


def test_without_time_nobody_is_timed(found):
    assert found(contest, item="conv", seconds=0) == []


def test_rounds_go_in_an_order_that_is_drawn_anew(monkeypatch):
    from contextlib import nullcontext
    from types import SimpleNamespace

    called, clock = [], iter(range(0, 10**6, 10))
    monkeypatch.setattr(contest.time, "monotonic", lambda: float(next(clock)))
    device = stand_in.Device()
    device.seconds = lambda call, times, ahead=0.0: called.append((call, times)) or (3.0 + ahead) * times
    who = SimpleNamespace(applied=nullcontext)
    ready = {name: contest.Ready(who, name, 4, 2, 0.5) for name in "abc"}
    samples = contest.rounds(ready, device, Deadline(60))
    assert {name: len(its.called) for name, its in samples.items()} == dict.fromkeys("abc", contest.LEAST_ROUNDS)
    assert (samples["a"].called[0], samples["a"].queued[0]) == (3.0, 3.5)
    orders = ["".join(name for name, times in called[i : i + 9] if times == 4) for i in range(0, len(called), 9)]
    assert all(sorted(order) == list("abc") for order in orders)
    assert len(set(orders)) > 1


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_rows_for_a_device_can_be_built(row):
    """Without their numbers, which are too many for a test."""
    if isinstance(row.what, LayerCase):
        assert row.what.spec.build(IMPLEMENTATIONS["gpu.on_numpy"].nn)
    assert str(row.what)


def test_work_of_a_convolution():
    """Depthwise: each output is a sum of 9 products."""
    case = LayerCase(Spec.of("Conv2d", 4, 4, 3, padding=1, groups=4), (2, 4, 5, 6))
    work = least_work(case, case.draw(np.dtype("float32"), 0))
    x = y = 2 * 4 * 5 * 6
    assert work["forward"] == Work(4 * (x + 36 + 4 + y), 2 * 9 * y)
    assert work["forward+backward"] == Work(4 * (3 * x + 3 * 36 + 2 * 4 + 2 * y), 6 * 9 * y)


def test_the_roofline_is_the_higher_of_both():
    about = {"device ms": 10.0, "bytes": 2000, "flops": 10**6, "TF32": True}
    rates = {"copy": 1e6, "product fp32": 1e8, "product TF32": 1e9}
    assert with_roofline(about, rates)["of roofline"] == pytest.approx(0.2)
    assert with_roofline(about | {"TF32": False}, rates)["of roofline"] == pytest.approx(1.0)
    assert "of roofline" not in with_roofline(about, {})
    assert "of roofline" not in with_roofline(about | {"bytes": None}, rates)


def test_modes_that_make_a_difference():
    assert [mode.name for mode in modes(True, True)] == ["torch", "torch.best", "torch.tf32", "torch.tf32.best"]
    assert [mode.name for mode in modes(False, True)] == ["torch", "torch.best"]
    assert [mode.name for mode in modes(True, False)] == ["torch", "torch.tf32"]


def test_a_mode_is_taken_back():
    cudnn, matmul = torch.backends.cudnn, torch.backends.cuda.matmul
    before = cudnn.allow_tf32, matmul.allow_tf32, cudnn.benchmark
    for mode in MODES:
        with mode.applied():
            assert (cudnn.allow_tf32, matmul.allow_tf32, cudnn.benchmark) == (mode.tf32, mode.tf32, mode.best)
    assert (cudnn.allow_tf32, matmul.allow_tf32, cudnn.benchmark) == before


@pytest.mark.parametrize("name", ["gpu.emulated", "gpu.on_numpy"])
def test_a_model_with_kernels(name):
    """Where there are none, as on NumPy, the choice is left to the namespace."""
    plain, nn = IMPLEMENTATIONS[name].nn, WithKernels(name).nn
    kernels = name == "gpu.emulated"
    assert nn.ReLU().algorithm == ("kernel" if kernels else None)
    assert nn.Conv2d(2, 3, 2).algorithm == ("implicit_gemm" if kernels else None)
    assert nn.Conv2d(2, 4, 2, groups=2).algorithm == ("depthwise" if kernels else None)
    assert nn.CrossEntropyLoss().algorithm == ("kernel" if kernels else None)
    parameter = nn.Parameter(nn.asarray(np.zeros(3)))
    assert nn.optim.SGD([parameter], lr=0.1).algorithm == ("fused" if kernels else None)
    assert (nn.Flatten, nn.backend) == (plain.Flatten, plain.backend)
