"""What the array code promises beside its numbers: bounded memory, no waiting for the device, the same bits again."""

import tracemalloc

import numpy as np
import pytest

import gpu
from gpu import conv, dropout, norm, pool
from gpu.filters import by_fft, direct, separable
from gpu.on_numpy import asarray, stand_in
from scratch.geometry import Window2d

BUDGET = 64 * 2**20  # bytes


def temporary_bytes(function, *arguments):
    """How much memory a call takes beyond that of its result."""
    tracemalloc.start()
    try:
        result = function(*arguments)
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return peak - kept, result


def both_ways(forward, backward, x, *arguments):
    """The temporary memory of an operation and of its backward, in bytes, and of an x; x is of ones."""
    x = asarray(np.ones(x, np.float32))
    there, (y, saved) = temporary_bytes(forward, x, *arguments)
    back, _ = temporary_bytes(backward, y.copy(), saved)
    return there, back, x.nbytes


@pytest.mark.parametrize(
    ("x", "weight", "groups", "bias"),
    [
        ((96, 8, 64, 64), (16, 8, 3, 3), 1, True),
        ((96, 32, 32, 32), (256, 32, 1, 1), 1, True),  # y is larger than the columns
        ((96, 8, 64, 64), (16, 4, 3, 3), 2, False),
        ((1, 8, 512, 520), (8, 8, 3, 3), 1, True),  # one image is too large for a block
    ],
)
def test_memory_of_convolution_is_bounded(x, weight, groups, bias):
    window = Window2d.of(weight[2:], padding=weight[2] // 2)
    made = asarray(np.ones(weight, np.float32)), asarray(np.ones(weight[0], np.float32)) if bias else None
    there, back, _ = both_ways(conv.conv2d, conv.conv2d_backward, x, *made, window, groups)
    at_once = 4 * x[0] * x[2] * x[3] * (weight[0] + weight[1] * groups * weight[2] * weight[3])
    assert max(there, back) < BUDGET < at_once


@pytest.mark.parametrize(
    ("forward", "backward"),
    [
        (pool.max_pool2d, pool.max_pool2d_backward),
        (pool.avg_pool2d, pool.avg_pool2d_backward),
    ],
)
def test_memory_of_pools_is_bounded(forward, backward):
    there, back, x = both_ways(forward, backward, (80, 16, 128, 128), Window2d.of(2, stride=1, padding=1))
    assert max(there, back) < BUDGET < x


def test_memory_of_dropout_is_bounded():
    there, back, x = both_ways(dropout.dropout, dropout.dropout_backward, (80, 16, 128, 128), 0.3, (1, 2))
    assert max(there, back) < BUDGET < x


def test_memory_of_batch_norm_is_bounded():
    x, ones = asarray(np.ones((80, 16, 128, 128), np.float32)), asarray(np.ones(16, np.float32))
    there, _ = temporary_bytes(norm.batch_statistics, x)
    _, saved = norm.batch_norm2d(x, ones, ones, ones, ones, 1e-5, True)
    back, _ = temporary_bytes(norm.batch_norm2d_backward, x, saved)
    assert max(there, back) < BUDGET < x.nbytes


@pytest.mark.parametrize("method", [direct, separable, by_fft])
@pytest.mark.parametrize("shape", [(1, 3000, 3100), (16, 750, 800), (1000, 90, 100)])
def test_memory_of_filters_is_bounded(method, shape):
    """However large an image is, and however many there are."""
    images = asarray(np.ones(shape))
    there, _ = temporary_bytes(method.correlate, images, np.ones((2, 3)), (1, 1))
    assert there < BUDGET < images.nbytes


def everything(nn):
    """Run each layer and loss forward and backward, and each filter; returns what came out, on the device."""
    generator = np.random.default_rng(3)
    x = generator.standard_normal((5, 4, 9, 8)).astype(np.float32)
    layers = [
        nn.Conv2d(4, 6, (3, 2), stride=(2, 1), padding=1, dilation=(1, 2), groups=2),
        nn.MaxPool2d(3, 2, padding=1, ceil_mode=True, return_indices=True),
        nn.AvgPool2d((3, 2), padding=1, ceil_mode=True),
        nn.AdaptiveMaxPool2d((4, 3), return_indices=True),
        nn.AdaptiveAvgPool2d((4, 3)),
        nn.Upsample((5, 13)),
        nn.Upsample(scale_factor=2, mode="bilinear"),
        nn.Linear(8, 3),
        nn.ReLU(),
        nn.Softmax(1),
        nn.LogSoftmax(1),
        nn.LeakyReLU(0.3),
        nn.Sigmoid(),
        nn.Tanh(),
        nn.SiLU(),
        nn.GELU(),
        nn.GELU("tanh"),
        nn.ELU(0.3),
        nn.Softplus(2, 3),
        nn.Dropout2d(),
        nn.Identity(),
        nn.BatchNorm2d(4),
        nn.LayerNorm(8),
        nn.GroupNorm(2, 4),
        nn.Dropout(),
        nn.Flatten(),
    ]
    for layer in layers:
        y = layer(nn.asarray(x))
        values = y if isinstance(y, tuple) else (y,)
        yield from values
        yield layer.backward(values[0] * 2)
        yield from (parameter.grad for parameter in layer.parameters())
    for criterion in (
        nn.MSELoss(),
        nn.L1Loss(),
        nn.CrossEntropyLoss(label_smoothing=0.1),
        nn.BCEWithLogitsLoss(),
        nn.SmoothL1Loss(),
    ):
        yield criterion(nn.asarray(x), nn.asarray(generator.random(x.shape).astype(np.float32)))
        yield criterion.backward()
    # Before its transforms, method="fft" waits to know whether all numbers are finite: so it is called here directly.
    planes, kernel = nn.asarray(x[0]), np.ones((3, 2), np.float32)
    yield from (algorithm.correlate(planes, kernel, (2, 1)) for algorithm in nn.backend.correlate2d.values())
    image = nn.asarray(x[0, :, :, :4])
    for border in ("zero", "circular", "symmetric"):
        yield nn.images.convolve2d(image, kernel, border=border, clip=(-0.5, 0.5), method="separable")
    yield from (nn.images.correlate2d(image, kernel), nn.images.max_pool(image), nn.images.average_pool(image))


def test_no_operation_waits_for_the_device(monkeypatch):
    """All that waits goes through `get`. Labels are the exception: to check them, CrossEntropyLoss has to look."""
    monkeypatch.setattr(stand_in.ndarray, "get", lambda _: pytest.fail("waits for the device"))
    for _ in everything(gpu.on_numpy):
        pass


@pytest.mark.gpu
def test_the_same_bits_in_every_run():
    runs = []
    for _ in range(3):
        gpu.manual_seed(4)
        runs.append([gpu.asnumpy(value).tobytes() for value in everything(gpu)])
    assert runs[0] == runs[1] == runs[2]
