import importlib.util
import json
import shutil
from pathlib import Path

import pytest

RUN_PY = Path(__file__).parents[2] / "run.py"
# A door that shows what reached it, and ends as its last argument says.
DOOR = """
import os, signal, sys, time
import scratch
print(os.getcwd(), sys.argv[1:], scratch.__file__, sep="\\n", flush=True)
how = sys.argv[-1]
if how == "sleep":
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        sys.exit(1)
if how == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
sys.exit(int(how) if how.isdigit() else 0)
"""


@pytest.fixture
def checkout(tmp_path):
    """A folder with run.py, the files it reads, and a scratch and a parity_tests package."""
    root = tmp_path / "checkout"
    for package in ("scratch", "parity_tests"):
        (root / package).mkdir(parents=True)
        (root / package / "__init__.py").touch()
    (root / "parity_tests" / "__main__.py").write_text(DOOR)
    (root / "parity_tests" / "pytest_plugin.py").touch()  # where the project is installed, pytest asks for it by name
    (root / "pyproject.toml").write_text("")
    (root / "constraints.txt").write_text("torch==2.13.0\n")
    shutil.copy(RUN_PY, root)
    return root


@pytest.fixture
def run(checkout):
    """The checkout's run.py as a module, with an installer that installs nothing."""
    spec = importlib.util.spec_from_file_location("run_of_checkout", checkout / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.quietly = module.installer = Installer(module)
    module.driver_answers = lambda: False
    module.called = []
    module.call = lambda command: module.called.append(command) or 0
    return module


class Installer:
    """Stands in for the commands `python -m venv` and `pip install`, and remembers them."""

    def __init__(self, run):
        self.run = run
        self.commands = []
        self.found = ["numpy", "torch"]  # what pip's report lists
        self.failure = None  # (word of a command, its output or an exception)

    def __call__(self, command):
        self.commands.append(command)
        if self.failure and self.failure[0] in command:
            if isinstance(self.failure[1], BaseException):
                raise self.failure[1]
            return 1, self.failure[1]
        if "venv" in command:
            shutil.rmtree(self.run.VENV, ignore_errors=True)
            for file in (self.run.VENV_PYTHON, self.run.STAMP.parent / "pip.py"):
                file.parent.mkdir(parents=True, exist_ok=True)
                file.touch()
        if "--report" in command:
            report = {"install": [{"metadata": {"name": name}} for name in self.found]}
            Path(command[command.index("--report") + 1]).write_text(json.dumps(report))
        return 0, ""

    def steps(self):
        """What was done since the last time: "venv", "ask", "torch", "all"."""
        words = {
            "venv": "venv",
            "--upgrade": "pip",
            "--dry-run": "ask",
            "--index-url": "torch",
            ".[all]": "all",
        }
        done = [next(step for word, step in words.items() if word in command) for command in self.commands]
        self.commands.clear()
        return done
