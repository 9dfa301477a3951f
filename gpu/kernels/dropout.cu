// Dropout, both ways: one thread for four numbers, since Philox makes four random words at a time.
//
//     thread         0            1            2
//     x         0  1  2  3   4  5  6  7   8  9               the last thread may have fewer
//     counter        0            1            2
//     words     w0 w1 w2 w3  w0 w1 w2 w3  w0 w1              kept where the word is not below the threshold
//
//     y = x * (1 / (1 - p) or 0)                             backward: the same, of dy
//
// The words come from the position alone: nothing is stored between forward and backward, no thread waits for another,
// and every namespace drops the same numbers. It is a product, as in torch: a NaN stays NaN where it is dropped.
//
// Lowest architecture: compute capability 7.5, the lowest that CUDA 13 knows. To gain: the rate of copying, where the
// ten rounds (computed: about 25 integer instructions a number) hide behind the memory; a stored mask would cost
// another byte a number in each direction. Not yet run on a device.

#include "philox.cuh"
#include "sum.cuh"

// y[i] = x[i] * (scale if word i % 4 of the counter i / 4 >= threshold else 0)
template <typename T>
__global__ void dropout(const T* x, T* y, long long count, unsigned int key0, unsigned int key1, long long threshold,
                        double scale) {
    typedef typename Sum<T>::type S;
    const long long group = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    const Words counter = {{(unsigned int)group, (unsigned int)(group >> 32), 0, 0}};
    const Words random = philox4x32(counter, key0, key1);
#pragma unroll
    for (int n = 0; n < 4; n++) {
        const long long at = 4 * group + n;
        if (at < count) y[at] = T(S(x[at]) * (random.word[n] >= threshold ? S(scale) : S(0)));
    }
}
