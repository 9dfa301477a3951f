// Convolution straight from its formula: one thread for each output, the loops of scratch/naive/conv.py on a grid.
//
//     thread of y[n, o, i, j] reads                                  thread of dx[n, c, h, w] reads
//
//       x[n]   . . . . . .     weight[o]                              dy[n]  . . . .    those y whose window holds
//              . a b c . .     A B C                                         . p q .    the cell (h, w): with kernel 3
//              . d e f . .     D E F     y = a A + b B + ... + i I           . r s .    and stride 2 up to four, and
//              . g h i . .     G H I                                         . . . .    the tap that met it there
//
// Threads of a warp stand side by side in a row of y: they read x side by side and the same weight, which the caches
// serve; nothing else is reused. A number of dweight is a sum over all images, by one block: its threads take every n-th
// term, then add up what they have in a fixed order. No sum is made by atomics: a run gives the same bits again.
//
// Lowest architecture: compute capability 7.5, the lowest that CUDA 13 knows. To gain: nothing; it is what the other
// algorithms are measured against (published for matrices, the same way of working: 1 to 9 % of cuBLAS). Not yet run
// on a device.

#include "block_sum.cuh"
#include "convolution.cuh"
#include "sum.cuh"

// y[n, o, i, j] = bias[o] + sum over c, u, v of  x[n, c, i*sH + u*dH - top, j*sW + v*dW - left] * weight[o, c, u, v]
template <typename T>
__global__ void conv_direct(const T* x, const T* weight, const T* bias, T* y, Convolution g) {
    typedef typename Sum<T>::type S;
    const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= (long long)g.N * g.O * g.outH * g.outW) return;
    const int j = at % g.outW, i = at / g.outW % g.outH, o = at / g.outW / g.outH % g.O;
    const int n = at / g.outW / g.outH / g.O;

    S sum = bias ? S(bias[o]) : S(0);
    for (int c = 0; c < g.Cg; c++) {
        const T* plane = x + ((long long)n * g.C + o / g.Og * g.Cg + c) * g.H * g.W;
        const T* filter = weight + ((long long)o * g.Cg + c) * g.kH * g.kW;
        for (int u = 0; u < g.kH; u++) {
            const int h = i * g.sH - g.top + u * g.dH;
            for (int v = 0; v < g.kW; v++) {
                const int w = j * g.sW - g.left + v * g.dW;
                sum += padded(plane, h, w, g) * S(filter[u * g.kW + v]);
            }
        }
    }
    y[at] = T(sum);
}

// dx[n, c, h, w] = sum over o of the group, and over the taps u, v that met it, of  dy[n, o, i, j] * weight[o, c, u, v]
//                  with  i*sH = h + top - u*dH  and  j*sW = w + left - v*dW
template <typename T>
__global__ void conv_direct_dx(const T* dy, const T* weight, T* dx, Convolution g) {
    typedef typename Sum<T>::type S;
    const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= (long long)g.N * g.C * g.H * g.W) return;
    const int w = at % g.W, h = at / g.W % g.H, channel = at / g.W / g.H % g.C, n = at / g.W / g.H / g.C;
    const int group = channel / g.Cg, c = channel % g.Cg;

    S sum = 0;
    for (int o = group * g.Og; o < (group + 1) * g.Og; o++) {
        const T* plane = dy + ((long long)n * g.O + o) * g.outH * g.outW;
        const T* filter = weight + ((long long)o * g.Cg + c) * g.kH * g.kW;
        for (int u = 0; u < g.kH; u++) {
            const int row = h + g.top - u * g.dH;
            if (row < 0 || row % g.sH != 0 || row / g.sH >= g.outH) continue;
            for (int v = 0; v < g.kW; v++) {
                const int column = w + g.left - v * g.dW;
                if (column < 0 || column % g.sW != 0 || column / g.sW >= g.outW) continue;
                sum += S(plane[(long long)(row / g.sH) * g.outW + column / g.sW]) * S(filter[u * g.kW + v]);
            }
        }
    }
    dx[at] = T(sum);
}

// dweight[o, c, u, v] = sum over n, i, j of  dy[n, o, i, j] * x[n, c, i*sH + u*dH - top, j*sW + v*dW - left]
// One block for each number of dweight.
template <typename T>
__global__ void conv_direct_dweight(const T* x, const T* dy, T* dweight, Convolution g) {
    typedef typename Sum<T>::type S;
    const int v = blockIdx.x % g.kW, u = blockIdx.x / g.kW % g.kH, c = blockIdx.x / g.kW / g.kH % g.Cg;
    const int o = blockIdx.x / g.kW / g.kH / g.Cg;
    const int channel = o / g.Og * g.Cg + c;

    S mine = 0;
    const long long positions = (long long)g.outH * g.outW;
    for (long long at = threadIdx.x; at < g.N * positions; at += blockDim.x) {
        const int j = at % g.outW, i = at / g.outW % g.outH, n = at / positions;
        const int h = i * g.sH - g.top + u * g.dH, w = j * g.sW - g.left + v * g.dW;
        const T* plane = x + ((long long)n * g.C + channel) * g.H * g.W;
        mine += S(dy[((long long)n * g.O + o) * positions + at % positions]) * padded(plane, h, w, g);
    }
    const S sum = block_sum(mine);
    if (threadIdx.x == 0) dweight[blockIdx.x] = T(sum);
}
