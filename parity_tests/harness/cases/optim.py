"""The optimisers: every option, alone and together."""

from parity_tests.harness.case import Spec
from parity_tests.harness.optimiser_case import OptimiserCase

S = Spec.of

CASES = [
    OptimiserCase(S("SGD")),
    OptimiserCase(S("SGD", lr=0.1)),
    OptimiserCase(S("SGD", lr=0.1, weight_decay=0.05)),
    OptimiserCase(S("SGD", lr=0.1, momentum=0.9)),
    OptimiserCase(S("SGD", lr=0.1, momentum=0.9, dampening=0.3)),
    OptimiserCase(S("SGD", lr=0.1, momentum=0.9, nesterov=True)),
    OptimiserCase(S("SGD", lr=0.1, maximize=True)),
    OptimiserCase(S("SGD", lr=0.03, momentum=0.8, dampening=0.1, weight_decay=0.2, maximize=True)),
    OptimiserCase(S("SGD", lr=0.03, momentum=0.8, weight_decay=0.2, nesterov=True, maximize=True)),
    OptimiserCase(S("Adam")),
    OptimiserCase(S("Adam", lr=0.02, betas=(0.5, 0.9))),
    OptimiserCase(S("Adam", lr=0.02, betas=(0.0, 0.0))),
    OptimiserCase(S("Adam", lr=0.01, eps=0.1)),
    OptimiserCase(S("Adam", lr=0.01, weight_decay=0.1)),
    OptimiserCase(S("Adam", lr=0.02, betas=(0.5, 0.6), amsgrad=True)),
    OptimiserCase(S("Adam", lr=0.02, weight_decay=0.1, maximize=True)),
    OptimiserCase(S("Adam", lr=0.02, weight_decay=0.1, decoupled_weight_decay=True)),
    OptimiserCase(S("Adam", lr=0.02, weight_decay=0.1, amsgrad=True, maximize=True)),
    OptimiserCase(S("AdamW")),
    OptimiserCase(S("AdamW", lr=0.02, betas=(0.5, 0.9), eps=0.1)),
    OptimiserCase(S("AdamW", lr=0.02, weight_decay=0.3)),
    OptimiserCase(S("AdamW", lr=0.02, weight_decay=0.0)),
    OptimiserCase(S("AdamW", lr=0.02, weight_decay=0.3, betas=(0.5, 0.6), amsgrad=True, maximize=True)),
    OptimiserCase(S("RMSprop")),
    OptimiserCase(S("RMSprop", lr=0.02, alpha=0.5)),
    OptimiserCase(S("RMSprop", lr=0.02, eps=0.1, weight_decay=0.1)),
    OptimiserCase(S("RMSprop", lr=0.02, momentum=0.8)),
    OptimiserCase(S("RMSprop", lr=0.02, alpha=0.7, centered=True)),
    OptimiserCase(S("RMSprop", lr=0.02, momentum=0.8, weight_decay=0.1, centered=True, maximize=True)),
]
