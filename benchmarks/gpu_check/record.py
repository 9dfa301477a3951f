"""Which kernels a device has run: those whose code is that of a committed result."""

import json
from pathlib import Path

from gpu.kernels import modules

RESULTS = Path(__file__).parents[1] / "results"
NOT_RUN = "Not yet run on a device."
"""What the head of a .cu file says as long as no result knows its code."""


def digests() -> dict[str, str]:
    """The code of each .cu file in one number, see `gpu.declaration.Source.digest`.

    >>> len(digests()["activation.cu"])
    16
    """
    return {module.SOURCE.file: module.SOURCE.digest[:16] for module in modules()}


def not_run(results: Path = RESULTS) -> list[str]:
    """The .cu files that have changed since they ran on a device, or never have: no result that agrees knows them."""
    ran = set()
    for path in results.glob("gpu-*.json"):
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["agree"]:
            found = (record for part in document["parts"] for record in part["records"])
            ran |= {(file, code) for record in found for file, code in record.get("digests", {}).items()}
    return [file for file, code in digests().items() if (file, code) not in ran]
