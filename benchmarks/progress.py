"""How far it is, on a terminal."""

from collections.abc import Iterable, Sequence
from typing import Any


def progress(things: Sequence[Any], doing: str) -> Iterable[Any]:
    """Show on a terminal how far it is; the thread with which tqdm watches itself would disturb the clock."""
    from tqdm import tqdm

    tqdm.monitor_interval = 0
    shown: Iterable[Any] = tqdm(things, desc=doing, leave=False, disable=None)
    return shown
