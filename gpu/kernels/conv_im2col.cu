// Convolution as a matrix product: the windows are copied into columns, and cuBLAS multiplies.
//
//     x = 1 2 3     windows of 2 x 2     columns   1 2 4 5   tap (0, 0)     one thread for each number; the blocks of a
//         4 5 6                                    2 3 5 6   tap (0, 1)     row have its tap in common, and neighbours
//         7 8 9                                    4 5 7 8   tap (1, 0)     stand in neighbouring windows: they write
//                                                  5 6 8 9   tap (1, 1)     side by side, and read so with stride 1
//                                        window    0 1 2 3
//
// Back: a number of x stands in several columns, so its gradient is a sum. Each cell asks for what is its own, and none
// writes where another does. It walks over the windows that cover it, and knows in which row each of them has it:
//
//     dx[1, 1], above a 5, adds up    dcolumns[tap (1, 1), window 0] + [(1, 0), 1] + [(0, 1), 2] + [(0, 0), 3]
//
// No sum is made by atomics, and cuBLAS, on one stream, gives the same bits in every run. Columns are kH * kW times as
// large as x, so the work is cut into pieces: some images, or some rows of y of one image. A cell may then meet windows
// of several pieces, and what it finds in one is added to what it has.
//
// Lowest architecture: compute capability 7.5, the lowest that CUDA 13 knows. To gain: the rate of cuBLAS, less the
// time in which columns are written and read. Computed in float32: 8 bytes of columns for 2 * O / groups operations, so
// that at 64 filters they cost as much as the product on a device with 16 operations for each byte (an H200, by its
// data sheet, has 14), unless a piece stays in the L2 cache. Not yet run on a device.

#include "convolution.cuh"
#include "sum.cuh"

struct Piece {
    int first_n, images;  // of x and y
    int first_c;          // of x: the first channel of the group
    int first_i, rows;    // of y
    int first_h, height;  // of x: the rows that its windows cover
};

// columns[(c, u, v), (n, i, j)] = x[n, c, i*sH + u*dH - top, j*sW + v*dW - left], 0 in the padding
template <typename T>
__global__ void im2col(const T* x, T* columns, Convolution g, Piece p) {
    const int across = p.images * p.rows * g.outW;  // fewer than 2^31: gpu.conv.pieces sees to it
    const int blocks = across / blockDim.x + (across % blockDim.x != 0), tap = blockIdx.x / blocks;
    const long long at = (long long)(blockIdx.x % blocks) * blockDim.x + threadIdx.x;
    if (at >= across) return;
    const int v = tap % g.kW, u = tap / g.kW % g.kH, c = p.first_c + tap / g.kW / g.kH;
    const int window = at, j = window % g.outW, i = p.first_i + window / g.outW % p.rows;
    const int n = p.first_n + window / g.outW / p.rows;

    const int h = i * g.sH - g.top + u * g.dH, w = j * g.sW - g.left + v * g.dW;
    const bool inside = h >= 0 && h < g.H && w >= 0 && w < g.W;
    columns[(long long)tap * across + at] = inside ? x[(((long long)n * g.C + c) * g.H + h) * g.W + w] : T(0);
}

// dx[n, c, h, w] += sum over the windows i, j of the piece that cover it of  dcolumns[(c, u, v), (n, i, j)]
//                   with  u*dH = h + top - i*sH  and  v*dW = w + left - j*sW
template <typename T>
__global__ void col2im(const T* dcolumns, T* dx, Convolution g, Piece p) {
    typedef typename Sum<T>::type S;
    const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= (long long)p.images * g.Cg * p.height * g.W) return;
    const int w = at % g.W, h = p.first_h + at / g.W % p.height;
    const int c = at / g.W / p.height % g.Cg, n = at / g.W / p.height / g.Cg;

    // The first window that ends behind the cell, and the last that begins at or before it.
    const int row = h + g.top, reach_h = g.dH * (g.kH - 1), column = w + g.left, reach_w = g.dW * (g.kW - 1);
    const int first_i = max((row - reach_h + g.sH - 1) / g.sH, p.first_i);
    const int last_i = min(row / g.sH, p.first_i + p.rows - 1);
    const int first_j = max((column - reach_w + g.sW - 1) / g.sW, 0), last_j = min(column / g.sW, g.outW - 1);

    const long long across = (long long)p.images * p.rows * g.outW;
    S sum = 0;
    for (int i = first_i; i <= last_i; i++) {
        const int u = (row - i * g.sH) / g.dH;
        if (u * g.dH != row - i * g.sH) continue;
        for (int j = first_j; j <= last_j; j++) {
            const int v = (column - j * g.sW) / g.dW;
            if (v * g.dW != column - j * g.sW) continue;
            const long long tap = ((long long)c * g.kH + u) * g.kW + v;
            sum += S(dcolumns[tap * across + ((long long)n * p.rows + i - p.first_i) * g.outW + j]);
        }
    }
    T* mine = dx + (((long long)(p.first_n + n) * g.C + p.first_c + c) * g.H + h) * g.W + w;
    *mine = T(S(*mine) + sum);
}
