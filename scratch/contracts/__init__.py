"""What an implementation must supply, a file for each kind of operation.

An *algorithm* is a pair of pure functions in one module, an operation and its backward:

    y, saved = conv2d(x, weight, bias, window, groups)
    dx, dweight, dbias = conv2d_backward(dy, saved, needs_dx=True)

`saved` is whatever backward needs: references and small index arrays, never column matrices. The protocols here are
met by *modules*: `scratch.naive.conv`, `scratch.fast.conv` and `gpu.conv` are three `Conv2dAlgorithm`s, and mypy
says where one departs.
"""

from typing import Any, TypeAlias

Saved: TypeAlias = Any
"""What a forward keeps for its backward; only the pair of functions itself looks inside."""

Key: TypeAlias = tuple[int, int]
"""Two random words of 32 bits, from which all random numbers of one Dropout are counted: see scratch/philox.py."""
