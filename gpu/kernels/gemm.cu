// Matrix product c = a b + bias, tiled twice: a block computes 64 x 64 numbers, and a thread 4 x 4 of them.
//
//                        b  K x N
//                        | | 16 x 64 |                 for each strip of 16 along K:
//                                                          the block copies a tile of a and one of b to shared memory
//     a  M x K           c  M x N                          barrier
//     ------------       +---------+                       thread (ty, tx) reads 4 numbers of a's tile and 4 of b's,
//      64 x 16           | 64 x 64 |                       and adds their 16 products to its registers, 16 times
//     ------------       +---------+                       barrier: nobody overwrites what others still read
//
// Each number of a and b is read from memory once for each block in its row or column, so 64 times less often than by
// one thread for each output, and from shared memory once for 4 products. A thread's 4 rows lie 16 apart, and so do
// its columns: neighbouring threads then read and write side by side. The rows of a's tile are padded by one number,
// so that a warp that writes a column of it meets different banks.
//
// a and b are given by their steps in memory, so a transposed matrix is no copy.
//
// Lowest architecture: compute capability 7.5, the lowest that CUDA 13 knows. To gain: published for these two steps,
// 69 % of cuBLAS in float32 (on an A6000, Boehm, "How to optimize a CUDA matmul kernel", 2022), where one thread for
// each output has 1 to 9 %. Not yet run on a device.

struct Product {
    int M, N, K;
    long long a_row, a_column, b_row, b_column;  // steps from one to the next, in numbers
};

constexpr int TILE = 64, STRIP = 16, SIDE = 16, EACH = TILE / SIDE;  // SIDE * SIDE threads, EACH * EACH numbers each

template <typename T>
__global__ void __launch_bounds__(256) gemm(const T* a, const T* b, const T* bias, T* c, Product g) {
    __shared__ T a_tile[STRIP][TILE + 1], b_tile[STRIP][TILE];
    const int tiles_across = (g.N + TILE - 1) / TILE;
    const int first_m = blockIdx.x / tiles_across * TILE, first_n = blockIdx.x % tiles_across * TILE;
    const int thread = threadIdx.x, ty = thread / SIDE, tx = thread % SIDE;

    T sum[EACH][EACH] = {};
    for (int first_k = 0; first_k < g.K; first_k += STRIP) {
        for (int i = thread; i < TILE * STRIP; i += SIDE * SIDE) {
            // Neighbouring threads take what is side by side in memory.
            int k = g.a_column == 1 ? i % STRIP : i / TILE, other = g.a_column == 1 ? i / STRIP : i % TILE;
            bool inside = first_m + other < g.M && first_k + k < g.K;
            a_tile[k][other] = inside ? a[(first_m + other) * g.a_row + (first_k + k) * g.a_column] : T(0);
            k = g.b_row == 1 ? i % STRIP : i / TILE, other = g.b_row == 1 ? i / STRIP : i % TILE;
            inside = first_n + other < g.N && first_k + k < g.K;
            b_tile[k][other] = inside ? b[(first_k + k) * g.b_row + (first_n + other) * g.b_column] : T(0);
        }
        __syncthreads();
        // Beyond K both tiles hold zeros, whose products are left out.
        const int depth = min(STRIP, g.K - first_k);
        for (int k = 0; k < depth; k++) {
            T of_a[EACH], of_b[EACH];
#pragma unroll
            for (int e = 0; e < EACH; e++) of_a[e] = a_tile[k][ty + e * SIDE], of_b[e] = b_tile[k][tx + e * SIDE];
#pragma unroll
            for (int m = 0; m < EACH; m++)
#pragma unroll
                for (int n = 0; n < EACH; n++) sum[m][n] += of_a[m] * of_b[n];
        }
        __syncthreads();
    }
    for (int m = 0; m < EACH; m++)
        for (int n = 0; n < EACH; n++) {
            const int row = first_m + ty + m * SIDE, column = first_n + tx + n * SIDE;
            if (row < g.M && column < g.N)
                c[(long long)row * g.N + column] = sum[m][n] + (bias ? bias[column] : T(0));
        }
}

// sums[n] = sum over m of  a[m, n]: one thread for each column, so that neighbours read side by side
template <typename T>
__global__ void column_sums(const T* a, T* sums, int M, int N) {
    const int n = blockIdx.x * blockDim.x + threadIdx.x;
    if (n >= N) return;
    T sum = 0;
    for (int m = 0; m < M; m++) sum += a[(long long)m * N + n];
    sums[n] = sum;
}
