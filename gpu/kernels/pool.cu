// Max and average pooling: one thread for each output, and backward one for each input, which gathers.
//
//     forward: y[1] reads its window              backward: dx[2] asks each window that covers it
//
//     x     0  1 [2  3  4] 5                      dy    (0) (1)  2         (window 3, stride 2: windows 0 and 1)
//                   |                                     \  |
//     y     0     (1)      2                      dx    0  1  2  3  4  5
//
// The windows that cover a cell are found by division, so no two threads write to one place: no atomics, and the same
// bits in every run. Threads of a warp stand side by side in a row; what neighbouring windows share, caches serve.
//
// Max pooling keeps torch's rules: the scan is row by row, a value takes over if it is larger or NaN, so the first of
// equal values wins, and the last of several NaN; cells outside of the image are not looked at.
//
// Lowest architecture: compute capability 7.5, the lowest that CUDA 13 knows. To gain: with a stride as large as the
// window every number is moved once, so the rate of copying is the limit. Not yet run on a device.

#include "sum.cuh"

struct Pool {
    int planes, H, W, outH, outW;  // planes: images times channels
    int kH, kW, sH, sW, dH, dW;
    int top, bottom, left, right;  // padding
};

struct Divisor {
    bool count_include_pad;
    long long fixed;  // instead of the number of cells; 0: none
};

// y[p, i, j] = max over u, v of  x[p, i*sH + u*dH - top, j*sW + v*dW - left];  indices: where it stands, flat in H*W
template <typename T>
__global__ void max_pool(const T* x, T* y, long long* indices, Pool g) {
    const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= (long long)g.planes * g.outH * g.outW) return;
    const int j = at % g.outW, i = at / g.outW % g.outH;
    const T* plane = x + at / g.outW / g.outH * g.H * g.W;

    T best = 0;
    long long best_at = -1;
    for (int u = 0; u < g.kH; u++) {
        const int h = i * g.sH - g.top + u * g.dH;
        if (h < 0 || h >= g.H) continue;
        for (int v = 0; v < g.kW; v++) {
            const int w = j * g.sW - g.left + v * g.dW;
            if (w < 0 || w >= g.W) continue;
            const long long here = (long long)h * g.W + w;
            const T value = plane[here];
            if (best_at < 0 || value > best || value != value) best = value, best_at = here;
        }
    }
    y[at] = best;
    indices[at] = best_at;
}

// dx[p, h, w] = sum of dy over the windows that cover it and whose maximum stands there
template <typename T>
__global__ void max_pool_backward(const T* dy, const long long* indices, T* dx, Pool g) {
    const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= (long long)g.planes * g.H * g.W) return;
    const int w = at % g.W, h = at / g.W % g.H;
    const long long here = (long long)h * g.W + w, plane = at / g.W / g.H * g.outH * g.outW;

    T sum = 0;
    for (int u = g.kH - 1; u >= 0; u--) {  // from the first window that covers the cell to the last
        const int row = h + g.top - u * g.dH;
        if (row < 0 || row % g.sH != 0 || row / g.sH >= g.outH) continue;
        for (int v = g.kW - 1; v >= 0; v--) {
            const int column = w + g.left - v * g.dW;
            if (column < 0 || column % g.sW != 0 || column / g.sW >= g.outW) continue;
            const long long window = plane + (long long)(row / g.sH) * g.outW + column / g.sW;
            if (indices[window] == here) sum += dy[window];
        }
    }
    dx[at] = sum;
}

// How many cells the average of window (i, j) is divided by: those inside of the image and, if they count, its padding.
__device__ long long cells(const Pool& g, const Divisor& divisor, int i, int j) {
    if (divisor.fixed != 0) return divisor.fixed;
    const int h = i * g.sH - g.top, w = j * g.sW - g.left;
    if (divisor.count_include_pad)
        return (long long)(min(h + g.kH, g.H + g.bottom) - h) * (min(w + g.kW, g.W + g.right) - w);
    return (long long)(min(h + g.kH, g.H) - max(h, 0)) * (min(w + g.kW, g.W) - max(w, 0));
}

// y[p, i, j] = (sum over u, v of  x[p, i*sH + u - top, j*sW + v - left]) / divisor;  of integers it is truncated
template <typename T>
__global__ void avg_pool(const T* x, T* y, Pool g, Divisor divisor) {
    const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= (long long)g.planes * g.outH * g.outW) return;
    const int j = at % g.outW, i = at / g.outW % g.outH;
    const T* plane = x + at / g.outW / g.outH * g.H * g.W;
    const int h = i * g.sH - g.top, w = j * g.sW - g.left;

    typename Sum<T>::type sum = 0;
    for (int row = max(h, 0); row < min(h + g.kH, g.H); row++)
        for (int column = max(w, 0); column < min(w + g.kW, g.W); column++)
            sum += plane[(long long)row * g.W + column];
    y[at] = T(sum) / T(cells(g, divisor, i, j));
}

// dx[p, h, w] = sum over the windows i, j that cover it of  dy[p, i, j] / divisor
template <typename T>
__global__ void avg_pool_backward(const T* dy, T* dx, Pool g, Divisor divisor) {
    const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= (long long)g.planes * g.H * g.W) return;
    const int w = at % g.W, h = at / g.W % g.H;
    const T* plane = dy + at / g.W / g.H * g.outH * g.outW;
    // The first window that ends behind the cell, and the last that begins at or before it.
    const int first_i = max(h + g.top - g.kH + g.sH, 0) / g.sH, last_i = min((h + g.top) / g.sH, g.outH - 1);
    const int first_j = max(w + g.left - g.kW + g.sW, 0) / g.sW, last_j = min((w + g.left) / g.sW, g.outW - 1);

    T sum = 0;
    for (int i = first_i; i <= last_i; i++)
        for (int j = first_j; j <= last_j; j++)
            sum += plane[(long long)i * g.outW + j] / T(cells(g, divisor, i, j));
    dx[at] = sum;
}
