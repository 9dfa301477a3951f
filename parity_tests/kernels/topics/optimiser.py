"""SGD, Adam and AdamW."""

from gpu.kernels import optimiser
from parity_tests.harness.case import Spec
from parity_tests.harness.optimiser_case import OptimiserCase
from parity_tests.kernels.bug import OUTSIDE, OVERFLOW, Bug

S = Spec.of

CASES = [
    OptimiserCase(S("SGD", lr=0.1, maximize=True), steps=2),
    OptimiserCase(S("SGD", lr=0.03, momentum=0.8, dampening=0.1, weight_decay=0.2), steps=3),
    OptimiserCase(S("SGD", lr=0.03, momentum=0.8, weight_decay=0.2, nesterov=True, maximize=True), steps=3),
    OptimiserCase(S("Adam", lr=0.01, weight_decay=0.1), steps=3),
    OptimiserCase(S("Adam", lr=0.02, betas=(0.5, 0.9), eps=0.1), steps=3),
    OptimiserCase(S("Adam", lr=0.02, betas=(0.5, 0.6), amsgrad=True, maximize=True), steps=4),
    OptimiserCase(S("AdamW", lr=0.02, weight_decay=0.3, amsgrad=True), steps=3),
]

BUGS = [
    Bug("no bound at all", optimiser, "if (at >= count) return;", "", OUTSIDE),
    Bug("one number too few", optimiser, "if (at >= count)", "if (at >= count - 1)"),
    Bug(
        "offsets that overflow", optimiser, "(long long)blockIdx.x *", "(int)(blockIdx.x + 20000000) * (int)", OVERFLOW
    ),
    Bug("the first velocity damped", optimiser, "first ? step :", "first ? T(1 - dampening) * step :"),
    Bug("the new velocity not kept", optimiser, "b[at] = velocity;", ""),
    Bug("maximize ignored", optimiser, "step = maximize ? -g[at] : g[at]", "step = g[at]"),
    Bug("maximize ignored by Adam", optimiser, "slope = maximize ? -g[at] : g[at]", "slope = g[at]"),
    Bug("the largest v not kept", optimiser, "largest[at] = square;", ""),
    Bug("the smallest v", optimiser, "square < largest[at]", "square > largest[at]"),
    Bug("shrinks the other way", optimiser, "change += T(shrink)", "change -= T(shrink)"),
    Bug("nesterov ignored", optimiser, "nesterov ? step + T(momentum) * velocity : velocity", "velocity"),
    Bug("goes up", optimiser, "theta[at] -= T(lr) * step", "theta[at] += T(lr) * step"),
    Bug("decay forgotten", optimiser, "slope = slope + T(weight_decay) * theta[at]", "slope = slope"),
    Bug("the means mixed up", optimiser, "m[at] = mean, v[at] = square", "m[at] = square, v[at] = mean"),
    Bug("beta1 for both", optimiser, "T(beta2) * v[at] + T(1 - beta2)", "T(beta1) * v[at] + T(1 - beta1)"),
    Bug(
        "eps before the correction",
        optimiser,
        "T(sqrt(square)) / T(root) + T(eps)",
        "(T(sqrt(square)) + T(eps)) / T(root)",
    ),
    Bug("not corrected", optimiser, "/ T(root)", ""),
]
