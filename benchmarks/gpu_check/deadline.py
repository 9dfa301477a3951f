"""How much time is left."""

import time
from collections.abc import Callable


class Deadline:
    """The end of some seconds that begin now.

    >>> clock = iter([10.0, 12.0, 15.5])
    >>> deadline = Deadline(5.0, lambda: next(clock))
    >>> deadline.left(), deadline.left()
    (3.0, 0.0)
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.end = clock() + seconds

    def left(self) -> float:
        """The seconds that are left, at least 0."""
        return max(0.0, self.end - self.clock())

    @property
    def over(self) -> bool:
        """Whether none are."""
        return self.left() == 0
