"""The schedules of learning rates, and the clipping of gradients: every option."""

from parity_tests.harness.case import Spec
from parity_tests.harness.clipping_case import ClippingCase
from parity_tests.harness.scheduler_case import SchedulerCase

S = Spec.of

CASES = [
    SchedulerCase(S("StepLR", step_size=3)),
    SchedulerCase(S("StepLR", step_size=1, gamma=0.7)),
    SchedulerCase(S("LinearLR")),
    SchedulerCase(S("LinearLR", start_factor=0.1, end_factor=0.6, total_iters=9)),
    SchedulerCase(S("LinearLR", start_factor=1.0, end_factor=0.0, total_iters=4)),
    SchedulerCase(S("CosineAnnealingLR", T_max=5), steps=25),
    SchedulerCase(S("CosineAnnealingLR", T_max=7, eta_min=0.02), steps=16),
    SchedulerCase(S("CosineAnnealingLR", T_max=1, eta_min=0.02)),
    SchedulerCase(S("OneCycleLR", max_lr=1, total_steps=14)),
    SchedulerCase(S("OneCycleLR", max_lr=0.5, total_steps=14), S("Adam", lr=0.3)),
    SchedulerCase(S("OneCycleLR", max_lr=0.5, epochs=5, steps_per_epoch=3, anneal_strategy="linear")),
    SchedulerCase(
        S(
            "OneCycleLR",
            max_lr=0.5,
            total_steps=14,
            pct_start=0.4,
            cycle_momentum=False,
            div_factor=5.0,
            final_div_factor=20.0,
        )
    ),
    SchedulerCase(S("OneCycleLR", max_lr=0.5, total_steps=14, base_momentum=0.3, max_momentum=0.7, three_phase=True)),
    ClippingCase(S("clip_grad_norm_", max_norm=1)),
    ClippingCase(S("clip_grad_norm_", max_norm=200.0)),
    ClippingCase(S("clip_grad_norm_", max_norm=2.0, norm_type=1.0)),
    ClippingCase(S("clip_grad_norm_", max_norm=2.0, norm_type=3.5)),
    ClippingCase(S("clip_grad_norm_", max_norm=0.5, norm_type=float("inf"), error_if_nonfinite=True)),
    ClippingCase(S("clip_grad_norm_", max_norm=2.0), "nan"),
    ClippingCase(S("clip_grad_norm_", max_norm=2.0), "inf"),
    ClippingCase(S("clip_grad_value_", clip_value=1)),
    ClippingCase(S("clip_grad_value_", clip_value=0.4), "nan"),
    ClippingCase(S("clip_grad_value_", clip_value=0.4), "inf"),
]
