"""The losses of each number by itself on a GPU: the functions of scratch/fast/elementwise_loss.py.

The loops this replaces: scratch/naive/elementwise_loss.py.
"""

from scratch.fast.elementwise_loss import (
    bce_with_logits,
    bce_with_logits_backward,
    l1,
    l1_backward,
    mse,
    mse_backward,
    smooth_l1,
    smooth_l1_backward,
)

__all__ = [
    "bce_with_logits",
    "bce_with_logits_backward",
    "l1",
    "l1_backward",
    "mse",
    "mse_backward",
    "smooth_l1",
    "smooth_l1_backward",
]
