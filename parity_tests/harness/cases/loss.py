"""The losses: every option, alone and together."""

from parity_tests.harness.case import Spec
from parity_tests.harness.loss_case import LossCase

S = Spec.of
CE, MSE = "CrossEntropyLoss", "MSELoss"

CASES = [
    LossCase(S(CE), (5, 4)),
    LossCase(S(CE), (1, 1)),
    LossCase(S(CE), (4,)),
    LossCase(S(CE), (0, 4)),
    LossCase(S(CE), (2, 4, 3)),
    LossCase(S(CE), (2, 4, 3, 5)),
    LossCase(S(CE, reduction="sum"), (5, 4)),
    LossCase(S(CE, reduction="sum"), (0, 4)),
    LossCase(S(CE, reduction="none"), (5, 4)),
    LossCase(S(CE, reduction="none"), (2, 4, 3)),
    LossCase(S(CE), (5, 4), weighted=True),
    LossCase(S(CE, reduction="sum"), (5, 4), weighted=True),
    LossCase(S(CE, label_smoothing=0.1), (5, 4)),
    LossCase(S(CE, label_smoothing=1.0), (5, 4)),
    LossCase(S(CE, label_smoothing=0.2), (2, 4, 3), weighted=True),
    LossCase(S(CE, label_smoothing=0.2, reduction="none"), (5, 4), "some ignored", weighted=True),
    LossCase(S(CE), (7, 4), "some ignored"),
    LossCase(S(CE, ignore_index=2), (7, 4), "some ignored", weighted=True),
    LossCase(S(CE, label_smoothing=0.1), (7, 4), "some ignored"),
    LossCase(S(CE, ignore_index=2), (7, 4), "some ignored"),
    LossCase(S(CE, ignore_index=1, label_smoothing=0.2, reduction="none"), (7, 4), "some ignored"),
    LossCase(S(CE), (2, 4, 3, 5), "some ignored"),
    LossCase(S(CE), (3, 4), "all ignored"),
    LossCase(S(CE), (5, 4), "probabilities"),
    LossCase(S(CE), (2, 4, 3), "probabilities", weighted=True),
    LossCase(S(CE, label_smoothing=0.3, reduction="sum"), (5, 4), "probabilities"),
    LossCase(S(CE, label_smoothing=0.3), (2, 4, 3, 5), "probabilities", weighted=True),
    LossCase(S(CE, reduction="none"), (4,), "probabilities"),
    LossCase(S(CE), (5, 4), data="large"),
    LossCase(S(CE), (5, 4), data="equal"),
    LossCase(S(CE, reduction="none"), (9, 4), data="nan"),
    LossCase(S(CE, reduction="none"), (15, 4), data="inf"),
    LossCase(S(CE, reduction="none"), (9, 4), data="lowest"),
    LossCase(S(CE), (64, 10), data="images"),
    LossCase(S(MSE), (3, 5), "numbers"),
    LossCase(S(MSE), (0, 5), "numbers"),
    LossCase(S(MSE), (), "numbers"),
    LossCase(S(MSE, reduction="sum"), (2, 3, 4), "numbers"),
    LossCase(S(MSE, reduction="none"), (3, 5), "numbers"),
    LossCase(S(MSE), (3, 5), "numbers", data="nan"),
    LossCase(S(MSE, reduction="none"), (3, 25), "numbers", data="inf"),
    LossCase(S(MSE), (3, 5), "numbers", data="large mean"),
    LossCase(S(MSE), (2, 3, 5, 4), "numbers", data="images"),
]
