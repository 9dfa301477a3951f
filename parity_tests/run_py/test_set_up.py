import contextlib
import os
import shutil
import sys

import pytest

FROM_NOTHING = ["venv", "pip", "ask", "all"]
UPDATE = ["pip", "ask", "all"]
CUDA = ["torch", "nvidia-cublas", "cuda-toolkit", "triton"]


@pytest.fixture(autouse=True)
def on_linux(run, monkeypatch):
    """The question about CUDA is put on Linux only; flock, which Windows lacks, has a test of its own."""
    run.lock, run.one_at_a_time = run.one_at_a_time, contextlib.nullcontext
    monkeypatch.setattr(sys, "platform", "linux")


def edit(name):
    return lambda run: (run.ROOT / name).write_text("# another\n")


@pytest.mark.parametrize(
    ("between", "steps"),
    [
        (lambda _: None, []),
        (edit("pyproject.toml"), UPDATE),
        (edit("constraints.txt"), UPDATE),
        (lambda run: run.STAMP.unlink(), FROM_NOTHING),
        (lambda run: run.STAMP.write_text("{"), FROM_NOTHING),
        (lambda run: run.STAMP.write_text("5"), FROM_NOTHING),
        (lambda run: run.VENV_PYTHON.unlink(), FROM_NOTHING),
        (lambda run: shutil.rmtree(run.STAMP.parent), FROM_NOTHING),
        (lambda run: shutil.rmtree(run.VENV), FROM_NOTHING),
        (lambda run: setattr(run.sysconfig, "get_python_version", lambda: "3.99"), FROM_NOTHING),
    ],
    ids=[
        *("unchanged", "pyproject", "constraints", "no stamp", "broken stamp", "odd stamp"),
        *("no python", "no packages", "no .venv", "another Python"),
    ],
)
def test_second_run(run, monkeypatch, between, steps):
    monkeypatch.setattr(run.sysconfig, "get_python_version", run.sysconfig.get_python_version)  # put back after
    assert run.main(["report"]) == 0
    assert run.installer.steps() == FROM_NOTHING
    between(run)
    assert run.main(["report"]) == 0
    assert run.installer.steps() == steps
    assert run.main(["report"]) == 0
    assert run.installer.steps() == []


@pytest.mark.parametrize(("how", "code"), [(KeyboardInterrupt(), 130), ("ERROR: it broke", 3)])
@pytest.mark.parametrize("first", [True, False])
def test_an_install_that_did_not_finish_is_repeated_from_nothing(run, how, code, first):
    if not first:
        run.main(["report"])
        edit("constraints.txt")(run)
    run.installer.failure = (".[all]", how)
    assert run.main(["report"]) == code
    run.installer.failure = None
    run.installer.steps()
    run.called.clear()
    assert run.main(["report"]) == 0
    assert run.installer.steps() == FROM_NOTHING
    assert len(run.called) == 1


@pytest.mark.parametrize(
    ("found", "driver", "options", "steps", "said"),
    [
        (["torch"], False, [], FROM_NOTHING, "torch (CPU build)"),
        (CUDA, True, [], FROM_NOTHING, "torch (CUDA build)"),
        (CUDA, False, ["--cuda"], FROM_NOTHING, "torch (CUDA build)"),
        (["torch"], False, ["--cuda"], FROM_NOTHING, "torch (CPU build)"),
        (CUDA, True, ["--cpu"], ["venv", "pip", "torch", "all"], "torch (CPU build)"),
    ],
)
def test_which_torch(run, capsys, found, driver, options, steps, said):
    run.installer.found = found
    run.driver_answers = lambda: driver
    assert run.main([*options, "report"]) == 0
    assert run.installer.steps() == steps
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("package", ["nvidia-cublas-cu12", "cuda-toolkit", "triton", "NVIDIA-NCCL-cu13"])
def test_cuda_is_not_fetched_unasked(run, capsys, package):
    run.installer.found = ["torch", package]
    for _ in range(2):  # no stamp is left behind
        assert run.main(["bench"]) == 3
        assert run.installer.steps() == ["venv", "pip", "ask"]
    sentence = capsys.readouterr().err.splitlines()[-1]
    for words in (
        run.CUDA_SIZE,
        run.CPU_SIZE,
        "`python3 run.py --cpu bench`",
        "`python3 run.py --cuda bench`",
    ):
        assert words in sentence
    assert run.called == []


def test_other_systems_are_not_asked(run, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    run.installer.found = CUDA
    assert run.main(["report"]) == 0
    assert run.installer.steps() == ["venv", "pip", "all"]


def test_the_chosen_build_is_remembered(run):
    run.installer.found = CUDA
    assert run.main(["--cpu", "report"]) == 0
    run.installer.steps()
    assert run.main(["report"]) == run.main(["--cpu", "report"]) == 0
    assert run.installer.steps() == []
    edit("constraints.txt")(run)
    assert run.main(["report"]) == 0
    assert run.installer.steps() == ["pip", "torch", "all"]
    assert run.main(["--cuda", "report"]) == 0
    assert run.installer.steps() == FROM_NOTHING


def test_pip_commands(run):
    run.main(["--cpu", "report"])
    pip = [str(run.VENV_PYTHON), "-m", "pip", "install", "-c", "constraints.txt"]
    assert run.installer.commands == [
        [sys.executable, "-m", "venv", "--clear", str(run.VENV)],
        [*pip, "--upgrade", "pip"],
        [*pip, "--no-deps", "--index-url", "https://download.pytorch.org/whl/cpu", "torch"],
        [*pip, "--build-constraint", "constraints.txt", "--editable", ".[all]"],
    ]


@pytest.mark.parametrize(
    ("command", "output", "sentence"),
    [
        ("venv", "The virtual environment was not created: ensurepip is not available.", "python3-venv"),
        ("venv", "Error: [Errno 20] Not a directory: '.venv'", "delete it and run again"),
        ("pip", "WARNING: Retrying after connection broken by 'NameResolutionError'", "check the network"),
        (".[all]", "ERROR: Could not install: [Errno 28] No space left on device", "the disk is full"),
        (".[all]", "ERROR: Cannot install it\nand so on", "pip failed (its last lines are above)"),
    ],
)
def test_failures(run, capsys, command, output, sentence):
    run.installer.failure = (command, output)
    assert run.main(["report"]) == 3
    assert sentence in capsys.readouterr().err.splitlines()[-1]
    assert run.called == []


def test_the_end_of_pips_output_is_shown(run, capsys):
    chatter = "\n".join(f"Collecting {n}" for n in range(99))
    run.installer.failure = (".[all]", f"{chatter}\nERROR: no such version")
    run.main(["report"])
    err = capsys.readouterr().err
    assert "  Collecting 98\n  ERROR: no such version\nrun.py: pip failed" in err
    assert len(err.splitlines()) < 20


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_no_venv_module(run, monkeypatch, capsys, missing):
    find_spec = run.importlib.util.find_spec
    monkeypatch.setattr(run.importlib.util, "find_spec", lambda name: None if name == missing else find_spec(name))
    assert run.main(["report"]) == 3
    assert "sudo apt install python3-venv" in capsys.readouterr().err
    assert run.installer.commands == []


def test_a_checkout_one_may_not_write_to(run, capsys):
    (run.ROOT / ".venv.lock").mkdir()  # cannot be opened, whoever runs this
    run.one_at_a_time = run.lock
    assert run.main(["report"]) == 3
    assert "cannot write to" in capsys.readouterr().err
    assert run.installer.commands == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no flock")
def test_one_install_at_a_time(run):
    import fcntl

    with run.lock(), (run.ROOT / ".venv.lock").open("w") as again, pytest.raises(BlockingIOError):
        fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize(("answer", "there"), [(0, True), (100, False), (None, False)])
def test_driver(checkout, monkeypatch, answer, there):
    class Library:
        def __init__(self, name):
            if answer is None:
                raise OSError(name)

        def cuInit(self, flags):
            return answer

    import run as real

    monkeypatch.setattr(real.ctypes, "CDLL", Library)
    assert real.driver_answers() is there
