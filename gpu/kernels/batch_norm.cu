// Batch normalisation: the statistics of each channel, the affine map, and both gradients.
//
//     x (N, C, H, W)     n=0  c=0 [.....] c=1 [.....]       a channel is M = N*H*W numbers, in N pieces ("planes");
//                        n=1  c=0 [.....] c=1 [.....]       block (c, part) takes `share` of them, in every kernel:
//                                   |           |
//     block (c, part)             (0, 0)      (1, 0)        numbers part*share ... (part + 1)*share of channel c,
//                                 (0, 1)      (1, 1) ..     each thread every 256th
//
// Threads of a warp stand side by side in a plane, and what belongs to a channel is computed once for each thread, not
// for each number. Planes of a few numbers waste what is fetched beside them.
//
// Mean and variance take one pass, by Welford's recurrence; sum of x**2 minus square of the sum would cancel:
//
//     k = 1, 2, ..      d = x - mean;  mean += d / k;  squares += d * (x - mean)              for each thread
//     a and b joined    d = b.mean - a.mean;  mean = a.mean + d * b.count / count
//                       squares = a.squares + b.squares + d**2 * a.count * b.count / count    (Chan, Golub, LeVeque)
//
//     thread  0 1 2 .. 31 | 32 33 .. 63 | ..      shuffles join the threads of a warp, thread 0 joins the warps, and
//     warp         0             1                where a channel has several parts, a second kernel joins those
//     block               0                       with one warp; always in the same order, so that every run gives
//                                                 the same bits
//
// With an infinity among the numbers d is infinite, too, and inf - inf would be NaN: torch's mean is then the infinity,
// so a mean that is not finite is added to, no more averaged.
//
// Lowest architecture: compute capability 7.5, the lowest that CUDA 13 knows. To gain: statistics read x once, where
// array code moves 6 arrays of that size; the map reads x and writes y, where it moves 6; backward reads dy and x twice
// and writes dx, where it moves 20 (computed). Not yet run on a device.
//
// Source: Welford, "Note on a method for calculating corrected sums of squares and products", 1962; Chan, Golub and
// LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979.

#include "block_sum.cuh"

struct Channels {
    int N, C, parts;
    long long plane, share;  // numbers of a plane; of a part
};

// The numbers that one thread takes of its block's part of a channel. Where the next one stands needs no division.
struct Walk {
    long long at, left;  // where the number stands in x; how many numbers of the part begin there
    long long inside, step, jump, next_plane;

    __device__ Walk(const Channels& g) {
        const long long first = blockIdx.y * g.share + threadIdx.x, all = g.N * g.plane;
        const long long to_next = g.C * g.plane;  // from a plane of a channel to its next
        left = min((blockIdx.y + 1) * g.share, all) - first;
        inside = first % g.plane;
        at = first / g.plane * to_next + blockIdx.x * g.plane + inside;
        step = blockDim.x % g.plane, jump = blockDim.x / g.plane * to_next + step;
        next_plane = to_next - g.plane;
    }
    __device__ bool more() const { return left > 0; }
    __device__ void next(const Channels& g) {
        left -= blockDim.x, at += jump, inside += step;
        if (inside >= g.plane) inside -= g.plane, at += next_plane;
    }
};

template <typename T>
struct Moments {
    long long count;
    T mean, squares;  // squares: sum of (x - mean)**2
};

template <typename T>
__device__ bool is_finite(T x) {
    return x - x == T(0);
}

template <typename T>
__device__ Moments<T> join(const Moments<T>& a, const Moments<T>& b) {
    if (b.count == 0) return a;
    const long long count = a.count + b.count;
    const T difference = b.mean - a.mean, part_of_b = T(b.count) / T(count);
    const bool both = is_finite(a.mean) && is_finite(b.mean);
    const T mean = both ? a.mean + difference * part_of_b : a.mean + b.mean;
    return {count, mean, a.squares + b.squares + difference * (difference * (T(a.count) * part_of_b))};
}

template <typename T>
__device__ Moments<T> join_warp(Moments<T> mine) {
    for (int step = 16; step > 0; step /= 2) {
        const Moments<T> other = {__shfl_down_sync(0xffffffffu, mine.count, step),
                                  __shfl_down_sync(0xffffffffu, mine.mean, step),
                                  __shfl_down_sync(0xffffffffu, mine.squares, step)};
        mine = join(mine, other);
    }
    return mine;
}

// means[c, part], vars[c, part] = mean and biased variance of one part of a channel; of all, if there is one part
template <typename T>
__global__ void channel_moments(const T* x, T* means, T* vars, Channels g) {
    Moments<T> mine = {0, 0, 0};
    int count = 0;  // of a thread's numbers: their conversion to T is faster than that of a 64-bit integer
    for (Walk walk(g); walk.more(); walk.next(g)) {
        const T number = x[walk.at], difference = number - mine.mean;
        count++;
        mine.mean = is_finite(mine.mean) ? mine.mean + difference / T(count) : mine.mean + number;
        mine.squares += difference * (number - mine.mean);
    }
    mine.count = count;
    mine = join_warp(mine);
    __shared__ T of_warp[32][2];
    __shared__ long long counts[32];
    const unsigned warp = threadIdx.x / 32;
    if (threadIdx.x % 32 == 0) of_warp[warp][0] = mine.mean, of_warp[warp][1] = mine.squares, counts[warp] = mine.count;
    __syncthreads();
    if (threadIdx.x > 0) return;
    for (unsigned other = 1; other < blockDim.x / 32; other++)
        mine = join(mine, {counts[other], of_warp[other][0], of_warp[other][1]});
    const long long at = (long long)blockIdx.x * g.parts + blockIdx.y;
    means[at] = mine.mean;
    vars[at] = mine.squares / T(mine.count);
}

// mean[c], var[c] from those of the channel's parts: one warp for each channel
template <typename T>
__global__ void join_moments(const T* means, const T* vars, T* mean, T* var, Channels g) {
    Moments<T> mine = {0, 0, 0};
    for (int part = threadIdx.x; part < g.parts; part += 32) {
        const long long at = (long long)blockIdx.x * g.parts + part;
        const long long count = min(g.share, g.N * g.plane - part * g.share);
        mine = join(mine, {count, means[at], vars[at] * T(count)});
    }
    mine = join_warp(mine);
    if (threadIdx.x == 0) mean[blockIdx.x] = mine.mean, var[blockIdx.x] = mine.squares / T(mine.count);
}

// y = (x - mean[c]) * (weight[c] / sqrt(var[c] + eps)) + bias[c]
template <typename T>
__global__ void normalise(
    const T* x, const T* mean, const T* var, const T* weight, const T* bias, T* y, double eps, Channels g) {
    const int c = blockIdx.x;
    const T middle = mean[c], deviation = sqrt(var[c] + T(eps));
    const T factor = (weight ? weight[c] : T(1)) / deviation, shift = bias ? bias[c] : T(0);
    for (Walk walk(g); walk.more(); walk.next(g)) y[walk.at] = (x[walk.at] - middle) * factor + shift;
}

// dweights[c, part] = sum of dy * z,  dbiases[c, part] = sum of dy,  z = (x - mean) / sqrt(var + eps)
template <typename T>
__global__ void parameter_gradients(
    const T* dy, const T* x, const T* mean, const T* var, T* dweights, T* dbiases, double eps, Channels g) {
    const int c = blockIdx.x;
    const T middle = mean[c], deviation = sqrt(var[c] + T(eps)), inverse = T(1) / deviation;
    T weighted = 0, plain = 0;
    for (Walk walk(g); walk.more(); walk.next(g)) {
        const T gradient = dy[walk.at];
        weighted += gradient * ((x[walk.at] - middle) * inverse);
        plain += gradient;
    }
    weighted = block_sum(weighted);
    __syncthreads();  // the second sum goes through the same shared memory
    plain = block_sum(plain);
    const long long at = (long long)c * g.parts + blockIdx.y;
    if (threadIdx.x == 0) dweights[at] = weighted, dbiases[at] = plain;
}

// dx = weight / sqrt(var + eps) * (dy - dbias / M - z * dweight / M);  without the sums, the statistics are constants:
// dx = weight / sqrt(var + eps) * dy
template <typename T>
__global__ void input_gradient(const T* dy, const T* x, const T* mean, const T* var, const T* weight, const T* dweight,
                               const T* dbias, T* dx, double eps, Channels g) {
    const int c = blockIdx.x;
    const T middle = mean[c], deviation = sqrt(var[c] + T(eps)), inverse = T(1) / deviation;
    const T factor = (weight ? weight[c] : T(1)) / deviation, M = T(g.N * g.plane);
    if (!dweight) {
        for (Walk walk(g); walk.more(); walk.next(g)) dx[walk.at] = dy[walk.at] * factor;
        return;
    }
    const T slope = inverse * (dweight[c] / M), offset = dbias[c] / M;
    for (Walk walk(g); walk.more(); walk.next(g))
        dx[walk.at] = factor * (dy[walk.at] - offset - (x[walk.at] - middle) * slope);
}
