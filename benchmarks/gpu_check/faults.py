"""What becomes of an error on the device: most are one algorithm's own, some end the use of the device for the process.

CUDA keeps some errors: after an access outside an array every call of the process fails. Then a new process has to go
on, and what it does not have to do again is kept.
"""

from collections.abc import Callable
from typing import Any

from benchmarks.gpu_check.device import Device

LONGEST = 300


class DeviceLost(Exception):  # noqa: N818 (what has happened)
    """The device cannot be used by this process any more; `records` are what the item had found till then."""

    def __init__(self, sentence: str, records: list[dict[str, Any]]) -> None:
        super().__init__(sentence)
        self.records = records


def reason(error: BaseException) -> str:
    """One line for an error.

    >>> reason(ValueError("x is 3"))
    'ValueError: x is 3'
    """
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"[:LONGEST]


def checked(device: Device, error: BaseException, records: Callable[[], list[dict[str, Any]]]) -> None:
    """Go on after an error if the device still answers.

    Raises
    ------
    DeviceLost
        if it does not
    """
    try:
        device.finish()
    except Exception as lost:  # noqa: BLE001 (whatever it is, the device is gone)
        raise DeviceLost(f"{reason(error)}; the device then failed: {reason(lost)}", records()) from error
