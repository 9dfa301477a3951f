# ruff: noqa: ANN001, ANN201, D103, RUF059  (as people write who learn)
"""Layers as pairs of functions, as courses have them: what backward needs is handed over in a cache.

Right, as far as they go: conv, affine, max_pool, relu, spatial_norm, conv2d, avg_pool, linear, and conv_last, pool_last
and dense_columns, which arrange their arrays in their own ways. The others are made from these, each with one error.
"""

import numpy as np


def conv_forward(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    N, _, H, W = padded.shape
    F, _, HH, WW = w.shape
    out = np.zeros((N, F, 1 + (H - HH) // stride, 1 + (W - WW) // stride))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            window = padded[:, None, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
            out[:, :, i, j] = np.sum(window * w, axis=(2, 3, 4)) + b
    return out, (x, w, b, conv_param)


def conv_backward(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dpadded, dw, db = np.zeros_like(padded), np.zeros_like(w), np.zeros_like(b)
    HH, WW = w.shape[2:]
    for n in range(dout.shape[0]):
        for f in range(dout.shape[1]):
            db[f] += dout[n, f].sum()
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    here = (n, slice(None), slice(i * stride, i * stride + HH), slice(j * stride, j * stride + WW))
                    dw[f] += dout[n, f, i, j] * padded[here]
                    dpadded[here] += dout[n, f, i, j] * w[f]
    H, W = x.shape[2:]
    return dpadded[:, :, pad : pad + H, pad : pad + W], dw, db


def unpadded_forward(x, w, b, conv_param):
    return conv_forward(x, w, b, conv_param)


def unpadded_backward(dout, cache):
    """The padding is cut off on the wrong side of dx."""
    x, w, b, conv_param = cache
    pad = conv_param["pad"]
    dx, dw, db = conv_backward(dout, cache)
    return np.roll(dx, pad, axis=(2, 3)), dw, db


def affine_forward(x, w, b):
    out = x.reshape(len(x), -1) @ w + b
    return out, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)


def mean_affine_forward(x, w, b):
    return affine_forward(x, w, b)


def mean_affine_backward(dout, cache):
    """The gradients of the parameters are means over the batch."""
    dx, dw, db = affine_backward(dout, cache)
    return dx, dw / len(dout), db / len(dout)


def max_pool_forward(x, pool_param):
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    out = np.zeros((N, C, 1 + (H - height) // stride, 1 + (W - width) // stride), x.dtype)
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = x[:, :, i * stride : i * stride + height, j * stride : j * stride + width].max(
                axis=(2, 3)
            )
    return out, (x, pool_param)


def max_pool_backward(dout, cache):
    x, pool_param = cache
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(dout.shape):
        window = x[n, c, i * stride : i * stride + height, j * stride : j * stride + width]
        flat = window.ravel()
        nan = np.flatnonzero(np.isnan(flat))
        u, v = np.unravel_index(nan[-1] if len(nan) else flat.argmax(), window.shape)
        dx[n, c, i * stride + u, j * stride + v] += dout[n, c, i, j]
    return dx


def relu_forward(x):
    return np.where(x <= 0, 0, x).astype(x.dtype), x


def relu_backward(dout, cache):
    return np.where(cache <= 0, 0, dout).astype(dout.dtype)


def spatial_norm_forward(x, gamma, beta, bn_param):
    axes, C = (0, 2, 3), (1, -1, 1, 1)
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.1)
    if bn_param["mode"] == "train":
        mean, var = x.mean(axis=axes), x.var(axis=axes)
        count = x.size // x.shape[1]
        bn_param["running_mean"] = (1 - momentum) * bn_param["running_mean"] + momentum * mean
        unbiased = var * count / (count - 1)
        bn_param["running_var"] = (1 - momentum) * bn_param["running_var"] + momentum * unbiased
    else:
        mean, var = bn_param["running_mean"], bn_param["running_var"]
    root = np.sqrt(var + eps).reshape(C)
    z = (x - mean.reshape(C)) / root
    return z * gamma.reshape(C) + beta.reshape(C), (z, gamma, root, bn_param["mode"])


def spatial_norm_backward(dout, cache):
    z, gamma, root, mode = cache
    axes = (0, 2, 3)
    dz = dout * gamma.reshape(1, -1, 1, 1)
    if mode == "train":
        dz = dz - dz.mean(axis=axes, keepdims=True) - z * (dz * z).mean(axis=axes, keepdims=True)
    return dz / root, (dout * z).sum(axis=axes), dout.sum(axis=axes)


def conv2d(x, w, b=None, stride=1, padding=0):
    """Forward only, with everything by keyword; pairs work, too."""
    (sH, sW), (pH, pW) = (one if isinstance(one, tuple) else (one, one) for one in (stride, padding))
    padded = np.pad(x, ((0, 0), (0, 0), (pH, pH), (pW, pW)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], (2, 3))[:, :, ::sH, ::sW]
    y = np.einsum("ncijuv,ocuv->noij", windows, w)
    return y if b is None else y + b[:, None, None]


def conv2d_padded_on_one_side(x, w, b=None, stride=1, padding=0):
    return conv2d(np.pad(x, ((0, 0), (0, 0), (padding, 0), (padding, 0))), w, b, stride)


def avg_pool(x, kernel_size=2, stride=None):
    stride = stride or kernel_size
    windows = np.lib.stride_tricks.sliding_window_view(x, (kernel_size, kernel_size), (2, 3))
    return windows[:, :, ::stride, ::stride].mean(axis=(4, 5))


def linear(x, weight, bias):
    return x @ weight.T + bias


def conv_last_forward(A_prev, W, b, hparameters):
    """Channels last: A_prev (m, H, W, C), W (f, f, C, channels out), b (1, 1, 1, channels out)."""
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, height, width, _ = A_prev.shape
    f, _, _, n_C = W.shape
    padded = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    Z = np.zeros((m, (height - f + 2 * pad) // stride + 1, (width - f + 2 * pad) // stride + 1, n_C))
    for h in range(Z.shape[1]):
        for w in range(Z.shape[2]):
            for c in range(n_C):
                part = padded[:, h * stride : h * stride + f, w * stride : w * stride + f]
                Z[:, h, w, c] = np.sum(part * W[..., c], axis=(1, 2, 3)) + float(b[0, 0, 0, c])
    return Z, (A_prev, W, b, hparameters)


def conv_last_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    f = W.shape[0]
    padded = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dpadded, dW, db = np.zeros_like(padded), np.zeros_like(W), np.zeros_like(b)
    for i, h, w, c in np.ndindex(dZ.shape):
        here = (i, slice(h * stride, h * stride + f), slice(w * stride, w * stride + f))
        dpadded[here] += W[..., c] * dZ[i, h, w, c]
        dW[..., c] += padded[here] * dZ[i, h, w, c]
        db[..., c] += dZ[i, h, w, c]
    height, width = A_prev.shape[1:3]
    return dpadded[:, pad : pad + height, pad : pad + width], dW, db


def pool_last_forward(A_prev, hparameters):
    f, stride = hparameters["f"], hparameters["stride"]
    views = np.lib.stride_tricks.sliding_window_view(A_prev, (f, f), (1, 2))[:, ::stride, ::stride]
    return views.max(axis=(4, 5)), (A_prev, hparameters)


def dense_columns_forward(A, W, b):
    """One sample in each column: A (n, m), W (n out, n), b (n out, 1)."""
    return W @ A + b, (A, W)


def dense_columns_backward(dZ, cache):
    A, W = cache
    return W.T @ dZ, dZ @ A.T, dZ.sum(axis=1, keepdims=True)
