"""The tables of cases, one file for each kind of operation: a line is a case."""

from parity_tests.harness.case import Case
from parity_tests.harness.cases import (
    activation,
    adaptive_pool,
    conv,
    conv_transpose,
    filters,
    linear,
    loss,
    norm,
    optim,
    pool,
    schedule,
    smooth,
    unpool,
    upsample,
)

CASES: list[Case] = [
    *conv.CASES,
    *conv_transpose.CASES,
    *pool.CASES,
    *adaptive_pool.CASES,
    *unpool.CASES,
    *upsample.CASES,
    *linear.CASES,
    *activation.CASES,
    *smooth.CASES,
    *norm.CASES,
    *loss.CASES,
    *optim.CASES,
    *schedule.CASES,
    *filters.CASES,
]

__all__ = ["CASES"]
