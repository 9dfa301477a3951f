# ruff: noqa: ANN001, ANN201, ANN204, ANN205, D101, D102, PLW2901  (as people write who learn)
"""torch Modules: Conv, Wrapped, Dense, Norm, Clamp, Nats and Steps are right; the others have one error each."""

import torch
from torch import nn
from torch.nn import functional as F


class Conv(nn.Module):
    """By unfold and a matrix product."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        super().__init__()
        self.k, self.s, self.p = kernel_size, stride, padding
        self.weight = nn.Parameter(torch.zeros(out_channels, in_channels, kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.zeros(out_channels))

    def forward(self, x):
        columns = F.unfold(x, self.k, stride=self.s, padding=self.p)
        y = self.weight.flatten(1) @ columns + self.bias[:, None]
        side = [(n + 2 * self.p - self.k) // self.s + 1 for n in x.shape[2:]]
        return y.reshape(len(x), -1, *side)


class Wrapped(nn.Module):
    """The weights are those of a layer inside."""

    def __init__(self, in_channels, out_channels, kernel_size):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size)

    def forward(self, x):
        return self.conv(x)


class Reflected(Wrapped):
    def forward(self, x):
        return F.conv2d(x, self.conv.weight.flip(2, 3), self.conv.bias)


class Dense(nn.Module):
    """The weight is (in, out)."""

    def __init__(self, n_in, n_out):
        super().__init__()
        self.W, self.b = nn.Parameter(torch.zeros(n_in, n_out)), nn.Parameter(torch.zeros(n_out))

    def forward(self, x):
        return x @ self.W + self.b


class Norm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.norm = nn.BatchNorm2d(num_features, eps, momentum)

    def forward(self, x):
        return self.norm(x)


class Clamp(nn.Module):
    def forward(self, x):
        return x.relu()


class OwnGradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.relu()

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return dy * (x >= 0)


class OneAtZero(nn.Module):
    """The gradient at 0 is 1; torch's is 0."""

    def forward(self, x):
        return OwnGradient.apply(x)


class Nats(nn.Module):
    """Cross entropy."""

    def __init__(self, weight=None, reduction="mean"):
        super().__init__()
        self.weight, self.reduction = weight, reduction

    def forward(self, logits, labels):
        return F.nll_loss(F.log_softmax(logits, 1), labels, self.weight, reduction=self.reduction)


class Bits(Nats):
    def forward(self, logits, labels):
        return super().forward(logits, labels) / torch.log(torch.tensor(2.0, dtype=logits.dtype))


class Steps(torch.optim.Optimizer):
    """Plain gradient descent."""

    def __init__(self, params, lr=1e-3):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                p -= group["lr"] * p.grad
