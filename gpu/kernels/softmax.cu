// Softmax along one dimension, both ways: x is (outer, length, inner), and each vector of `length` numbers is a row.
//
//     inner = 1: a row lies in one piece, and a team     inner > 1: rows lie beside each other, and one thread takes
//     of threads takes it (rows.cuh)                     each, or eight that are above each other in the block
//
//     row 0   a0 a1 a2 a3 ..  team 0                     a0 b0 c0 d0 ..   threads (0, 0), (1, 0), (2, 0), ..
//     row 1   b0 b1 b2 b3 ..  team 1                     a1 b1 c1 d1 ..   threads (0, 1), (1, 1), (2, 1), ..
//                                                        a2 b2 c2 d2 ..   neighbours read side by side, too
//
// Forward goes over a row three times: for its maximum m, for the sum of exp(x - m), and to write. Backward goes twice:
// for the sum of dy y, and to write. Only the first time has to wait for memory, as long as the rows in flight fit into
// the caches. As in torch, a row with a NaN or +inf in it is NaN all over, and so is one of nothing but -inf.
//
// This rung: no array in between, where array code writes and reads one for each operation.
//
// Lowest architecture: compute capability 7.5, the lowest that CUDA 13 knows. To gain: forward reads x and writes y,
// where array code moves 8 arrays of that size; backward reads y and dy and writes dx, where it moves 11 (computed).
// With inner > 1 but few rows most of the device has nothing to do. Not yet run on a device.

#include "rows.cuh"

constexpr int DEEP = 8;  // threads for each of the rows beside each other, if they are long

// y[i] = exp(x[i] - m) / sum over j of exp(x[j] - m)
template <typename T>
__global__ void softmax(const T* x, T* y, long long rows, long long length) {
    const long long row = row_of_team();
    if (row >= rows) return;
    const T* from = x + row * length;
    const T maximum = row_maximum(from, length);
    const T sum = row_sum_of_powers(from, length, maximum);
    T* to = y + row * length;
    for (long long j = threadIdx.x; j < length; j += blockDim.x) to[j] = exponential(from[j] - maximum) / sum;
}

// dx[i] = y[i] * (dy[i] - sum over j of dy[j] * y[j])
template <typename T>
__global__ void softmax_backward(const T* y, const T* dy, T* dx, long long rows, long long length) {
    const long long row = row_of_team();
    if (row >= rows) return;
    const T *of_y = y + row * length, *of_dy = dy + row * length;
    T mine = 0;
    for (long long j = threadIdx.x; j < length; j += blockDim.x) mine += of_dy[j] * of_y[j];
    const T sum = by_team<Added>(mine);
    T* to = dx + row * length;
    for (long long j = threadIdx.x; j < length; j += blockDim.x) to[j] = of_y[j] * (of_dy[j] - sum);
}

// Where the thread is among rows that lie beside each other: number j of a row is `inner` places after number j - 1.
struct Beside {
    long long first, begin, end, step;  // the row's first number; those that the thread takes

    // A thread without a row takes no number, but goes along to the barriers.
    __device__ Beside(long long outer, long long length, long long inner) {
        const long long row = (long long)blockIdx.x * blockDim.x + threadIdx.x;
        first = row / inner * length * inner + row % inner;
        begin = first + threadIdx.y * inner, step = blockDim.y * inner;
        end = row < outer * inner ? first + length * inner : first;
    }
};

// What the threads of one row bring, joined: in every one of them. They are above each other in the block. A kernel
// calls it once for each Join, which has shared memory of its own.
template <typename Join, typename T>
__device__ T by_column(T mine) {
    if (blockDim.y == 1) return mine;
    __shared__ T brought[DEEP][32];
    brought[threadIdx.y][threadIdx.x] = mine;
    __syncthreads();
    T all = brought[0][threadIdx.x];
    for (int y = 1; y < DEEP; y++) all = Join::of(all, brought[y][threadIdx.x]);
    return all;
}

template <typename T>
__global__ void softmax_beside(const T* x, T* y, long long outer, long long length, long long inner) {
    const Beside row(outer, length, inner);
    T maximum = row.first < row.end ? x[row.first] : T(0), sum = 0;
    for (long long at = row.begin; at < row.end; at += row.step) maximum = Larger::of(maximum, x[at]);
    maximum = by_column<Larger>(maximum);
    for (long long at = row.begin; at < row.end; at += row.step) sum += exponential(x[at] - maximum);
    sum = by_column<Added>(sum);
    for (long long at = row.begin; at < row.end; at += row.step) y[at] = exponential(x[at] - maximum) / sum;
}

template <typename T>
__global__ void softmax_beside_backward(
    const T* y, const T* dy, T* dx, long long outer, long long length, long long inner) {
    const Beside row(outer, length, inner);
    T sum = 0;
    for (long long at = row.begin; at < row.end; at += row.step) sum += dy[at] * y[at];
    sum = by_column<Added>(sum);
    for (long long at = row.begin; at < row.end; at += row.step) dx[at] = y[at] * (dy[at] - sum);
}
