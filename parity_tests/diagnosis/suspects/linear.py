"""Errors of Linear: the weight the wrong way round, and the sums of its gradients."""

from parity_tests.diagnosis.scene import Predictions, Scene
from parity_tests.diagnosis.suspect import Suspect
from parity_tests.diagnosis.suspects import sums
from scratch.array import HostArray


def read_as_in_out(scene: Scene) -> Predictions:
    """The weight's memory read as (in, out); for a square weight this is the transpose."""
    weight = scene.inputs["weight"]
    found = scene.torch(weight=weight.reshape(weight.shape[::-1]).T)
    if "dweight" in found:
        found["dweight"] = found["dweight"].arranged(written_as_in_out)
    return found


def written_as_in_out(dweight: HostArray) -> HostArray:
    """(out, in) with the numbers in the order of (in, out)."""
    return dweight.T.reshape(dweight.shape)


def dweight_as(change: str) -> Suspect:
    """The gradient of the weight the wrong way round."""

    def predict(scene: Scene) -> Predictions:
        truth = scene.truth.get("dweight")
        if truth is None:
            return {}
        return {"dweight": truth.arranged(written_as_in_out if change == "order" else lambda a: a.T)}

    return Suspect(
        "dweight-transposed", "The gradient of the weight is transposed: it is dy.T @ x, (out, in).", predict
    )


SUSPECTS = [
    Suspect(
        "weight-transposed", "The weight is transposed: it is (out, in), and y = x @ weight.T + bias.", read_as_in_out
    ),
    dweight_as("order"),
    dweight_as("shape"),
    *sums.OF_ALL,
    *sums.OF_VECTORS,
]
