// Depthwise convolution: each output has one channel of x to itself, so groups is the number of channels.
//
//     x[n]   channel 0  ->  y[n]  o = 0, 1              Og = 2 filters for each channel (the channel multiplier):
//            channel 1  ->        o = 2, 3              output o reads channel o / Og, and nothing of the others
//
//     y and dx      a block stays in one plane: it copies the filter, or the Og filters of a channel, to shared memory,
//                   then each thread gathers one number, neighbours side by side in a row
//
//     dweight[o]    a b c     a sum over all images for each tap. Thread t of a block takes every n-th window and reads
//                   d e f     dy there once for up to nine taps, whose sums it holds in registers; then the block adds
//                   g h i     up, tap by tap:
//
//         windows (n, i, j)    0 1 2 3 4 5 6 7 | 8 9 10 11 12 13 14 ...      cut into parts, a block for each, where
//         part                 ------ 0 ------ | -------- 1 --------         filters alone would not fill the device
//                              parts[0, o, tap]  parts[1, o, tap]            a second kernel adds up in their order
//
// There is no sum over channels, so the matrix products of other algorithms would have a single row. No sum is made by
// atomics: a run gives the same bits again.
//
// Lowest architecture: compute capability 7.5, the lowest that CUDA 13 knows. To gain: the rate of copying. Computed
// for 3 x 3 and float32: 18 operations for the 8 bytes of a number of x and one of y, where an H200 has time for 110 by
// its data sheet. Not yet run on a device.

#include "block_sum.cuh"
#include "convolution.cuh"
#include "sum.cuh"

constexpr int TAPS = 9;  // of one filter, by one block of dweight: all of 3 x 3

// Copies `count` numbers of the weight to shared memory, for all threads of the block.
template <typename T>
__device__ typename Sum<T>::type* to_shared(const T* weight, int count) {
    typedef typename Sum<T>::type S;
    extern __shared__ __align__(16) unsigned char memory[];
    S* filters = reinterpret_cast<S*>(memory);
    for (int tap = threadIdx.x; tap < count; tap += blockDim.x) filters[tap] = S(weight[tap]);
    __syncthreads();
    return filters;
}

// y[n, o, i, j] = bias[o] + sum over u, v of  x[n, o / Og, i*sH + u*dH - top, j*sW + v*dW - left] * weight[o, u, v]
template <typename T>
__global__ void depthwise(const T* x, const T* weight, const T* bias, T* y, Convolution g) {
    typedef typename Sum<T>::type S;
    const long long size = (long long)g.outH * g.outW;
    const unsigned blocks = (size + blockDim.x - 1) / blockDim.x;  // for each plane
    const int n = blockIdx.x / blocks / g.O, o = blockIdx.x / blocks % g.O;
    const S* filter = to_shared(weight + (long long)o * g.kH * g.kW, g.kH * g.kW);
    const long long at = (long long)(blockIdx.x % blocks) * blockDim.x + threadIdx.x;
    if (at >= size) return;
    const int i = at / g.outW, j = at % g.outW;

    const T* plane = x + ((long long)n * g.C + o / g.Og) * g.H * g.W;
    S sum = bias ? S(bias[o]) : S(0);
    for (int u = 0; u < g.kH; u++) {
        const int h = i * g.sH - g.top + u * g.dH;
        for (int v = 0; v < g.kW; v++) {
            const int w = j * g.sW - g.left + v * g.dW;
            sum += padded(plane, h, w, g) * filter[u * g.kW + v];
        }
    }
    y[((long long)n * g.O + o) * size + at] = T(sum);
}

// dx[n, c, h, w] = sum over the taps u, v that met it, and over o of the channel, of  dy[n, o, i, j] * weight[o, u, v]
//                  with  i*sH = h + top - u*dH  and  j*sW = w + left - v*dW
template <typename T>
__global__ void depthwise_dx(const T* dy, const T* weight, T* dx, Convolution g) {
    typedef typename Sum<T>::type S;
    const long long size = (long long)g.H * g.W;
    const unsigned blocks = (size + blockDim.x - 1) / blockDim.x;
    const int n = blockIdx.x / blocks / g.C, c = blockIdx.x / blocks % g.C, taps = g.kH * g.kW;
    const S* filters = to_shared(weight + (long long)c * g.Og * taps, g.Og * taps);
    const long long at = (long long)(blockIdx.x % blocks) * blockDim.x + threadIdx.x;
    if (at >= size) return;
    const int h = at / g.W, w = at % g.W;

    const long long positions = (long long)g.outH * g.outW;
    const T* planes = dy + ((long long)n * g.O + c * g.Og) * positions;
    S sum = 0;
    for (int u = 0; u < g.kH; u++) {
        const int row = h + g.top - u * g.dH;
        if (row < 0 || row % g.sH != 0 || row / g.sH >= g.outH) continue;
        for (int v = 0; v < g.kW; v++) {
            const int column = w + g.left - v * g.dW;
            if (column < 0 || column % g.sW != 0 || column / g.sW >= g.outW) continue;
            const long long window = (long long)(row / g.sH) * g.outW + column / g.sW;
            for (int o = 0; o < g.Og; o++)
                sum += S(planes[o * positions + window]) * filters[o * taps + u * g.kW + v];
        }
    }
    dx[((long long)n * g.C + c) * size + at] = T(sum);
}

// parts[p, o, u, v] = sum over the windows n, i, j of part p of
//                     dy[n, o, i, j] * x[n, o / Og, i*sH + u*dH - top, j*sW + v*dW - left]
// A block for each part, filter and TAPS of its taps.
template <typename T>
__global__ void __launch_bounds__(256) depthwise_dweight(
    const T* x, const T* dy, double* parts, Convolution g, int split) {
    typedef typename Sum<T>::type S;
    const int taps = g.kH * g.kW, runs = (taps + TAPS - 1) / TAPS;
    const int first_tap = blockIdx.x % runs * TAPS, o = blockIdx.x / runs % g.O, part = blockIdx.x / runs / g.O;
    const long long positions = (long long)g.outH * g.outW, windows = g.N * positions;
    const long long each = (windows + split - 1) / split, first = part * each, end = min(first + each, windows);

    int down[TAPS], right[TAPS];  // from a window's corner to the tap
#pragma unroll
    for (int e = 0; e < TAPS; e++) {
        down[e] = (first_tap + e) / g.kW * g.dH - g.top;
        right[e] = (first_tap + e) % g.kW * g.dW - g.left;
    }
    // Window (n, i, j), and from it on the next, without a division for each: the digits of a number, with a carry.
    int j = (first + threadIdx.x) % g.outW, i = (first + threadIdx.x) / g.outW % g.outH;
    long long n = (first + threadIdx.x) / positions;
    const int step_j = blockDim.x % g.outW, step_i = blockDim.x / g.outW % g.outH, step_n = blockDim.x / positions;
    S mine[TAPS] = {};
    for (long long at = first + threadIdx.x; at < end; at += blockDim.x) {
        const S slope = S(dy[((n * g.O + o) * g.outH + i) * g.outW + j]);
        const T* plane = x + (n * g.C + o / g.Og) * g.H * g.W;
#pragma unroll
        for (int e = 0; e < TAPS; e++) {
            const int h = i * g.sH + down[e], w = j * g.sW + right[e];
            mine[e] += slope * padded(plane, h, w, g);  // of taps beyond the last, too: nobody stores them
        }
        j += step_j, i += step_i, n += step_n;
        if (j >= g.outW) j -= g.outW, i++;
        if (i >= g.outH) i -= g.outH, n++;
    }
#pragma unroll
    for (int e = 0; e < TAPS; e++) {
        const S sum = block_sum(mine[e]);
        if (threadIdx.x == 0 && first_tap + e < taps)
            parts[((long long)part * g.O + o) * taps + first_tap + e] = sum;
        __syncthreads();  // the next sum goes through the same shared memory
    }
}

// dweight[o, u, v] = sum over p of  parts[p, o, u, v]
template <typename T>
__global__ void depthwise_add_up(const double* parts, T* dweight, Convolution g, int split) {
    const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x, count = (long long)g.O * g.kH * g.kW;
    if (at >= count) return;
    double sum = 0;
    for (int part = 0; part < split; part++) sum += parts[part * count + at];
    dweight[at] = T(typename Sum<T>::type(sum));
}
