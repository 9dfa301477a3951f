"""The doctor: each rung of the ladder broken in turn."""
