"""The door `python -m gpu`, what it finds on this very machine, and the lines it tells one to run."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gpu import device, install
from gpu.__main__ import main, wrap

ROOT = Path(__file__).parents[2]


def run(*arguments):
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_this_machine_without_a_gpu():
    driver = next(device.stand_on(rung) for rung in device.RUNGS if rung.name == "NVIDIA driver")
    if driver.state != "absent":
        pytest.skip(f"this machine has an NVIDIA driver: {driver.detail}")
    doctor = run("-m", "gpu", "doctor")
    assert (doctor.returncode, doctor.stderr) == (0, "")
    assert doctor.stdout.startswith(f"No GPU here: {driver.detail}\n")


@pytest.mark.gpu
def test_this_machine_with_a_gpu():
    doctor = run("-m", "gpu", "doctor")
    assert (doctor.returncode, doctor.stderr) == (0, "")
    assert doctor.stdout.startswith("GPU ready: ")


def test_importing_the_package_loads_neither_cupy_nor_torch():
    loaded = run("-c", "import sys, gpu, gpu.device; print({'cupy', 'torch'} & set(sys.modules))")
    assert (loaded.stdout, loaded.stderr) == ("set()\n", "")


@pytest.mark.parametrize("arguments", [[], ["surgeon"]])
def test_no_verb_or_an_unknown_one_is_a_usage_error(arguments, capsys):
    with pytest.raises(SystemExit) as ending:
        main(arguments)
    assert ending.value.code == 2
    assert "usage: python -m gpu" in capsys.readouterr().err


def test_a_command_to_copy_stays_on_one_line():
    text = "Say `one command-with-hyphens and words`, then a few more words."
    assert wrap(text, 20) == ["Say", "`one command-with-hyphens and words`,", "then a few more", "words."]


def test_distributions_are_found_by_their_metadata(tmp_path, monkeypatch):
    for name, version in [("cupy-cuda12x", "14.1.0"), ("cupy-cuda13x", "14.2.0"), ("cupy-xarray", "0.1")]:
        folder = tmp_path / f"{name.replace('-', '_')}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert install.cupy_distributions() == {"cupy-cuda12x": "14.1.0", "cupy-cuda13x": "14.2.0"}


@pytest.mark.parametrize("folder", ["venv", "elsewhere", None])
def test_pip_is_the_one_of_this_python(tmp_path, monkeypatch, folder):
    python = tmp_path / "venv" / "python"
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(shutil, "which", lambda name: None if folder is None else str(tmp_path / folder / name))
    assert install.pip() == ("pip" if folder == "venv" else f"{python} -m pip")
