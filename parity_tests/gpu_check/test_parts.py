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
from benchmarks.gpu_check.record import digests
from benchmarks.gpu_check.run_parts import Outcome
from gpu.kernels import activation
from parity_tests.gpu_check import stand_in

SMI = "NVIDIA H200, 580.159.04, P0, 1980, 3201, 1980, 3201, 41, 120.55, 700.00, 3, 1021, 143771"


def test_environment(found):
    records = {each["what"]: each for each in found(environment, item="versions")}
    assert records["versions"]["torch"] == torch.__version__
    assert found(environment, item="machine")[0]["usable CPUs"] >= 1
    assert found(environment, item="kernels")[0]["digests"] == digests()


def test_the_commit_is_told_or_unknown(monkeypatch, tmp_path):
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    assert environment.commit() == {"commit": "unknown: this checkout has no .git"}
    (tmp_path / ".git").mkdir()
    assert environment.commit()["commit"].startswith("unknown: git does not tell")
    answers = iter(["abc", " M file"])
    monkeypatch.setattr(environment, "git", lambda *_: next(answers))
    assert environment.commit() == {"commit": "abc, with changes"}


def test_ceilings(found):
    records = found(ceilings)
    assert [each["what"] for each in records] == ["copy", "product fp32", "product TF32", "product fp16"]
    assert all(each["rate"] > 0 for each in records)


def test_a_rate_is_work_by_time(found):
    device = stand_in.Device()
    device.seconds = lambda call, times, ahead=0.0: 0.5 * times
    assert found(ceilings, device, "copy")[0]["rate"] == 2 * 4 * 1000 / 0.5
    assert found(ceilings, device, "product fp32")[0]["rate"] == 2 * 16**3 / 0.5


def test_determinism(found):
    records = found(determinism)
    assert [(each["what"], each["cases"], each["agrees"]) for each in records] == [
        ("ReLU", 2, True), ("Linear", 2, True),
    ]  # fmt: skip


def test_other_bits_are_found(plant, found):
    noise = np.random.default_rng(0)
    plant(lambda y: y + noise.random())
    [record] = found(determinism, item="ReLU")
    assert not record["agrees"]
    assert record["wrong"][0] == "ReLU() on 3x5 float32: y"


@pytest.mark.parametrize("part", [determinism, agreement])
def test_a_case_that_raises_is_one_that_is_wrong(part, plant, found):
    def spoil(y):
        raise MemoryError("no room for 60 bytes")

    plant(spoil)
    [record] = found(part, item="ReLU")
    assert record["cases"] == 2
    assert not record["agrees"]
    assert record["wrong"][0] == "ReLU() on 3x5 float32: MemoryError: no room for 60 bytes"


@pytest.mark.parametrize("part", [determinism, agreement])
def test_what_does_not_fit_into_the_time_is_not_run(part, found):
    [record] = found(part, item="ReLU", seconds=0)
    assert record["cases"] == 0


def test_agreement_with_the_law_alone(monkeypatch, found):
    monkeypatch.setattr(agreement.emulator, "why_not", lambda: "there is no g++")
    records = found(agreement)
    assert [(each["what"], each["agrees"], each["apart"], each["emulator"]) for each in records] == [
        ("ReLU", True, None, "there is no g++"), ("Linear", True, None, "there is no g++"),
    ]  # fmt: skip
    assert 0 < records[1]["worst of law"] < 1


def test_agreement_finds_what_is_wrong(monkeypatch, plant, found):
    monkeypatch.setattr(agreement.emulator, "why_not", lambda: "there is no g++")
    plant(lambda y: y * 1.5)
    [record] = found(agreement, item="ReLU")
    assert not record["agrees"]
    assert record["wrong"][0].startswith("ReLU() on 3x5 float32: y is wrong")


@pytest.mark.gxx
def test_agreement_with_the_emulator(monkeypatch, found):
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


def test_a_sanitizer_that_is_not_installed(monkeypatch, found):
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


def test_every_part_is_drawn(found):
    """The text of all parts, of what they really give."""
    outcomes = [
        Outcome(
            "environment", "complete", 1.0, [*found(environment, item="versions"), *found(environment, item="kernels")]
        ),
        Outcome("ceilings", "complete", 1.0, found(ceilings), [], [environment.read_clocks(SMI), {"unknown": "gone"}]),
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
    assert written.count("before: 1980 and 3201 MHz, 41 C, 120.55 W") == 1
    assert "after: " not in written
    fractions = [each.get("of roofline") for each in content["parts"][3]["records"] if each["row"] == "conv"]
    assert all(fraction and fraction > 0 for fraction in fractions)
