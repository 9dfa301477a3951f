"""The tables of cases, one file for each kind of operation: a line is a case."""

from parity_tests.harness.case import Case
from parity_tests.harness.cases import activation, conv, filters, linear, loss, norm, optim, pool

CASES: list[Case] = [
    *conv.CASES,
    *pool.CASES,
    *linear.CASES,
    *activation.CASES,
    *norm.CASES,
    *loss.CASES,
    *optim.CASES,
    *filters.CASES,
]

__all__ = ["CASES"]
