"""Run CUDA C++ kernels on the CPU, on NumPy arrays, and find their mistakes: for learning and testing.

The .cu file stays as it is: g++ compiles it with one header of ours in front (include/cuda_on_cpu.h), and each thread
of CUDA becomes a call, on a stack of its own if it has to wait at a barrier.

>>> import numpy as np
>>> from gpu import emulator
>>> source = '''
... __global__ void reverse(const float* x, float* y) {
...     __shared__ float tile[64];
...     tile[threadIdx.x] = x[threadIdx.x];
...     __syncthreads();
...     y[threadIdx.x] = tile[63 - threadIdx.x];
... }'''
>>> x, y = np.arange(64, dtype=np.float32), np.empty(64, np.float32)
>>> module = emulator.Module(source, "reverse.cu", ["reverse"])  # doctest: +SKIP
>>> report = module.launch("reverse", grid=(1,), block=(64,), arguments=[x, y])  # doctest: +SKIP
>>> y[:3]  # doctest: +SKIP
array([63., 62., 61.], dtype=float32)

`emulator.check` runs a kernel in several ways that must not matter. Without the barrier above it says:

    reverse, block (0, 0, 0), thread (0, 0, 0): shared memory read before it is written: y at (0,) is nan or ...
    reverse, block (0, 0, 0), thread (0, 0, 0): result depends on the order of threads: y at (0,) is nan or 63.0; ...

What is found, always with the kernel, and with block, thread, file and source line where there are any:

    always      barriers that not all threads reach, early returns before a barrier, signed overflow, indices outside
                of arrays of known size, null and misaligned pointers, dynamic shared memory written beyond its size,
                asynchronous copies (cuda_pipeline.h) that nobody waits for or that no device could make
    by check    results that depend on the order of threads or blocks, unwritten outputs, memory that is read before
                it is written, access outside of an argument, writing to a const one, a kernel that does not end

What is not modelled: warps that run in step without a barrier, the order of memory between blocks, bank conflicts,
coalescing, time, tensor cores, host code, printf (it prints nothing under `check`). Atomics on halves and arithmetic in
half precision do not compile.

`python -m gpu emulate FILE.cu KERNEL` does the same from the command line; see docs/emulator.md.
"""

from gpu.emulator.check import check
from gpu.emulator.compiler import CompileError, NoCompiler, why_not
from gpu.emulator.module import EmulatorError, Finding, Module

__all__ = ["CompileError", "EmulatorError", "Finding", "Module", "NoCompiler", "check", "why_not"]
