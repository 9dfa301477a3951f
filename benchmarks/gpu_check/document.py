"""What is kept: one JSON document, of everything that was found so far, and its verdict."""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.gpu_check.run_parts import Outcome
from parity_tests.report.as_json import strict

SCHEMA = 1
"""The version of the JSON, raised whenever a field changes its name or meaning."""

DIGITS = 4
"""Of every number: more would be noise."""

CEILING = {False: "product fp32", True: "product TF32"}


def document(outcomes: Sequence[Outcome], about: dict[str, Any]) -> dict[str, Any]:
    """Everything, with the fraction of the roofline beside each time.

    Parameters
    ----------
    outcomes : of all parts, those that have not begun included
    about : what else there is to say, such as when it began
    """
    parts = [outcome.as_dict() for outcome in outcomes]
    ceilings = {each["what"]: each["rate"] for each in records(outcomes, "ceilings")}
    for part in parts:
        if part["part"] == "contest":
            part["records"] = [with_roofline(each, ceilings) for each in part["records"]]
    content = {
        "schema": SCHEMA,
        "verdict": verdict(outcomes),
        "agree": not disagreements(outcomes) and not failures(outcomes),
        "complete": all(outcome.state == "complete" for outcome in outcomes),
        **about,
        "parts": parts,
    }
    rounded: dict[str, Any] = short(content)
    return rounded


def records(outcomes: Sequence[Outcome], part: str) -> list[dict[str, Any]]:
    """What a part has found."""
    return [record for outcome in outcomes if outcome.part == part for record in outcome.records]


def with_roofline(record: dict[str, Any], ceilings: dict[str, float]) -> dict[str, Any]:
    """Add the least time that the measured ceilings allow, as a fraction of the time that was measured.

    >>> record = {"device ms": 2.0, "bytes": 1000, "flops": 0, "TF32": False}
    >>> with_roofline(record, {"copy": 1e6, "product fp32": 1e9})["of roofline"]
    0.5
    """
    copy, product = ceilings.get("copy"), ceilings.get(CEILING[bool(record.get("TF32"))])
    if "device ms" not in record or record.get("bytes") is None or not copy or not product:
        return record
    least = max(record["bytes"] / copy, record["flops"] / product)
    return record | {"of roofline": 1e3 * least / record["device ms"]}


def disagreements(outcomes: Sequence[Outcome]) -> list[str]:
    """What does not agree, one line each."""
    return [
        f"{outcome.part}: {subject(record)}"
        for outcome in outcomes
        for record in outcome.records
        if record.get("agrees") is False
    ]


def subject(record: dict[str, Any]) -> str:
    """What a record is about, in a few words."""
    if "row" in record:
        return f"{record['row']}, {record['who']}: {record['refused']}"
    what = str(record["what"]) + (f" {record['algorithm']}" if record.get("algorithm") else "")
    why = [*record.get("wrong", []), *record.get("failed", {}), *record.get("errors", [])]
    rest = f" and {len(why) - 1} more" if len(why) > 1 else ""
    return f"{what}: {why[0]}{rest}" if why else f"{what}: {record.get('state') or record.get('log') or 'incomplete'}"


def failures(outcomes: Sequence[Outcome]) -> list[str]:
    """What did not run to its end for another reason than the time."""
    found = [
        f"{outcome.part}{', ' * bool(failure['item'])}{failure['item']}: {failure['sentence']}"
        for outcome in outcomes
        for failure in outcome.failures
        if not failure["cut"]
    ]
    silent = [o.part for o in outcomes if o.state == "failed" and not any(not f["cut"] for f in o.failures)]
    return found + [f"{part}: it ended without a word" for part in silent]


def verdict(outcomes: Sequence[Outcome]) -> str:
    """One sentence."""
    bad, broken = disagreements(outcomes), failures(outcomes)
    checked = sum("agrees" in record for outcome in outcomes for record in outcome.records)
    timed = sum("ms" in record for record in records(outcomes, "contest"))
    missing = [outcome.part for outcome in outcomes if outcome.state in ("cut", "not begun")]
    words = [f"{len(bad)} of {checked} checks fail" if bad else f"{checked} checks hold", f"{timed} times measured"]
    if broken:
        words.append(f"{len(broken)} did not run to the end")
    if missing:
        words.append(f"not complete: {', '.join(missing)}")
    head = "DISAGREE" if bad else "BROKEN" if broken else "AGREE" if checked else "NOTHING CHECKED"
    return f"{head}: {'; '.join(words)}"


def short(value: Any) -> Any:
    """The same with fewer digits.

    >>> short({"ms": [0.123456, 3, True, 123456789.0]})
    {'ms': [0.1235, 3, True, 123500000.0]}
    """
    if isinstance(value, dict):
        return {key: short(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [short(inner) for inner in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def as_json(content: dict[str, Any]) -> str:
    """Write the document: strict, and a line for each record, which keeps it small and its changes readable."""
    head = {key: value for key, value in content.items() if key != "parts"}
    lines = json.dumps(strict(head), allow_nan=False, indent=1).removesuffix("\n}")
    parts = ",\n".join("".join(lines_of(part)) for part in content["parts"])
    return f'{lines},\n "parts": [\n{parts}\n ]\n}}\n'


def lines_of(part: dict[str, Any]) -> Iterator[str]:
    """One part; its lists one element a line."""
    yield "  {"
    for number, (key, value) in enumerate(part.items()):
        yield "," * bool(number) + f'\n   "{key}": '
        if isinstance(value, list) and value:
            yield "[\n    " + ",\n    ".join(json.dumps(strict(each), allow_nan=False) for each in value) + "\n   ]"
        else:
            yield json.dumps(strict(value), allow_nan=False)
    yield "\n  }"


def write(file: Path, text: str) -> None:
    """Replace a file at once: who reads it finds the old text or the new one, never a part of it."""
    beside = file.with_name(file.name + ".part")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, file)  # noqa: PTH105 (as it is called everywhere)
