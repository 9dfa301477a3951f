"""README.md: its code runs, and its table is complete."""

from typing import Any

import numpy as np
import torch

import gpu
import scratch
from parity_tests.documentation.pages import PAGES, blocks
from scratch.models import lines_cnn

README = PAGES["README.md"].read_text(encoding="utf-8")


def test_the_code_runs():
    found = blocks(README, "python")
    assert len(found) >= 2
    # Without a GPU its stand-in; the images and the torch model, which the text leaves to the reader.
    names: dict[str, Any] = {
        "scratch": scratch,
        "gpu": gpu.on_numpy,
        "torch": torch,
        "images": np.zeros((5, 1, 8, 8), np.float32),
        "labels": np.array([0, 1, 0, 1, 1]),
        "torch_model": lines_cnn(torch.nn),
    }
    for block in found:
        exec(block.code, names)
    assert np.array_equal(names["torch_model"][0].weight.detach(), names["model"].state_dict()["0.weight"])


def test_every_layer_of_the_namespace_is_in_the_table():
    assert [name for name in scratch.layers.__all__ if name not in README] == []
