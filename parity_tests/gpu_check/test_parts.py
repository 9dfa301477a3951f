"""Each part, in this process, on a device that stands in: all of its Python but the calls of CuPy and torch.cuda."""

import math

import numpy as np
import pytest
import torch

from benchmarks.gpu_check import (
    agreement,
    ceilings,
    contest,
    determinism,
    document,
    environment,
    sanitizer,
    small_launches,
    text,
)
from benchmarks.gpu_check.chosen import WithKernels
from benchmarks.gpu_check.deadline import Deadline
from benchmarks.gpu_check.document import with_roofline
from benchmarks.gpu_check.row import ROWS
from benchmarks.gpu_check.run_parts import Outcome
from benchmarks.gpu_check.torch_mode import MODES, modes
from benchmarks.gpu_check.work import Work, least_work
from gpu.kernels import activation
from parity_tests.gpu_check import stand_in
from parity_tests.harness.case import Spec
from parity_tests.harness.implementations import IMPLEMENTATIONS
from parity_tests.harness.layer_case import LayerCase

DEVICE = stand_in.Device()


def found(part, device=DEVICE, item=None, seconds=60.0):
    """All records of a part, or of one of its items."""
    items = part.items(device) if item is None else [item]
    return [record for each in items for record in part.run(each, device, Deadline(seconds))]


def planted(monkeypatch, spoil):
    """Let another ReLU take the place of the stand-in's: a function of what is right."""
    from types import SimpleNamespace

    from gpu import activation as array_code
    from gpu import on_numpy

    def relu(x):
        y, saved = array_code.relu(x)
        return spoil(y), saved

    wrong = SimpleNamespace(relu=relu, relu_backward=array_code.relu_backward)
    monkeypatch.setitem(on_numpy.backend.relu, "arrays", wrong)


def test_environment():
    records = {each["what"]: each for each in found(environment, item="versions")}
    assert records["versions"]["torch"] == torch.__version__
    assert found(environment, item="machine")[0]["usable CPUs"] >= 1
    hashes = found(environment, item="kernels")[0]["sha256"]
    assert {"activation.cu", "activation.py", "sum.cuh"} <= hashes.keys()
    assert all(len(each) == 16 for each in hashes.values())


def test_the_commit_is_told_or_unknown(monkeypatch, tmp_path):
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    assert environment.commit() == {"commit": "unknown: this checkout has no .git"}
    (tmp_path / ".git").mkdir()
    assert environment.commit()["commit"].startswith("unknown: git does not tell")
    answers = iter(["abc", " M file"])
    monkeypatch.setattr(environment, "git", lambda *_: next(answers))
    assert environment.commit() == {"commit": "abc, with changes"}


def test_a_hash_does_not_depend_on_the_ends_of_lines(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(b"a\nb\n")
    other.write_bytes(b"a\r\nb\r\n")
    assert environment.hash_of(one) == environment.hash_of(other)


def test_ceilings():
    records = found(ceilings)
    assert [each["what"] for each in records] == ["copy", "product fp32", "product TF32", "product fp16"]
    assert all(each["rate"] > 0 for each in records)


def test_a_rate_is_work_by_time():
    device = stand_in.Device()
    device.seconds = lambda call, times, ahead=0.0: 0.5 * times
    assert found(ceilings, device, "copy")[0]["rate"] == 2 * 4 * 1000 / 0.5
    assert found(ceilings, device, "product fp32")[0]["rate"] == 2 * 16**3 / 0.5


def test_determinism():
    records = found(determinism)
    assert [(each["what"], each["cases"], each["agrees"]) for each in records] == [
        ("ReLU", 2, True), ("Linear", 2, True),
    ]  # fmt: skip


def test_other_bits_are_found(monkeypatch):
    noise = np.random.default_rng(0)
    planted(monkeypatch, lambda y: y + noise.random())
    [record] = found(determinism, item="ReLU")
    assert not record["agrees"]
    assert record["wrong"][0] == "ReLU() on 3x5 float32: y"


@pytest.mark.parametrize("part", [determinism, agreement])
def test_a_case_that_raises_is_one_that_is_wrong(monkeypatch, part):
    def spoil(y):
        raise MemoryError("no room for 60 bytes")

    planted(monkeypatch, spoil)
    [record] = found(part, item="ReLU")
    assert record["cases"] == 2
    assert not record["agrees"]
    assert record["wrong"][0] == "ReLU() on 3x5 float32: MemoryError: no room for 60 bytes"


@pytest.mark.parametrize("part", [determinism, agreement])
def test_what_does_not_fit_into_the_time_is_not_run(part):
    [record] = found(part, item="ReLU", seconds=0)
    assert record["cases"] == 0


def test_agreement_with_the_law_alone(monkeypatch):
    monkeypatch.setattr(agreement.emulator, "why_not", lambda: "there is no g++")
    records = found(agreement)
    assert [(each["what"], each["agrees"], each["apart"], each["emulator"]) for each in records] == [
        ("ReLU", True, None, "there is no g++"), ("Linear", True, None, "there is no g++"),
    ]  # fmt: skip
    assert 0 < records[1]["worst of law"] < 1


def test_agreement_finds_what_is_wrong(monkeypatch):
    monkeypatch.setattr(agreement.emulator, "why_not", lambda: "there is no g++")
    planted(monkeypatch, lambda y: y * 1.5)
    [record] = found(agreement, item="ReLU")
    assert not record["agrees"]
    assert record["wrong"][0].startswith("ReLU() on 3x5 float32: y is wrong")


@pytest.mark.gxx
def test_agreement_with_the_emulator(monkeypatch):
    monkeypatch.setattr(agreement, "modules", lambda: [activation])
    records = found(agreement, stand_in.Emulated())
    assert [(each["algorithm"], each["agrees"], each["apart"]) for each in records] == [("kernel", True, 0.0)]
    assert records[0]["emulator"] == "compared"


def test_how_far_apart():
    law = agreement.Law(np.array([0.5, 0.5]), np.array([1.0, 1.0]))
    one = np.array([1.0, np.nan], np.float32)
    assert agreement.apart(one, one + np.float32(0.125), law) == 0.25
    assert agreement.apart(one, np.array([1.0, 2.0], np.float32), law) == math.inf
    assert agreement.apart(one, one * 2, None) == math.inf


def test_contest():
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


def test_a_wrong_algorithm_is_not_timed(monkeypatch):
    planted(monkeypatch, lambda y: y * 1.5)
    records = found(contest, item="relu")
    [refused] = [each for each in records if "refused" in each]
    assert (refused["who"], refused["agrees"]) == ("gpu.on_numpy:arrays", False)
    assert {each["who"] for each in records if "ms" in each} == {"torch", "torch.best"}


def test_one_that_raises_is_not_timed(monkeypatch):
    def spoil(y):
        raise MemoryError("no room")

    planted(monkeypatch, spoil)
    records = found(contest, item="relu")
    [refused] = [each for each in records if "refused" in each]
    assert refused["refused"] == "MemoryError: no room"
    assert {each["who"] for each in records if "ms" in each} == {"torch", "torch.best"}


def test_one_that_fails_only_when_it_is_timed(monkeypatch):
    monkeypatch.setattr(contest, "MOST_COPIES", 1)
    runs = iter(range(10**6))

    def spoil(y):
        if next(runs) > 1:  # both runs that are judged are over
            raise MemoryError("no room")
        return y

    planted(monkeypatch, spoil)
    refused = [each for each in found(contest, item="relu") if "refused" in each]
    assert [each["refused"] for each in refused] == [
        "forward: MemoryError: no room",
        "forward+backward: MemoryError: no room",
    ]


def test_other_bits_in_the_second_run_are_told_and_timed(monkeypatch):
    signs = iter([1, -1] * 10**4)
    planted(monkeypatch, lambda y: y * np.float32(next(signs)) if not y.get().any() else y)
    monkeypatch.setattr(
        LayerCase, "draw", lambda self, dtype, seed: dict.fromkeys(["x", "dy"], -np.ones(self.shape, dtype))
    )
    records = found(contest, item="relu")
    [refused] = [each for each in records if "refused" in each]
    assert (refused["refused"], refused["agrees"]) == ("other bits in a second run", False)
    assert "gpu.on_numpy:arrays" in {each["who"] for each in records if "ms" in each}


def test_without_time_nobody_is_timed():
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


@pytest.mark.gxx
def test_small_launches_say_what_they_launch(capsys, monkeypatch):
    monkeypatch.setattr(small_launches, "modules", lambda: [activation])
    assert small_launches.main(["parity_tests.gpu_check.stand_in:Emulated"]) == 0
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first == "relu<float>"
    assert last.strip() == "kernels launched: 2 of 2"


@pytest.mark.gxx
def test_small_launches_say_what_they_do_not(capsys):
    assert small_launches.main(["parity_tests.gpu_check.stand_in:Emulated"]) == 1
    assert "(not adam, " in capsys.readouterr().out


def test_a_sanitizer_that_is_not_installed(monkeypatch):
    monkeypatch.setattr(sanitizer.shutil, "which", lambda *_, **__: None)
    records = found(sanitizer)
    assert [each["what"] for each in records] == ["memcheck", "racecheck"]
    assert all(each["state"] == "compute-sanitizer is not installed" for each in records)


@pytest.mark.parametrize(
    ("script", "state"),
    [
        ("echo 'kernels launched: 9 of 9 '; echo '========= ERROR SUMMARY: 0 errors'", "no error"),
        (
            "echo '========= Error: Device not supported. Please refer to the documentation'; exit 1",
            "it refuses: Error: ",
        ),
        ("echo relu; sleep 60", "stopped, for the time was over; no error till then"),
        ("echo gone; exit 7", "it ended with exit code 7 and without a summary"),
    ],
)
def test_a_sanitizer_that_answers(tmp_path, script, state):
    program = tmp_path / "compute-sanitizer"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    said = sanitizer.sanitized(str(program), "memcheck", 1.0, "x:y")
    assert said["state"].startswith(state)
    assert said.get("agrees") == (True if state == "no error" else None)


def test_every_part_is_drawn():
    """The text of all parts, of what they really give."""
    outcomes = [
        Outcome(
            "environment", "complete", 1.0, [*found(environment, item="versions"), *found(environment, item="kernels")]
        ),
        Outcome("ceilings", "complete", 1.0, found(ceilings)),
        Outcome("determinism", "complete", 1.0, found(determinism)),
        Outcome("contest", "cut", 1.0, found(contest, item="conv") + found(contest, item="step")),
        Outcome("sanitizer", "not begun"),
    ]
    content = document.document(outcomes, {"began": "now"})
    written = text.render(content, [], [])
    assert written.startswith("AGREE: ")
    assert "not complete: contest, sanitizer" in " ".join(written.split())
    assert [line for line in written.splitlines() if len(line) > 80] == []
    assert written.isascii()
    assert "gpu.on_numpy:im2col" in written
    fractions = [each.get("of roofline") for each in content["parts"][3]["records"] if each["row"] == "conv"]
    assert all(fraction and fraction > 0 for fraction in fractions)
