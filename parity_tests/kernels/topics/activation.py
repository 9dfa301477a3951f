"""ReLU."""

from gpu.kernels import activation
from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase
from parity_tests.kernels.bug import OUTSIDE, OVERFLOW, UNWRITTEN, Bug

CASES = [
    LayerCase(Spec.of("ReLU"), (3, 50), "nan"),
    LayerCase(Spec.of("ReLU"), (3, 5), "ties"),
]

BUGS = [
    Bug("one output too few", activation, "at < count) y", "at < count - 1) y", UNWRITTEN),
    Bug("no bound at all", activation, "if (at < count) y", "y", OUTSIDE),
    Bug(
        "offsets that overflow",
        activation,
        "(long long)blockIdx.x *",
        "(int)(blockIdx.x + 20000000) * (int)",
        OVERFLOW,
    ),
    Bug("gradient at 0", activation, "x[at] <= T(0)", "x[at] < T(0)"),
]
