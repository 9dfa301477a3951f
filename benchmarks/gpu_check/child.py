"""One part, in a process of its own: what it finds goes to a file, line by line, so that nothing is lost when it ends.

    python -m benchmarks.gpu_check.child PART SECONDS FILE DEVICE [ITEM THAT IS DONE ...]

The lines: {"event": "begin", "item"}, {"event": "record", "item", "record"}, {"event": "failure", "item", "sentence",
"traceback"}, {"event": "end", "item"}, and at last {"event": "done"}, or {"event": "cut"} if the time was over.
"""

import json
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from benchmarks.gpu_check.deadline import Deadline
from benchmarks.gpu_check.device import Device, load
from benchmarks.gpu_check.faults import DeviceLost, reason
from benchmarks.gpu_check.parts import AGAIN
from parity_tests.report.as_json import strict

LONGEST = 4000


class Part(Protocol):
    """What each of the modules is."""

    def items(self, device: Device) -> Sequence[str]:
        """The pieces, which stand for themselves: after a crash it goes on with the next."""

    def run(self, item: str, device: Device, deadline: Deadline) -> Iterator[dict[str, Any]]:
        """Do one, and give what is found, as soon as it is; it ends soon after the deadline."""


def part_of(name: str) -> Part:
    """The module of a part."""
    return cast("Part", import_module(f"benchmarks.gpu_check.{name}"))


def run_part(
    part: Part, device: Device, deadline: Deadline, done: Sequence[str], write: Callable[[dict[str, Any]], None]
) -> int:
    """Run the items that are not done; an exception is one item's, unless it takes the device along.

    Returns
    -------
    0, or AGAIN
    """
    for item in part.items(device):
        if item in done:
            continue
        if deadline.over:
            write({"event": "cut"})
            return 0
        write({"event": "begin", "item": item})
        try:
            for record in part.run(item, device, deadline):
                write({"event": "record", "item": item, "record": record})
        except Exception as error:  # noqa: BLE001 (it is recorded, and the others go on)
            records = error.records if isinstance(error, DeviceLost) else []
            for record in records:
                write({"event": "record", "item": item, "record": record})
            text = traceback.format_exc()[-LONGEST:]
            write({"event": "failure", "item": item, "sentence": reason(error), "traceback": text})
            if isinstance(error, DeviceLost) or not answers(device):
                return AGAIN
        write({"event": "end", "item": item})
    write({"event": "done"})
    return 0


def answers(device: Device) -> bool:
    """Whether the device can still be used by this process."""
    try:
        device.finish()
    except Exception:  # noqa: BLE001 (then it cannot)
        return False
    return True


def main(arguments: Sequence[str]) -> int:
    """Run one part."""
    name, seconds, file, device, *done = arguments
    deadline = Deadline(float(seconds))
    with Path(file).open("a", encoding="utf-8") as lines:

        def write(line: dict[str, Any]) -> None:
            lines.write(json.dumps(strict(line), allow_nan=False) + "\n")
            lines.flush()

        try:
            part, made = part_of(name), load(device)
        except Exception as error:  # noqa: BLE001 (a package that is broken, perhaps)
            text = traceback.format_exc()[-LONGEST:]
            write({"event": "failure", "item": "", "sentence": reason(error), "traceback": text})
            return 1
        return run_part(part, made, deadline, done, write)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what it has started is ended, too
    sys.exit(main(sys.argv[1:]))
