from importlib import import_module

import numpy as np
import pytest
import torch

from parity_tests.bad_input.arrays import TORCH, converted
from parity_tests.bad_input.constructors import CONSTRUCTORS, FIRST_INPUT
from parity_tests.harness.torch_side import torch_dtype
from parity_tests.modules.models import HOST_NAMESPACES
from scratch import random


@pytest.mark.parametrize("namespace", HOST_NAMESPACES)
@pytest.mark.parametrize("case", CONSTRUCTORS, ids=str)
def test_refused_before_a_number_is_drawn(case, namespace):
    nn = import_module(namespace)
    random.manual_seed(0)
    before = random._generator.get_state()[1:]
    with pytest.raises(case.error) as caught:
        getattr(nn, case.name)(*converted(nn, case.arguments), **converted(nn, case.named))
    assert case.words in str(caught.value)
    np.testing.assert_equal(random._generator.get_state()[1:], before)


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
@pytest.mark.parametrize("case", [case for case in CONSTRUCTORS if not case.torch], ids=str)
def test_torch_refuses_too(case):
    named = converted(TORCH, case.named)
    if named.get("dtype") is int:
        named["dtype"] = torch_dtype(int)
    with pytest.raises(Exception):  # noqa: B017, PT011 - which one is torch's own affair
        getattr(torch.nn, case.name)(*case.arguments, **named)(*converted(TORCH, FIRST_INPUT[case.name]))
