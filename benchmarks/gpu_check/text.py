"""The document as text: the verdict, what is wrong, and tables. ASCII, 80 columns, nothing cut off."""

import math
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from benchmarks.report import digits, narrow
from parity_tests.report.layout import fold, table

LEGEND = """\
ms        the median of all samples, of calls one after the other, with Python
device    of the device alone, with calls that were queued up before
torch /   the time of torch, in full float32 and with its defaults, divided by
          this one: 2 is twice as fast as torch; of calls, and of the device
roof      the time that the measured bandwidth and rate of products would allow
          at least, divided by that of the device (with TF32, TF32's rate)
index     rms error against float64, in roundings of float32; to 1: accurate
law       the largest error, as a fraction of what rounding allows
best      channels last, and cuDNN tries its algorithms first
tf32      products are rounded to TF32, which is not float32: see law and index"""


def render(content: dict[str, Any], bad: Sequence[str], broken: Sequence[str]) -> str:
    """Write everything; `bad` and `broken` are what the verdict counts, a line each."""
    found = [fold(content["verdict"]), *map(fold, bad), *map(fold, broken)]
    for part in content["parts"]:
        if part["state"] != "not begun":
            found.append(heading(part))
            found += SECTIONS[part["part"]](part["records"])
            found += [fold(f"its time was over at {failure['item']}") for failure in part["failures"] if failure["cut"]]
    return "\n\n".join(found) + "\n"


def heading(part: dict[str, Any]) -> str:
    """The name of a part, and how it went."""
    title = f"{part['part']}: {part['state']}, {part['seconds']:.0f} s"
    lines = [title, "-" * len(title)]
    for when, at in zip(("before", "after"), part["clocks"], strict=False):
        if "clocks.sm" in at:
            said = f"{at['clocks.sm']} and {at['clocks.mem']} MHz, {at['temperature.gpu']} C, {at['power.draw']} W"
            lines.append(f"{when}: {said}")
    return "\n".join(lines)


def plain(records: list[dict[str, Any]]) -> list[str]:
    """What is known about the machine, one line each."""
    lines = []
    for record in records:
        for key, value in record.items():
            if key == "digests":
                lines.append(fold(f"kernels: {len(value)} files, their digests are in the JSON"))
            elif key != "what":
                lines.append(fold(f"{key}: {', '.join(value) if isinstance(value, list) else value}"))
    return ["\n".join(lines)] if lines else []


def ceilings(records: list[dict[str, Any]]) -> list[str]:
    """The bandwidth, and the rates of products."""
    rows = [(each["what"], f"{each['rate'] / 1e12:.2f} T", each["unit"]) for each in records]
    return [table(("ceiling", "rate", "of"), rows)] if rows else []


def checks(records: list[dict[str, Any]]) -> list[str]:
    """Agreement with the emulator, and the same bits: a line for each algorithm."""
    rows = []
    for each in records:
        apart = each.get("apart")
        rows.append(
            (
                each["what"], each["algorithm"] or "-", each["cases"], "yes" if each["agrees"] else "NO",
                number(each.get("worst of law")), "-" if apart is None else number(apart),
            )
        )  # fmt: skip
    headers = ("operation", "algorithm", "runs", "right", "of law", "from the\nemulator")
    if not rows:
        return []
    return [table(headers, rows) if "apart" in records[0] else table(headers[:4], [row[:4] for row in rows])]


def suite(records: list[dict[str, Any]]) -> list[str]:
    """The counts, and what failed."""
    found = []
    for each in records:
        counts = ", ".join(f"{count} {outcome}" for outcome, count in each["counts"].items()) or "no test ended"
        found.append(fold(counts + ("" if each["ended"] else "; stopped, for its time was over")))
        found += [fold(f"failed: {test}") for test in each["failed"]]
    return found


def sanitizer(records: list[dict[str, Any]]) -> list[str]:
    """What each tool says."""
    return [
        fold(f"{each['what']}: {each['state']}" + (f"; kernels {each['launched']}" if "launched" in each else ""))
        for each in records
    ]


def contest(records: list[dict[str, Any]]) -> list[str]:
    """A table for each row and direction, the fastest above."""
    found = [fold(f"{each['row']}, {each['who']}: {each['refused']}") for each in records if "refused" in each]
    timed = [each for each in records if "ms" in each]
    for (row, direction), group in groupby(timed, key=lambda each: (each["row"], each["direction"])):
        lines = [
            [
                each["who"], digits(each["ms"]), number(each["torch / this"]),
                digits(each["device ms"]), number(each["torch / this, device"]), number(each.get("of roofline")),
                number(each["index"]), number(each["law"]),
            ]
            for each in sorted(group, key=lambda each: float(each["device ms"]))
        ]  # fmt: skip
        headings = [f"{row}\n{direction}", "\nms", "torch\n/ this", "device\nms", "torch\n/ this"]
        headings += ["\nroof", "\nindex", "\nlaw"]
        found.append(narrow(headings, lines))
    return [*found, LEGEND] if timed else found


def number(value: Any) -> str:
    """A number in a few characters, "-" for none.

    >>> number(None), number(0.0), number(0.01234), number(12345.6), number(1.23e-7), number(math.inf)
    ('-', '0', '0.012', '12346', '<.001', 'inf')
    """
    if value is None:
        return "-"
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    return digits(value, 2) if value >= 1e-3 else "<.001"


SECTIONS: dict[str, Callable[[list[dict[str, Any]]], list[str]]] = {
    "environment": plain,
    "ceilings": ceilings,
    "agreement": checks,
    "determinism": checks,
    "suite": suite,
    "contest": contest,
    "sanitizer": sanitizer,
}
