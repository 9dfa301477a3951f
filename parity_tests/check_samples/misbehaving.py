# ruff: noqa: ANN001, ANN201, ANN204, D101, D102  (as people write who learn)
"""Layers that do not answer: some never, some not where an infinity comes in."""

import ctypes
import os
import sys
import time

import numpy as np


class ReLU:
    """Right; the others are made from it."""

    def forward(self, x):
        self.x = x
        return np.where(x <= 0, 0, x).astype(x.dtype)

    def backward(self, dy):
        return np.where(self.x <= 0, 0, dy).astype(dy.dtype)


class Raises(ReLU):
    def backward(self, dy):
        if np.isinf(self.x).any():
            raise ArithmeticError("no luck\twith \x1b[31minf")
        return super().backward(dy)


class AlwaysRaises(ReLU):
    def forward(self, x):
        return x.undefined


class RaisesOnEmpty(ReLU):
    """No disagreement: it does not offer that."""

    def forward(self, x):
        if x.size == 0:
            raise ValueError("nothing to do")
        return super().forward(x)


class Unmakeable(ReLU):
    def __init__(self):
        self.slope = self.undefined


class Leaves(ReLU):
    def forward(self, x):
        if np.isinf(x).any():
            sys.exit("enough")
        return super().forward(x)


class Exits(ReLU):
    def forward(self, x):
        if np.isinf(x).any():
            os._exit(7)
        return super().forward(x)


class Segfaults(ReLU):
    def forward(self, x):
        if np.isinf(x).any():
            ctypes.string_at(0)
        return super().forward(x)


class Hangs(ReLU):
    def forward(self, x):
        if np.isinf(x).any():
            time.sleep(60)
        return super().forward(x)


class AlwaysHangs(ReLU):
    def forward(self, x):
        while True:
            pass


class Hoards(ReLU):
    def forward(self, x):
        np.ones(1 << 33)
        return super().forward(x)


class Prints(ReLU):
    def forward(self, x):
        print('{"answer": "forged"}')
        os.write(1, b"below Python, too\n")
        print("and on standard error", file=sys.stderr)
        return super().forward(x)


class Asks(ReLU):
    def forward(self, x):
        input("a number, please: ")
        return super().forward(x)
