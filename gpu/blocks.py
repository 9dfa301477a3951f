"""How large the blocks are in which the array functions of gpu/ work."""

BLOCK_BYTES = 32 * 2**20
"""How much temporary memory one block may take.

Larger than on a CPU (scratch/fast/blocks.py): every block costs a handful of kernel launches of some microseconds
each, and needs enough work to fill the GPU. Not larger, since a block should stay in the L2 cache between the kernels
that write and read it (50 MiB on an H100), and since the next block is begun while Python still holds the one before:
both together stay within the budget of 64 MiB.
"""
