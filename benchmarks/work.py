"""The least that a row has to do: bytes to move and operations to do, for the roofline.

What is counted stands in `benchmarks.gpu_check.work`: every array once, or as often as no order of the work avoids.
"""

from benchmarks.gpu_check import work as float32
from benchmarks.layer import LayerTrial
from benchmarks.problem import Trial
from parity_tests.harness.case import converted


def least_work(trial: Trial) -> dict[str, tuple[int, int]]:
    """Direction -> (bytes, operations); nothing where no line could say it: of models and of trainings."""
    if not isinstance(trial, LayerTrial):
        return {}
    inputs = converted(trial.inputs, "float32")
    width = trial.inputs["x"].itemsize // inputs["x"].itemsize
    found = float32.least_work(trial.problem.case, inputs)
    return {direction: (width * its.bytes, its.flops) for direction, its in found.items()}


def least_seconds(work: tuple[int, int], copy: float, product: float) -> float:
    """The time that the machine could do it in: whichever of the two takes longer.

    >>> least_seconds((1000, 6000), copy=1e3, product=2e3)
    3.0
    """
    return max(work[0] / copy, work[1] / product)
