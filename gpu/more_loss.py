"""The negative log likelihood, the cross entropy of yes and no, and the smooth absolute difference on a GPU.

The loops this replaces: scratch/naive/more_loss.py. The functions are those of scratch/fast/more_loss.py.
"""

from scratch.fast.more_loss import (
    bce_with_logits,
    bce_with_logits_backward,
    nll,
    nll_backward,
    smooth_l1,
    smooth_l1_backward,
)

__all__ = [
    "bce_with_logits",
    "bce_with_logits_backward",
    "nll",
    "nll_backward",
    "smooth_l1",
    "smooth_l1_backward",
]
