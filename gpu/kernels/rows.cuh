// Rows of a matrix, each shared out to a team of threads.
//
//     short rows: a warp is a team, and a block has four        long rows: a block is a team, of eight warps
//
//     row 0  0 1 2 .. 31 0 1 2 .. 31 0 ..    <- warp 0          row 0  0 1 2 .. 255 0 1 2 ..   <- block 0
//     row 1  0 1 2 .. 31 0 1 2 .. 31 0 ..    <- warp 1
//
// Neighbouring threads read side by side. What all of a team bring is joined in an order that is the same in every run,
// and every thread gets the result: within a warp each lane joins what it has with what the lane 16, 8, 4, 2, 1 away
// has, so that after five steps all have the same; then all threads join what the warps left in shared memory.
//
// The block is (threads of a team, teams): a whole number of warps for each team, and several teams only of one warp.
#pragma once

#include "elementary.cuh"

// The row of this thread's team. In the last block it may be beyond the end: then the whole warp has nothing to do.
__device__ inline long long row_of_team() { return (long long)blockIdx.x * blockDim.y + threadIdx.y; }

struct Larger {
    template <typename T>
    __device__ static T of(T one, T other) {
        return one > other ? one : other;
    }
};

struct Added {
    template <typename T>
    __device__ static T of(T one, T other) {
        return one + other;
    }
};

// What all threads of a team bring, joined: in every thread of it.
template <typename Join, typename T>
__device__ T by_team(T mine) {
    for (int step = 16; step > 0; step /= 2) mine = Join::of(mine, __shfl_xor_sync(0xffffffffu, mine, step));
    if (blockDim.x == 32) return mine;
    __shared__ T of_warp[32];
    __syncthreads();  // nobody still reads what the time before, with the same Join, left there
    if (threadIdx.x % 32 == 0) of_warp[threadIdx.x / 32] = mine;
    __syncthreads();
    T all = of_warp[0];
    for (unsigned warp = 1; warp < blockDim.x / 32; warp++) all = Join::of(all, of_warp[warp]);
    return all;
}

// max over j of x[j].  A NaN may get lost here, but it comes back: exp(NaN - max) is NaN, and so is the sum.
template <typename T>
__device__ T row_maximum(const T* x, long long length) {
    T mine = x[0];
    for (long long j = threadIdx.x; j < length; j += blockDim.x) mine = Larger::of(mine, x[j]);
    return by_team<Larger>(mine);
}

// sum over j of exp(x[j] - maximum)
template <typename T>
__device__ T row_sum_of_powers(const T* x, long long length, T maximum) {
    T mine = 0;
    for (long long j = threadIdx.x; j < length; j += blockDim.x) mine += exponential(x[j] - maximum);
    return by_team<Added>(mine);
}
