"""The styles in which people write layers, losses and optimisers: one topic a file, all of them in one table."""

from collections.abc import Callable, Mapping
from typing import Any

from parity_tests.check.adapters import class_reading, functions, images, losses, optimisers, torch_modules
from parity_tests.check.adapters.base import Adapter, Hints, Run, Unmatched

Recognise = Callable[[str, str, Mapping[str, Any], Hints, Run], list[Any]]
"""(torch's name, its own, what the child says of it, the map file's hints, how to run a program) -> readings"""

STYLES: Mapping[str, Recognise] = {
    "class": class_reading.recognise,
    "torch Module": torch_modules.recognise,
    "function": functions.recognise,
    "image function": images.recognise,
    "loss": losses.recognise,
    "optimiser": optimisers.recognise,
}
"""The name of a style, for a map file -> who recognises it: gives readings, the likeliest first, or none."""


def recognise(op: str, name: str, described: Mapping[str, Any], hints: Hints, run: Run) -> list[Adapter[Any]]:
    """Find all readings of something.

    Raises
    ------
    Unmatched
        if there is none
    """
    found: list[Adapter[Any]] = []
    reasons = []
    for style, recognised in STYLES.items():
        if hints.style in (None, style):
            try:
                found += recognised(op, name, described, hints, run)
            except Unmatched as reason:
                reasons.append(reason)
    if not found:
        kind = described["kind"]
        raise reasons[0] if reasons else Unmatched(f"a {kind} in the style {hints.style or 'of any kind'} is not known")
    return found


__all__ = ["STYLES", "Adapter", "Hints", "Unmatched", "recognise"]
