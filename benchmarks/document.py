"""The results as JSON, of the same family as the report's: strict, with a version, and with where it came from."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.headline import verdict
from benchmarks.measure import Results, Timing, Wrong
from parity_tests.harness.comparison import Verdict
from parity_tests.report.as_json import strict

DOCUMENT = "benchmark"
"""What tells it from a report, a check and a crossover."""

SCHEMA = 3
"""The version of the JSON, raised whenever a field changes its name or meaning."""


class UnusableError(Exception):
    """A file is no result of this benchmark; says why."""


def head(document: str, schema: int, said: str, results: Results) -> dict[str, Any]:
    """What every document has: the fields of the report by the same names."""
    return {
        "document": document,
        "schema": schema,
        "verdict": said,
        "agree": not results.wrong,
        "environment": results.environment,
        "implementations": list(dict.fromkeys(each.implementation for each in results.timings)),
        "not run": results.not_timed,
        "quick": results.quick,
        "others": results.others,
        "wrong": [asdict(each) for each in results.wrong],
    }


def render(content: Mapping[str, Any], listed: str, things: list[dict[str, Any]]) -> str:
    """Write a document whose list of things has a line for each, which keeps it small and its changes readable."""
    first = json.dumps(strict(content), allow_nan=False, indent=1).removesuffix("\n}")
    lines = ",\n  ".join(json.dumps(strict(each), allow_nan=False) for each in things)
    return f'{first},\n "{listed}": [\n  {lines}\n ]\n}}\n'


def as_json(results: Results) -> str:
    """Write everything, the seconds of every round to four digits included."""
    content = head(DOCUMENT, SCHEMA, verdict(results), results)
    content |= {"ceilings": short(results.ceilings), "work": results.work}
    return render(content, "timings", [asdict(each) | {"seconds": rounded(each.seconds)} for each in results.timings])


def from_json(file: Path) -> Results:
    """Read what `as_json` wrote.

    Raises
    ------
    UnusableError
        if there is no such file, or it is something else, or of another version
    """
    try:
        content = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise UnusableError(f"cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise UnusableError("is not JSON") from error
    if not isinstance(content, dict) or "schema" not in content:
        raise UnusableError("is no document of this project: it has no field 'schema'")
    kind, version = content.get("document", "another document"), content["schema"]
    if (kind, version) != (DOCUMENT, SCHEMA):
        raise UnusableError(f"is {kind} of schema {version}, not {DOCUMENT} of schema {SCHEMA}: measure it again")
    try:
        return Results(
            timings=[
                Timing(**each | {"verdict": each["verdict"] and Verdict(each["verdict"])})
                for each in content["timings"]
            ],
            wrong=[Wrong(**each) for each in content["wrong"]],
            environment=content["environment"],
            not_timed=content["not run"],
            quick=content["quick"],
            others=content["others"],
            work={row: {way: tuple(its) for way, its in each.items()} for row, each in content["work"].items()},
            ceilings=content["ceilings"],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnusableError(f"is damaged ({type(error).__name__}: {error})") from error


def rounded(numbers: list[float]) -> list[float]:
    """Numbers to four digits: more would be noise.

    >>> rounded([0.000123456, 12.3456])
    [0.0001235, 12.35]
    """
    return [float(f"{number:.4g}") for number in numbers]


def short(numbers: Mapping[str, float]) -> dict[str, float]:
    """The same for numbers with names."""
    return dict(zip(numbers, rounded(list(numbers.values())), strict=True))
