"""The report as JSON: strict, with a version, and with the environment it came from."""

import json
import math
from typing import Any

from parity_tests.harness.comparison import EDGES, as_dict
from parity_tests.report.gather import Report
from parity_tests.report.sections import ALL_THRESHOLDS

SCHEMA = 3
"""Raised whenever a field changes its name or meaning."""


def render(report: Report) -> str:
    """Write the whole report; infinite and undefined numbers become words, since JSON has none."""
    content = {
        "schema": SCHEMA,
        "verdict": report.verdict,
        "agree": not report.disagreements,
        "environment": report.environment,
        "implementations": [each.name for each in report.choice.implementations],
        "not run": report.choice.skipped,
        "dtypes": report.choice.dtypes,
        "seed": report.choice.seed,
        "thresholds": ALL_THRESHOLDS,
        "edges of counts": EDGES,
        "quick": report.choice.quick,
        "disagreements": report.disagreements,
        "on images": [as_dict(finding) for finding in report.on_images],
        "on cases": [as_dict(finding) for finding in report.on_cases],
        "on filters": [as_dict(finding) for finding in report.on_filters],
        "on transforms": [as_dict(finding) for finding in report.on_transforms],
        "models": {
            model: {name: [as_dict(layer) for layer in layers] for name, layers in by_name.items()}
            for model, by_name in report.models.items()
        },
        "lockstep": {
            model: {name: as_dict(one) for name, one in by_name.items()} for model, by_name in report.lockstep.items()
        },
        "training": [as_dict(each) for each in report.training],
    }
    return json.dumps(strict(content), allow_nan=False, indent=1) + "\n"


def strict(value: Any) -> Any:
    """The same with "nan", "inf" and "-inf" in words."""
    if isinstance(value, dict):
        return {key: strict(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [strict(inner) for inner in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
