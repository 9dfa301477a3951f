// One sum by all threads of a block, in an order that is the same in every run.
//
//     lanes of a warp    a b c d e f g h      each adds what the lane 16, 8, 4, 2, 1 further on holds,
//                        |/      |/           so that lane 0 ends with the sum of its warp
//     warps of a block   shared memory, and thread 0 adds them up in their order
#pragma once

// The sum of what all threads of a block bring, in thread 0; the block has a multiple of 32 threads.
template <typename S>
__device__ S block_sum(S mine) {
    __shared__ S of_warp[32];
    for (int step = 16; step > 0; step /= 2) mine += __shfl_down_sync(0xffffffffu, mine, step);
    if (threadIdx.x % 32 == 0) of_warp[threadIdx.x / 32] = mine;
    __syncthreads();
    S sum = 0;
    if (threadIdx.x == 0)
        for (unsigned warp = 0; warp < blockDim.x / 32; warp++) sum += of_warp[warp];
    return sum;
}
