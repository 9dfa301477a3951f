"""The parts, and what the door and its children agree on. Loads nothing."""

WEIGHTS = {
    "environment": 2, "ceilings": 4, "agreement": 14, "determinism": 6, "suite": 28, "contest": 32, "sanitizer": 14,
}  # fmt: skip
"""The modules in the order in which they run, and their shares of the time: what one leaves over goes to the next."""

AGAIN = 4
"""The exit code of a child that lost its device: another one goes on with the items that are left."""
