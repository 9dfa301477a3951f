"""The nn namespace on a GPU: CuPy and own CUDA kernels."""
