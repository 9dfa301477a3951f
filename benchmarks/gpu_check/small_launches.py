"""What runs under compute-sanitizer: every kernel once or more, on small shapes, each array allocated by itself.

    compute-sanitizer --tool memcheck python -m benchmarks.gpu_check.small_launches [DEVICE]

It prints which kernel it launches for the first time, and at the end how many there were: whoever stops it knows where.
"""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.gpu_check.device import REAL, Device, implementation, load
from benchmarks.gpu_check.kernel_cases import has_kernel, runs, topics
from gpu import runtime
from gpu.kernels import modules
from parity_tests.harness.case import Case

LAUNCHES = "kernels launched:"
PLACES = ("run_on_device", "run_in_emulator")


def main(arguments: Sequence[str]) -> int:
    """Launch everything; 0 if every kernel was launched."""
    device = load(arguments[0] if arguments else REAL)
    device.without_pool()
    launched: set[str] = set()
    before = {place: getattr(runtime, place) for place in PLACES}
    for place, run in before.items():
        setattr(runtime, place, noting(run, launched))
    try:
        launch_all(device)
    finally:
        for place, run in before.items():
            setattr(runtime, place, run)
    device.finish()
    everything = {kernel.name for module in modules() for kernel in module.SOURCE.kernels}
    missing = sorted(everything - launched)
    print(f"{LAUNCHES} {len(launched)} of {len(everything)}", f"(not {', '.join(missing)})" if missing else "")
    return 1 if missing else 0


def noting(run: Any, launched: set[str]) -> Any:
    """The function that launches, with a note of what is launched for the first time."""

    def noted(kernel: Any, name: str, *rest: Any) -> None:
        if kernel.name not in launched:
            launched.add(kernel.name)
            print(name, flush=True)
        run(kernel, name, *rest)

    return noted


def launch_all(device: Device) -> None:
    """Run each case that a kernel serves, in the first of its dtypes; first one for each algorithm, then the others."""
    mine = [
        (case, algorithm)
        for topic in topics(device)
        for case, dtype, algorithm in runs(topic, device)
        if dtype == case.dtypes[0] and has_kernel(case, algorithm)
    ]
    first: dict[tuple[str, str | None], Case] = {}
    for case, algorithm in mine:
        first.setdefault((case.op, algorithm), case)
    for case, algorithm in sorted(mine, key=lambda run: first[run[0].op, run[1]] is not run[0]):
        inputs = case.draw(np.dtype(case.dtypes[0]), 0)
        with np.errstate(all="ignore"):
            case.run(implementation(device).nn, inputs, algorithm)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
