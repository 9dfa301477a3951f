"""The door: its errors, and what it does before NumPy is imported."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks.contenders import Torch
from parity_tests.harness.implementations import IMPLEMENTATIONS, Implementation

CHECKOUT = Path(__file__).parents[2]


def python(*arguments, **environment):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=CHECKOUT, env=os.environ | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--impl", "scrath"], 2, "unknown implementation 'scrath' (did you mean scratch?); there are scratch,"),
        (["--impl", "scratch", "--impl", "zzz"], 2, "unknown implementation 'zzz'; there are"),
        (["--impl", "gpu.on_numpy"], 2, "gpu.on_numpy stands in for a GPU"),
        (["--impl", "gpu.on_numpy+fast"], 2, "gpu.on_numpy+fast stands in for a GPU"),
        (["--impl", "scratch:winograt"], 2, "unknown algorithm 'scratch:winograt' (did you mean scratch:"),
        (["--impl", "scratch:im2col+fats"], 2, "unknown algorithm 'scratch:im2col'"),
        (["--impl", "scratch:fft", "--filter", "conv"], 2, "--impl: these rows are nothing for scratch:fft (perhaps"),
        (["--impl", "gpu"], 3, "gpu cannot run here: it is away"),
        (["--impl", "torch.cuda"], 3, "torch.cuda cannot run here: it is away"),
        (["--filter", "pool"], 2, "no row has 'pool' in its name; there are conv, step, blur, product, epoch."),
        (["--suite", "layers", "--filter", "blur"], 2, "no row has 'blur' in its name; there are conv."),
        (["--suite", "pictures"], 2, "--suite: unknown suite 'pictures'; there are layers, models, images, training."),
        (["--suite", "image"], 2, "--suite: unknown suite 'image' (did you mean images?); there are"),
        (
            ["--suite", "layers", "--impl", "scipy.signal.fftconvolve"],
            2,
            "these rows are nothing for scipy.signal.fftconvolve.",
        ),
        (["--filter", "blur", "--impl", "scipy.ndimage.correlate1d"], 2, "nothing for scipy.ndimage.correlate1d."),
        (["--threads", "0"], 2, "--threads 0: at least 1"),
        (["-o", "no/such/folder/file"], 2, "-o no/such/folder/file: there is no folder"),
        (["--dtype", "float16"], 2, "--dtype: unknown dtype 'float16' (did you mean float64?); there are float32,"),
        (["--allocator", "jemalloc"], 2, "--allocator: unknown allocator 'jemalloc'; there are default, tuned."),
        (["--sweep", "chanels"], 2, "--sweep: unknown axis 'chanels' (did you mean channels?); there are batch,"),
        (["--sweep", "batch", "--suite", "layers"], 2, "--sweep has rows of its own: leave out --suite."),
        (["--html", "no/such/folder/page.html"], 2, "--html no/such/folder/page.html: there is no folder"),
        (["--compare", "no/such/file"], 2, "--compare no/such/file: it cannot be read (No such file or directory)."),
        (["--crossover", "--plot", "p.pdf"], 2, "--plot p.pdf: the name of a picture ends in .svg or .png."),
        (["--crossover", "--plot", "no/such/folder/p.svg"], 2, "--plot no/such/folder/p.svg: there is no folder"),
        (["--crossover", "--suite", "images"], 2, "leave out --suite."),
        (["--crossover", "--impl", "scratch", "--sweep", "size"], 2, "leave out --impl and --sweep."),
        (["--crossover", "--filter", "2x2 on"], 2, "no row has '2x2 on' in its name; there are 3x3 on 64x64, float32,"),
    ],
)
def test_one_sentence(bench, monkeypatch, arguments, code, words):
    monkeypatch.setitem(IMPLEMENTATIONS, "gpu", Implementation("gpu", lambda: "it is away"))
    monkeypatch.setattr(Torch, "why_not", lambda self: "it is away")
    done = bench(*arguments)
    assert (done.code, done.out) == (code, "")
    assert words in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("arguments", [["--thread", "two"], ["--slow"], ["rows"]])
def test_usage(bench, capsys, arguments):
    with pytest.raises(SystemExit) as stop:
        bench(*arguments)
    assert stop.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_who_cannot_run_is_left_out_and_said(bench, monkeypatch):
    monkeypatch.setitem(IMPLEMENTATIONS, "gpu", Implementation("gpu", lambda: "it is away"))
    done = bench("--filter", "conv")
    assert done.code == 0
    assert "not timed, gpu: it is away" in done.out


@pytest.mark.parametrize(
    ("package", "extra", "arguments"),
    [
        ("torch", "torch", []),
        ("scipy", "torch", []),
        ("torch", "torch", ["--crossover"]),
        ("matplotlib", "plots", ["--crossover", "--plot", "p.svg"]),
        ("matplotlib", "plots", ["--html", "p.html"]),
        ("jinja2", "report", ["--html", "p.html"]),
    ],
)
def test_without_a_package(bench, monkeypatch, package, extra, arguments):
    monkeypatch.setattr("benchmarks.options.find_spec", lambda name: None if name == package else name)
    done = bench(*arguments)
    assert (done.code, done.out) == (3, "")
    assert done.err == f'benchmarks: {package} is missing: pip install -c constraints.txt -e ".[{extra}]" brings it.\n'


def test_ctrl_c_is_quiet(bench, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("benchmarks.measure.check", stop)
    assert bench() == (130, "", "")


def test_numpy_is_not_imported_before_the_threads_are_fixed():
    done = python("-c", "import benchmarks.__main__, sys; sys.exit('numpy' in sys.modules or 'torch' in sys.modules)")
    assert done.returncode == 0, done.stderr


def test_the_door_fixes_the_threads():
    many = {"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"}
    done = python(
        "-m", "benchmarks", "--threads", "1", "--quick", "--filter", "tutorial", "--impl", "scratch", "--json", **many
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["environment"]["threads"].startswith("torch 1, BLAS 1")


def test_a_row_that_does_not_fit_into_memory_is_refused_before_it_is_judged(bench, monkeypatch):
    monkeypatch.setattr("benchmarks.machine.free_bytes", lambda: 1000)
    done = bench("--suite", "layers")
    assert (done.code, done.out) == (3, "")
    assert done.err == "benchmarks: conv: to judge it takes about 0.0 GiB of memory, and 0.0 GiB are free.\n"
    assert bench("--filter", "blur", "--impl", "scratch").code == 0  # nothing to speak of


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory: 9 bytes")])
def test_no_free_memory_is_one_sentence(bench, monkeypatch, error):
    def judge(*_):
        raise error

    monkeypatch.setattr("benchmarks.layer.LayerTrial.judge", judge)
    done = bench("--suite", "layers")
    assert (done.code, done.out) == (3, "")
    assert done.err == "benchmarks: there is not enough free memory: choose smaller rows with --filter.\n"


def test_a_child_that_is_killed_is_one_sentence(bench, monkeypatch):
    monkeypatch.setattr("benchmarks.allocator.why_not", lambda: None)
    monkeypatch.setattr("benchmarks.options.why_not", lambda: None)
    monkeypatch.setattr("benchmarks.allocator.subprocess.run", lambda command, **_: SimpleNamespace(returncode=-9))
    monkeypatch.setattr("benchmarks.machine.commit", lambda: "unknown")
    done = bench("--filter", "conv", "--impl", "scratch", "--allocator", "tuned")
    assert (done.code, done.out) == (3, "")
    assert done.err == ("benchmarks: timing with malloc tuned failed: it was killed, most likely for want of memory.\n")


def test_where_malloc_is_another_one(bench, monkeypatch):
    for module in ("allocator", "options"):
        monkeypatch.setattr(f"benchmarks.{module}.why_not", lambda: "it is another malloc")
    done = bench("--filter", "conv", "--impl", "scratch", "--allocator", "tuned")
    assert (done.code, done.err) == (3, "benchmarks: --allocator tuned: it is another malloc.\n")
    done = bench("--filter", "conv", "--impl", "scratch", "--allocator", "tuned", "--allocator", "default")
    assert done.code == 0
    assert "not timed, malloc tuned: it is another malloc" in done.out
