"""What was found out about somebody's layers, as strict JSON with a version."""

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import torch

from parity_tests.check.examine import Examination
from parity_tests.check.judge import BY_NORM, SUMS
from parity_tests.check.show import Checked, verdict_on, verdict_on_all
from parity_tests.diagnosis import Diagnosis
from parity_tests.harness.comparison import Comparison
from parity_tests.harness.referee import Finding
from parity_tests.report.as_json import strict
from parity_tests.report.layout import THRESHOLDS

SCHEMA = 2
"""Raised whenever a field changes its name or meaning."""

ALL_THRESHOLDS = {
    **THRESHOLDS,
    "norm of sums": {
        "means": f"of {', '.join(SUMS)} beyond the law: the largest |got - want| / the largest sum of absolute values; "
        "up to that it is imprecise, above it wrong",
        "at most": BY_NORM,
    },
}


def render(checked: Sequence[Checked], python: str, dtypes: Sequence[str], seed: int) -> str:
    """Write the whole report; infinite and undefined numbers become words, since JSON has none.

    Parameters
    ----------
    checked : the layers
    python : who ran them
    dtypes, seed : what was run
    """
    content = {
        "schema": SCHEMA,
        "verdict": verdict_on_all(checked),
        "agree": all(each.found is not None and each.found.agrees for each in checked),
        "environment": environment(python),
        "dtypes": list(dtypes),
        "seed": seed,
        "thresholds": ALL_THRESHOLDS,
        "layers": [of_layer(each) for each in checked],
    }
    return json.dumps(strict(content), allow_nan=False, indent=1) + "\n"


def environment(python: str) -> dict[str, str]:
    """What the figures depend on; `python` is the interpreter of the layers."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch.__version__,
        "interpreter of the layers": python,
    }


def of_layer(checked: Checked) -> dict[str, Any]:
    """All about one layer; of one that could not be called, why not."""
    found = checked.found
    if found is None:
        return {"name": checked.shown, "like": checked.like, "not checked": f"{checked.shown}{checked.reason}"}
    return {
        "name": checked.shown,
        "like": checked.like,
        "verdict": verdict_on(found, checked.shown),
        "agree": found.agrees,
        "adapter": {
            "style": found.adapter.titled(),
            "arrays": found.adapter.array_module,
            "assumed": found.adapter.assumed(),
        },
        "cases": len(found.compared),
        "findings": [of_finding(each) for each in found.findings],
        "findings of a second call": [of_finding(each) for each in found.again],
        "failures": [{"case": case, "dtype": dtype, "what": str(what)} for case, dtype, what in found.failures],
        "not offered": found.lacks,
        "left out": sorted(found.left_out),
        "not run": sorted(found.not_run),
        "diagnosis": of_diagnosis(found.diagnosis),
        **remarks(found),
        "printed": checked.printed,
    }


def of_finding(finding: Finding) -> dict[str, Any]:
    """One tensor of one case, and torch's own."""
    return {
        "case": finding.case,
        "dtype": finding.dtype,
        "tensor": finding.tensor,
        "ours": of_comparison(finding.ours),
        "torch": of_comparison(finding.torch),
    }


def of_comparison(found: Comparison) -> dict[str, Any]:
    """A verdict with its numbers."""
    return {name: getattr(found, name) for name in ("verdict", "worst", "index", "at", "got", "want", "reason")}


def of_diagnosis(found: Diagnosis | None) -> dict[str, Any] | None:
    """What is wrong, as far as that is known; null where nothing is."""
    if found is None:
        return None
    smallest = found.smallest and {"case": str(found.smallest.case), "dtype": found.smallest.dtype}
    return {
        "named": [asdict(each) for each in found.named],
        "unexplained": found.unexplained,
        "facts": found.facts,
        "smallest": smallest,
        "script": found.script,
        "map": found.map and asdict(found.map),
    }


def remarks(found: Examination) -> dict[str, Any]:
    """What is no disagreement but good to know."""
    return {
        "changes in place": sorted(found.changed),
        "changes after it was returned": sorted(found.overwritten),
        "kept in float32": sorted(found.coarse),
        "kept in another shape": {name: {"its": mine, "torch": its} for name, (mine, its) in found.shapes.items()},
        "returned in another dtype": [
            {"for": given, "returns": returned, "tensors": list(tensors)}
            for (given, returned), tensors in found.conversions.items()
        ],
        "notes": found.adapter.notes(),
    }
