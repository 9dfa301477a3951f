import ast
import os
import runpy
import shutil
import signal
import subprocess
import sys
import time
from importlib.util import find_spec

import pytest

from .conftest import RUN_PY

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals that end a process")


def here(checkout, *arguments, cwd=None, **environment):
    """Run `run.py --here` as a user does, from another folder."""
    return subprocess.run(
        [sys.executable, str(checkout / "run.py"), "--here", *arguments],
        cwd=cwd or checkout.parent,
        env={**os.environ, "CI": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, ["usage:", "report", "lint", "--here"]),
        (["--here"], 2, ["usage:"]),
        (["--help"], 0, ["usage:", "report", "check", "images", "bench", "doctor", "test", "lint", "--cpu", "--cuda"]),
        (["-h"], 0, ["usage:"]),
        (["reprot"], 2, ["unknown verb 'reprot'", "did you mean report?", "doctor, test, lint"]),
        (["zzz"], 2, ["unknown verb 'zzz'; there are report"]),
        (["--gpu", "report"], 2, ["unknown option --gpu", "--here, --cpu, --cuda"]),
        (["--cpu", "--cuda", "report"], 2, ["--cpu and --cuda exclude each other"]),
        (["--here", "--cpu", "report"], 2, ["exclude each other"]),
        (["lint", "--fix"], 2, ["lint takes no arguments, it got --fix"]),
    ],
)
def test_command_line(run, capsys, arguments, code, words):
    assert run.main(arguments) == code
    out, err = capsys.readouterr()
    said, silent = (out, err) if code == 0 else (err, out)
    assert silent == ""
    for word in words:
        assert word in said
    assert run.called == run.installer.commands == []


def test_usage_fits_80_columns(run):
    assert max(len(line) for line in run.usage().splitlines()) <= 80


def test_every_verb_has_its_door(run):
    for verb, (_, commands) in run.VERBS.items():
        for command in commands:
            module = command.split()[0]
            assert find_spec(f"{module}.__main__"), f"{verb} runs python -m {module}, which is not there"


def test_lint_runs_all_and_returns_the_worst(run):
    codes = iter([1, 0, 2])
    run.call = lambda command: run.called.append(command[2:]) or next(codes)
    assert run.main(["lint"]) == 2
    assert run.called == [["ruff", "check"], ["ruff", "format", "--check"], ["mypy"]]


def test_without_here_the_verb_runs_in_the_venv(run):
    assert run.main(["report", "--quick"]) == 0
    assert run.called == [[str(run.VENV_PYTHON), "-m", "parity_tests", "report", "--quick"]]


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h", "--cpu", "--", "a b", ""]])
def test_arguments_are_forwarded_untouched(checkout, tmp_path, arguments):
    done = here(checkout, "check", *arguments)
    assert done.stdout.splitlines()[:2] == [str(tmp_path), str(["check", *arguments])]
    assert (done.returncode, done.stderr) == (0, "")
    assert not (checkout / ".venv").exists()


def test_a_package_inside_ours_runs_in_the_folder_of_the_caller(checkout, tmp_path):
    shutil.copytree(checkout / "parity_tests", checkout / "scratch" / "images")
    done = here(checkout, "images", "picture.png")
    assert done.stdout.splitlines()[:2] == [str(tmp_path), str(["picture.png"])]
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("code", [0, 1, 2, 3, 77])
def test_exit_code_is_passed_on(checkout, code):
    assert here(checkout, "report", str(code)).returncode == code


@posix
def test_signal_is_passed_on(checkout):
    assert here(checkout, "report", "kill").returncode == 128 + signal.SIGKILL


@pytest.fixture
def sigint():
    """Ctrl-C is heard: who is started in the background ignores it, and so do the processes that it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@posix
@pytest.mark.usefixtures("sigint")
def test_ctrl_c_is_quiet(checkout):
    command = [sys.executable, str(checkout / "run.py"), "--here", "report", "sleep"]
    with subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.readline()  # the door speaks before it sleeps
        time.sleep(0.1)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(10) == 130
        assert process.stderr.read() == ""


def test_a_foreign_scratch_does_not_shadow_ours(checkout, tmp_path):
    for name in ("scratch", "parity_tests"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('foreign')\n")
    for environment in ({}, {"PYTHONPATH": str(tmp_path)}):
        done = here(checkout, "report", cwd=tmp_path, **environment)
        assert done.stdout.splitlines()[2] == str(checkout / "scratch" / "__init__.py"), done.stderr


def test_pytest_runs_in_the_checkout_and_warnings_are_errors_in_ci(checkout):
    (checkout / "test_it.py").write_text("import warnings\ndef test_it():\n    warnings.warn('old')\n")
    assert here(checkout, "test", "-q", "test_it.py").returncode == 0
    assert here(checkout, "test", "-q", "test_it.py", CI="true").returncode == 1


def test_here_names_the_module_that_is_missing(run, capsys):
    run.VERBS["fly"] = ("", ["antigravity_goggles"])
    assert run.main(["--here", "fly"]) == 3
    assert f"{sys.executable} has no antigravity_goggles: install it" in capsys.readouterr().err


def test_a_folder_name_that_no_search_path_can_hold(checkout):
    odd = checkout.rename(checkout.with_name(f"a{os.pathsep}b"))
    done = here(odd, "report")
    assert done.returncode == 3
    assert "rename it" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_older_python_is_told_so(monkeypatch, capsys):
    ast.parse(RUN_PY.read_text("utf-8"), feature_version=(3, 8))  # else it would see a SyntaxError instead
    monkeypatch.setattr(sys, "version_info", (3, 8, 18))
    with pytest.raises(SystemExit) as stop:
        runpy.run_path(str(RUN_PY))
    assert stop.value.code == 3
    assert "needs 3.11 or newer" in capsys.readouterr().err
