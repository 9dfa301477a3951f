// Cross-correlation of images with a small kernel: a block shares the pixels that its outputs have in common.
//
//     padded x                                block of 4 x 2 outputs, kernel 3 x 3, stride 1
//     . . . . . . . .
//     . a a a a a a .     the tile: all that the block's outputs need, copied to shared memory once;
//     . a a a a a a .     an output reads its 3 x 3 pixels there. From memory a pixel is read once for each
//     . a a a a a a .     block instead of up to 9 times.
//     . a a a a a a .
//     . . . . . . . .
//
// A kernel that is too tall for the shared memory is taken a few rows at a time: their pixels, their weights, barrier,
// their products, barrier. Pixels below and to the right of the image are not read; only outputs that do not exist
// would need them.
//
// Lowest architecture: compute capability 7.5, the lowest that CUDA 13 knows. To gain: kH kW reads of memory for each
// output become (1 + (kH - 1) / 8) (1 + (kW - 1) / 32), and those of the weights one for each block; for kernels up to
// about 5 x 5 the rate of copying is then the limit. Not yet run on a device.

struct Stencil {
    int N, H, W, outH, outW;
    int kH, kW, sH, sW;
    int rows;  // of the kernel, at a time
};

// y[n, i, j] = sum over u, v of  x[n, i*sH + u, j*sW + v] * kernel[u, v]
template <typename T>
__global__ void stencil(const T* x, const T* kernel, T* y, Stencil g) {
    extern __shared__ __align__(16) unsigned char memory[];
    const int width = (blockDim.x - 1) * g.sW + g.kW, full_height = (blockDim.y - 1) * g.sH + g.rows;
    T* const tile = reinterpret_cast<T*>(memory);
    T* const weights = tile + full_height * width;

    const int across = (g.outW + blockDim.x - 1) / blockDim.x, down = (g.outH + blockDim.y - 1) / blockDim.y;
    const int first_j = blockIdx.x % across * blockDim.x, first_i = blockIdx.x / across % down * blockDim.y;
    const int n = blockIdx.x / across / down, j = first_j + threadIdx.x, i = first_i + threadIdx.y;
    const int thread = threadIdx.y * blockDim.x + threadIdx.x, threads = blockDim.x * blockDim.y;
    const T* plane = x + (long long)n * g.H * g.W;

    T sum = 0;
    for (int first_u = 0; first_u < g.kH; first_u += g.rows) {
        const int depth = min(g.rows, g.kH - first_u), height = (blockDim.y - 1) * g.sH + depth;
        for (int at = thread; at < height * width; at += threads) {
            const long long h = (long long)first_i * g.sH + first_u + at / width;
            const long long w = (long long)first_j * g.sW + at % width;
            if (h < g.H && w < g.W) tile[at] = plane[h * g.W + w];
        }
        for (int at = thread; at < depth * g.kW; at += threads) weights[at] = kernel[first_u * g.kW + at];
        __syncthreads();
        if (i < g.outH && j < g.outW)
            for (int u = 0; u < depth; u++)
                for (int v = 0; v < g.kW; v++)
                    sum += tile[(threadIdx.y * g.sH + u) * width + threadIdx.x * g.sW + v] * weights[u * g.kW + v];
        __syncthreads();  // nobody overwrites what others still read
    }
    if (i < g.outH && j < g.outW) y[((long long)n * g.outH + i) * g.outW + j] = sum;
}
