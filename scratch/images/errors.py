"""What is raised for pictures."""


class PictureError(Exception):
    """A picture that cannot be read or written: one sentence says which and why."""
