"""What importing loads: scratch needs NumPy alone, and gpu loads CuPy only when a GPU is asked for."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("torch", "cupy", "matplotlib", "scipy", "PIL", "hypothesis", "pytest")


def answer(program: str) -> tuple[str, str]:
    """What a fresh Python in the checkout prints, and its errors."""
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=root)
    return done.stdout.strip(), done.stderr


@pytest.mark.parametrize(
    "module",
    [
        "scratch",
        "scratch.naive",
        "scratch.models",
        "scratch.data",
        "scratch.train",
        "scratch.images",
        "gpu",
        "gpu.on_numpy",
    ],
)
def test_importing_loads_no_other_library(module):
    program = f"import sys, {module}; print([name for name in {HEAVY} if name in sys.modules])"
    assert answer(program) == ("[]", "")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("scratch", "gpu"),
        ("scratch", "parity_tests"),
        ("gpu", "parity_tests"),
        ("parity_tests", "benchmarks"),
        ("benchmarks", "lessons"),
    ],
)
def test_imports_go_one_way(left, right):
    assert answer(f"import sys, {left}; print({right!r} in sys.modules)") == ("False", "")
