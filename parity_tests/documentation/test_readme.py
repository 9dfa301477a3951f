"""README.md: its files exist, its commands are known, its code runs."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import gpu
import run
import scratch
from scratch.models import lines_cnn

ROOT = Path(run.__file__).parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_a_link_leads_to_a_file(link: str):
    assert link.startswith("https://") or (ROOT / link).exists()


@pytest.mark.parametrize("command", sorted(set(re.findall(r"run\.py ([^\n`#]+)", README))))
def test_a_command_is_one_that_run_py_knows(command: str):
    words = command.split()
    verb = next(word for word in words if not word.startswith("--"))
    assert verb in run.VERBS
    assert all(word in run.OPTIONS for word in words[: words.index(verb)])


def test_the_code_runs():
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(blocks) >= 2
    # Without a GPU its stand-in; the images and the torch model, which the text leaves to the reader.
    names: dict[str, Any] = {
        "scratch": scratch,
        "gpu": gpu.on_numpy,
        "torch": torch,
        "images": np.zeros((5, 1, 8, 8), np.float32),
        "labels": np.array([0, 1, 0, 1, 1]),
        "torch_model": lines_cnn(torch.nn),
    }
    for block in blocks:
        exec(block, names)
    assert np.array_equal(names["torch_model"][0].weight.detach(), names["model"].state_dict()["0.weight"])


def test_every_layer_of_the_namespace_is_in_the_table():
    assert [name for name in scratch.layers.__all__ if name not in README] == []
