"""Batch normalisation by kernels, one or more blocks for each channel: batch_norm.cu has the picture.

The loops this replaces: scratch/naive/norm.py. On the GPU with array functions: gpu/norm.py.
"""

from math import prod

from gpu.declaration import Source
from gpu.kernels.channel_sums import channel_sums
from gpu.runtime import blocks_for, launch, threads_for
from scratch.array import Array, namespace_of
from scratch.contracts import Saved

SHARE = 4096  # numbers of a channel that one block takes, 16 for each thread
LEAST = 4  # numbers of a thread, where a channel has more of them than a warp has threads
MOST_PARTS = 1024  # of a channel; longer ones have larger parts

SOURCE = Source("batch_norm.cu", {"Channels": "int N, C, parts; long long plane, share"})
SIZES = (
    dict.fromkeys(["x", "y", "dx", "dy"], "N C plane")
    | dict.fromkeys(["mean", "var", "weight", "bias", "dweight", "dbias"], "C")
    | dict.fromkeys(["means", "vars", "dweights", "dbiases"], "C parts")
)
MOMENTS = SOURCE.kernel("channel_moments", "const T* x, T* means, T* vars, Channels g", SIZES)
JOIN = SOURCE.kernel("join_moments", "const T* means, const T* vars, T* mean, T* var, Channels g", SIZES)
NORMALISE = SOURCE.kernel(
    "normalise",
    "const T* x, const T* mean, const T* var, const T* weight, const T* bias, T* y, double eps, Channels g",
    SIZES,
    optional=["weight", "bias"],
)
PARAMETERS = SOURCE.kernel(
    "parameter_gradients",
    "const T* dy, const T* x, const T* mean, const T* var, T* dweights, T* dbiases, double eps, Channels g",
    SIZES,
)
INPUT = SOURCE.kernel(
    "input_gradient",
    "const T* dy, const T* x, const T* mean, const T* var, const T* weight, const T* dweight, const T* dbias, T* dx, "
    "double eps, Channels g",
    SIZES,
    optional=["weight", "dweight", "dbias"],
)


def batch_statistics(x: Array) -> tuple[Array, Array]:
    """Compute mean and biased variance of each channel, in one pass.

    Parameters, returns: as `scratch.naive.norm.batch_statistics`.
    """
    xp, C = namespace_of(x), x.shape[1]
    if x.size == 0:
        return xp.full(C, xp.nan, x.dtype), xp.full(C, xp.nan, x.dtype)
    g = geometry(x)
    means, variances = xp.empty((C, g["parts"]), x.dtype), xp.empty((C, g["parts"]), x.dtype)
    launch(MOMENTS, *blocks_of(g), x=xp.ascontiguousarray(x), means=means, vars=variances, g=g)
    if g["parts"] == 1:
        return means.reshape(C), variances.reshape(C)
    mean, var = xp.empty(C, x.dtype), xp.empty(C, x.dtype)
    launch(JOIN, C, 32, means=means, vars=variances, mean=mean, var=var, g=g)
    return mean, var


def batch_norm2d(
    x: Array,
    mean: Array,
    var: Array,
    weight: Array | None,
    bias: Array | None,
    eps: float,
    training: bool,
) -> tuple[Array, Saved]:
    """Compute y = (x - mean) * (weight / sqrt(var + eps)) + bias.

    Parameters, returns: as `scratch.naive.norm.batch_norm2d`.
    """
    xp, g = namespace_of(x), geometry(x)
    x, mean, var = (xp.ascontiguousarray(each) for each in (x, mean, var))
    weight, bias = (None if each is None else xp.ascontiguousarray(each) for each in (weight, bias))
    y = xp.empty(x.shape, x.dtype)
    if x.size:
        launch(NORMALISE, *blocks_of(g), x=x, mean=mean, var=var, weight=weight, bias=bias, y=y, eps=eps, g=g)
    return y, (x, mean, var, weight, eps, training, g)


def batch_norm2d_backward(
    dy: Array, saved: Saved, needs_dx: bool = True
) -> tuple[Array | None, Array | None, Array | None]:
    """Compute the two sums over each channel, and with them dx.

    Parameters, returns: as `scratch.naive.norm.batch_norm2d_backward`.
    """
    x, mean, var, weight, eps, training, g = saved
    xp, C = namespace_of(dy), g["C"]
    if dy.size == 0:
        nothing = (None, None) if weight is None else (xp.zeros(C, dy.dtype), xp.zeros(C, dy.dtype))
        return (xp.empty(dy.shape, dy.dtype) if needs_dx else None, *nothing)

    of_channel = {"dy": xp.ascontiguousarray(dy), "x": x, "mean": mean, "var": var, "eps": eps, "g": g}
    through_statistics = training and needs_dx
    dweight = dbias = None
    if weight is not None or through_statistics:
        dweights, dbiases = (xp.empty((1, C, g["parts"]), dy.dtype) for _ in range(2))
        launch(PARAMETERS, *blocks_of(g), **of_channel, dweights=dweights, dbiases=dbiases)
        if g["parts"] == 1:
            dweight, dbias = dweights.reshape(C), dbiases.reshape(C)
        else:
            dweight, dbias = channel_sums(dweights), channel_sums(dbiases)
    dx = None
    if needs_dx:
        dx = xp.empty(dy.shape, dy.dtype)
        sums = {"dweight": dweight, "dbias": dbias} if training else {"dweight": None, "dbias": None}
        launch(INPUT, *blocks_of(g), **of_channel, **sums, weight=weight, dx=dx)
    return (dx, None, None) if weight is None else (dx, dweight, dbias)


def geometry(x: Array) -> dict[str, int]:
    """The struct Channels for one x; no part of a channel is without numbers."""
    (N, C), plane = x.shape[:2], prod(x.shape[2:])
    share = max(SHARE, -(-N * plane // MOST_PARTS))
    return {"N": N, "C": C, "parts": -(-N * plane // share), "plane": plane, "share": share}


def blocks_of(g: dict[str, int]) -> tuple[tuple[int, int], int]:
    """Grid and block: one for each part of each channel."""
    return (g["C"], g["parts"]), threads_for(blocks_for(min(g["share"], g["N"] * g["plane"]), LEAST))
