"""The parts, and what the door and its children agree on. Loads no other package."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]

WEIGHTS = {
    "environment": 2, "ceilings": 4, "agreement": 13, "determinism": 5, "suite": 22, "contest": 36, "sanitizer": 18,
}  # fmt: skip
"""The modules in the order in which they run, and their shares of the time: what one leaves over goes to the next."""

AGAIN = 4
"""The exit code of a child that lost its device: another one goes on with the items that are left."""


def environment_of_children(**more: str) -> dict[str, str]:
    """The environment of a child: the checkout goes first, what the caller has added to the path comes behind it."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path, **more}
