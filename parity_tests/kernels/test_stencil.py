"""What only the stencil refuses: an image whose rows do not fit into the shared memory of a block."""

import numpy as np
import pytest

from gpu import emulated as nn

pytestmark = pytest.mark.gxx


def test_strides_that_are_too_wide():
    image = nn.asarray(np.ones((4, 500), np.float32))
    with pytest.raises(ValueError, match=r"stride=\(1, 400\) that does not fit into 49152 bytes: use method='direct'"):
        nn.images.correlate2d(image, np.ones((2, 3)), stride=(1, 400))
    assert nn.images.correlate2d(image, np.ones((2, 3)), stride=(400, 390)).shape == (1, 2)
