"""Reading what `check` prints, and where its samples are."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "parity_tests" / "check_samples"


def verdict(out: str) -> str:
    """The report's first and last paragraph, which are the same."""
    first, *_, last = out.strip().split("\n\n")
    assert first == last
    return " ".join(first.split())


def flat(text: str) -> str:
    """The text without its line breaks."""
    return " ".join(text.split())


def disagreeing(out: str) -> dict[str, str]:
    """The tensors whose row in the table says that they do not agree."""
    return {
        name: word
        for name, word in re.findall(r"^(\w+) +(wrong|imprecise|accurate|exact) ", out, re.MULTILINE)
        if word in ("wrong", "imprecise")
    }
