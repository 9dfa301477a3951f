"""Of what the layers refuse, torch refuses the same."""

import pytest

from parity_tests.bad_input.arrays import TORCH, converted
from parity_tests.bad_input.calls import BACKWARDS, FORWARDS, SUBJECTS


@pytest.mark.parametrize("case", [case for case in FORWARDS if not case.torch], ids=str)
def test_forward(case):
    called = SUBJECTS[case.subject].build(TORCH)
    called(*converted(TORCH, SUBJECTS[case.subject].good))
    with pytest.raises(Exception):  # noqa: B017, PT011 - which one is torch's own affair
        called(*converted(TORCH, case.bad))


@pytest.mark.parametrize("case", [case for case in BACKWARDS if not case.torch], ids=str)
def test_backward(case):
    x, *others = converted(TORCH, SUBJECTS[case.subject].good)
    y = SUBJECTS[case.subject].build(TORCH)(x.requires_grad_(), *others)
    with pytest.raises(Exception):  # noqa: B017, PT011
        y.backward(*converted(TORCH, case.bad))
