"""Which algorithms the namespaces of gpu/ have, in one table; the first of an operation is the one that is chosen.

- array code: functions on whole arrays, which run on CuPy's arrays and on those of its stand-in
- kernels: our own CUDA C++ (gpu/kernels), which runs on the device and in the emulator; not yet run on a device

`gpu` has both, array code first; `gpu.on_numpy` has the array code; `gpu.emulated` has the kernels, and the array code
of what has no kernel yet. Convolutions are a ladder, each a step on from the one before; `depthwise` serves layers
whose outputs see one channel each, and no others.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

from gpu import (
    activation,
    adaptive_pool,
    class_loss,
    conv,
    conv_transpose,
    dropout,
    elementwise_loss,
    layer_norm,
    linear,
    norm,
    pad,
    pool,
    unpool,
    upsample,
)
from gpu.filters import by_fft, direct, separable
from gpu.kernels import activation as activation_kernels
from gpu.kernels import (
    batch_norm,
    conv_depthwise,
    conv_direct,
    conv_im2col,
    conv_implicit_gemm,
    conv_transpose_direct,
    cross_entropy,
    gemm,
    softmax,
    stencil,
)
from gpu.kernels import dropout as dropout_kernels
from gpu.kernels import pool as pool_kernels
from gpu.smooth import smooth, softplus
from scratch.array import Array
from scratch.backend import Backend

Algorithm = TypeVar("Algorithm")


def backend_with(
    which: Literal["both", "array code", "kernels"],
    name: str,
    asarray: Callable[[Any], Array],
    array_type: Callable[[], type],
) -> Backend:
    """Make the backend of a namespace.

    >>> list(backend_with("kernels", "gpu.emulated", list, lambda: list).conv2d)
    ['direct', 'im2col_kernel', 'implicit_gemm', 'depthwise']
    """

    def of(array_code: Mapping[str, Algorithm], kernels: Mapping[str, Algorithm]) -> Mapping[str, Algorithm]:
        if which == "both":
            return {**array_code, **kernels}
        return kernels or array_code if which == "kernels" else array_code

    return Backend(
        name,
        asarray,
        array_type,
        #  operation      array code                   kernels
        conv2d=of(        {"im2col": conv},            {"direct": conv_direct, "im2col_kernel": conv_im2col,
                                                        "implicit_gemm": conv_implicit_gemm,
                                                        "depthwise": conv_depthwise}),
        conv_transpose2d=of({"im2col": conv_transpose}, {"direct": conv_transpose_direct}),
        pad2d=of(         {"strips": pad},             {}),
        max_pool2d=of(    {"taps": pool},              {"kernel": pool_kernels}),
        avg_pool2d=of(    {"taps": pool},              {"kernel": pool_kernels}),
        adaptive_avg_pool2d=of({"taps": adaptive_pool}, {}),
        adaptive_max_pool2d=of({"taps": adaptive_pool}, {}),
        max_unpool2d=of(  {"last": unpool},            {}),
        upsample2d=of(    {"maps": upsample},          {}),
        linear=of(        {"matmul": linear},          {"gemm": gemm}),
        relu=of(          {"arrays": activation},      {"kernel": activation_kernels}),
        leaky_relu=of(    {"arrays": activation},      {}),
        sigmoid=of(       {"arrays": smooth},          {}),
        tanh=of(          {"arrays": smooth},          {}),
        silu=of(          {"arrays": smooth},          {}),
        gelu=of(          {"arrays": smooth},          {}),
        elu=of(           {"arrays": activation},      {}),
        softplus=of(      {"arrays": softplus},        {}),
        softmax=of(       {"arrays": activation},      {"kernel": softmax}),
        log_softmax=of(   {"arrays": activation},      {}),
        dropout=of(       {"arrays": dropout},         {"kernel": dropout_kernels}),
        dropout2d=of(     {"arrays": dropout},         {}),
        batch_norm2d=of(  {"arrays": norm},            {"kernel": batch_norm}),
        group_norm=of(    {"arrays": layer_norm},      {}),
        layer_norm=of(    {"arrays": layer_norm},      {}),
        cross_entropy=of( {"arrays": class_loss},            {"kernel": cross_entropy}),
        mse=of(           {"arrays": elementwise_loss},            {}),
        l1=of(            {"arrays": elementwise_loss},            {}),
        nll=of(           {"arrays": class_loss},       {}),
        bce_with_logits=of({"arrays": elementwise_loss},      {}),
        smooth_l1=of(     {"arrays": elementwise_loss},       {}),
        correlate2d=of(   {"direct": direct, "separable": separable, "fft": by_fft}, {"stencil": stencil}),
    )  # fmt: skip
