// The sum of every channel over all images: the gradient of a convolution's bias.
//
//     dy (N, O, outH, outW)      n=0  o=0 [....] o=1 [....]        block o adds up its channel of every image:
//                                n=1  o=0 [....] o=1 [....]        each thread every 256th number, then the block
//                                          |           |
//     dbias (O,)                         block 0     block 1
//
// Threads of a warp read side by side within a plane. No atomics: a run gives the same bits again.
//
// Lowest architecture: compute capability 7.5, the lowest that CUDA 13 knows. To gain: the rate of reading, once there
// are as many channels as multiprocessors. Not yet run on a device.

#include "block_sum.cuh"
#include "sum.cuh"

// sums[o] = sum over n, i of  x[n, o, i]
template <typename T>
__global__ void channel_sums(const T* x, T* sums, int N, int O, long long plane) {
    typedef typename Sum<T>::type S;
    S mine = 0;
    for (long long at = threadIdx.x; at < N * plane; at += blockDim.x)
        mine += S(x[(at / plane * O + blockIdx.x) * plane + at % plane]);
    const S sum = block_sum(mine);
    if (threadIdx.x == 0) sums[blockIdx.x] = T(sum);
}
