"""What the tests of `check` share: running it in the folder of the samples, or on a source of their own."""

import argparse

import pytest

from parity_tests.check import command
from parity_tests.command_line.reading import ROOT, SAMPLES


@pytest.fixture
def check(capsys, monkeypatch):
    """Run `check` in the folder of the samples; gives exit code, report and what went to stderr."""
    monkeypatch.chdir(SAMPLES)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def run(*words):
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        code = command.run(parser.parse_args(words))
        out, err = capsys.readouterr()
        assert out.startswith("{") or max(map(len, out.splitlines()), default=0) <= 80
        assert "Traceback" not in out + err
        return code, out, err

    return run


@pytest.fixture
def mine(tmp_path, monkeypatch, check):
    """Run `check` on a file with this source."""

    def run(source, target, *words):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "mine.py").write_text(source)
        return check(target, *words)

    return run
