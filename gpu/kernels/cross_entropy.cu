// Softmax and cross entropy fused, both ways: a team of threads for each sample (rows.cuh has the picture).
//
//     forward     logits  x0 x1 x2 x3 ..      m = their maximum, s = sum of exp(x - m):   2 numbers a row are kept
//                 q       q0 q1 q2 q3 ..      loss = - sum of q (x - m - log s)
//
//     backward    logits, q, m, s             p = exp(x - m) / s, computed again;   dx = dloss (p * sum of q - q)
//
// Probabilities are in no array: what would be written, and read again, is computed twice. m and s are two numbers, not
// the one m + log s: beside an m of a thousand that would round log s, and with it every p.
//
// A class that is not wanted, q = 0, adds nothing, even where its x is -inf and the logarithm, too.
//
// Lowest architecture: compute capability 7.5, the lowest that CUDA 13 knows. To gain: forward reads logits and q,
// where array code moves 17 arrays of that size; backward reads both and writes dx, where it moves 10 (computed). Not
// yet run on a device.

#include "rows.cuh"

// losses[m] = - sum over c of  q[m, c] * (logits[m, c] - maxima[m] - log(sums[m]))
template <typename T>
__global__ void cross_entropy(const T* logits, const T* q, T* losses, T* maxima, T* sums, long long M, long long C) {
    const long long row = row_of_team();
    if (row >= M) return;
    const T *x = logits + row * C, *wanted = q + row * C;
    const T maximum = row_maximum(x, C);
    const T sum = row_sum_of_powers(x, C, maximum);
    const T log_sum = logarithm(sum);
    T mine = 0;
    for (long long c = threadIdx.x; c < C; c += blockDim.x)
        if (wanted[c] != T(0)) mine -= wanted[c] * (x[c] - maximum - log_sum);
    const T loss = by_team<Added>(mine);
    if (threadIdx.x == 0) losses[row] = loss, maxima[row] = maximum, sums[row] = sum;
}

// dlogits[m, c] = dlosses[m] * (exp(logits[m, c] - maxima[m]) / sums[m] * sum over j of q[m, j]  -  q[m, c])
template <typename T>
__global__ void cross_entropy_backward(const T* logits, const T* q, const T* maxima, const T* sums, const T* dlosses,
                                       T* dlogits, long long M, long long C) {
    const long long row = row_of_team();
    if (row >= M) return;
    const T *x = logits + row * C, *wanted = q + row * C;
    T mine = 0;
    for (long long c = threadIdx.x; c < C; c += blockDim.x) mine += wanted[c];
    const T all_wanted = by_team<Added>(mine);
    const T maximum = maxima[row], sum = sums[row], dloss = dlosses[row];
    T* dx = dlogits + row * C;
    for (long long c = threadIdx.x; c < C; c += blockDim.x)
        dx[c] = dloss * (exponential(x[c] - maximum) / sum * all_wanted - wanted[c]);
}
