"""Small CUDA kernels to test the emulator with: one for each primitive, and one for each mistake."""

PRIMITIVES = r"""
#include <cuda_fp16.h>

__global__ void indices(int* out) {
    const int block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
    const int thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
    int* mine = out + (block * blockDim.x * blockDim.y * blockDim.z + thread) * 6;
    mine[0] = blockIdx.x, mine[1] = blockIdx.y, mine[2] = blockIdx.z;
    mine[3] = threadIdx.x, mine[4] = threadIdx.y, mine[5] = threadIdx.z;
}

template <typename T>
__global__ void reverse_static(const T* x, T* y) {
    __shared__ T tile[96];
    tile[threadIdx.x] = x[blockIdx.x * 96 + threadIdx.x];
    __syncthreads();
    y[blockIdx.x * 96 + threadIdx.x] = tile[95 - threadIdx.x];
}

__global__ void reverse_dynamic(const float* x, float* y) {
    extern __shared__ float tile[];
    tile[threadIdx.x] = x[blockIdx.x * blockDim.x + threadIdx.x];
    __syncthreads();
    y[blockIdx.x * blockDim.x + threadIdx.x] = tile[blockDim.x - 1 - threadIdx.x];
}

__global__ void poison(float* y) {
    __shared__ float never_written[3][2];
    y[threadIdx.x] = never_written[threadIdx.x / 2][threadIdx.x % 2];
    never_written[0][0] = 1;  // the next block must not see it
}

// Each thread adds what its neighbour held one step before: wrong after a single barrier that does not hold.
__global__ void steps(const int* x, int* y, int n) {
    __shared__ int a[2][40];
    a[0][threadIdx.x] = x[threadIdx.x];
    for (int step = 0; step < n; step++) {
        __syncthreads();
        const int now = step % 2, other = (threadIdx.x + 1) % blockDim.x;
        a[1 - now][threadIdx.x] = a[now][threadIdx.x] + a[now][other];
    }
    y[threadIdx.x] = a[n % 2][threadIdx.x];
}

__global__ void block_votes(const int* x, int* y) {
    const int vote = x[threadIdx.x];
    y[threadIdx.x * 3] = __syncthreads_count(vote);
    y[threadIdx.x * 3 + 1] = __syncthreads_and(vote);
    y[threadIdx.x * 3 + 2] = __syncthreads_or(vote);
}

template <typename T>
__global__ void shuffles(const T* x, T* y, int argument, int width) {
    const int i = threadIdx.x, n = blockDim.x;
    y[i] = __shfl_sync(0xffffffffu, x[i], argument, width);
    y[n + i] = __shfl_up_sync(0xffffffffu, x[i], argument, width);
    y[2 * n + i] = __shfl_down_sync(0xffffffffu, x[i], argument, width);
    y[3 * n + i] = __shfl_xor_sync(0xffffffffu, x[i], argument, width);
}

// The halves of a warp exchange by themselves, the upper one more often.
__global__ void half_warps(const int* x, int* y) {
    const unsigned mask = threadIdx.x < 16 ? 0x0000ffffu : 0xffff0000u;
    int value = x[threadIdx.x];
    for (int round = 0; round < (threadIdx.x < 16 ? 1 : 3); round++) value += __shfl_xor_sync(mask, value, 1);
    y[threadIdx.x] = value;
}

__global__ void warp_votes(const int* x, unsigned* y) {
    const int vote = x[threadIdx.x];
    y[threadIdx.x * 3] = __ballot_sync(0xffffffffu, vote);
    y[threadIdx.x * 3 + 1] = __any_sync(0xffffffffu, vote);
    y[threadIdx.x * 3 + 2] = __all_sync(0xffffffffu, vote);
}

__global__ void warp_sums(const int* x, int* y) {
    const int value = x[threadIdx.x], n = blockDim.x, t = threadIdx.x;
    const unsigned mask = t % 32 < 16 ? 0x0000ffffu : 0xffff0000u;
    y[t] = __reduce_add_sync(mask, value);
    y[n + t] = __reduce_min_sync(mask, value);
    y[2 * n + t] = __reduce_max_sync(mask, value);
    y[3 * n + t] = __reduce_and_sync(mask, unsigned(value));
    y[4 * n + t] = __reduce_or_sync(mask, unsigned(value));
    y[5 * n + t] = __reduce_xor_sync(mask, unsigned(value));
}

// Whoever is there asks for one place for each of them: right for whatever lanes are active together.
__global__ void active(int* count, int* y) {
    const unsigned lanes = __activemask(), lane = threadIdx.x % 32;
    int first = 0;
    if (lane == __ffs(lanes) - 1) first = atomicAdd(count, __popc(lanes));
    first = __shfl_sync(lanes, first, __ffs(lanes) - 1);
    y[first + __popc(lanes & ((1u << lane) - 1))] = lane;
}

// A warp that hands a value around within itself needs __syncwarp only.
__global__ void warp_tile(const int* x, int* y) {
    __shared__ int tile[64];
    const int lane = threadIdx.x % 32, base = threadIdx.x - lane;
    tile[threadIdx.x] = x[threadIdx.x];
    __syncwarp();
    y[threadIdx.x] = tile[base + 31 - lane];
}

__global__ void atomics(const int* x, int* y) {
    const int value = x[blockIdx.x * blockDim.x + threadIdx.x];
    atomicAdd(&y[0], value);
    atomicSub(&y[1], value);
    atomicMax(&y[2], value);
    atomicMin(&y[3], value);
    atomicCAS(&y[4], 0, value == 5 ? 77 : 0);
    if (value == 3) atomicExch(&y[5], value);
}

__global__ void atomic_bits(const unsigned* x, unsigned* y) {
    atomicAnd(&y[0], x[threadIdx.x]);
    atomicOr(&y[1], x[threadIdx.x]);
    atomicXor(&y[2], x[threadIdx.x]);
    atomicAdd(&y[3], 1);
}

// In shared memory first, as one counts; min and max of an int and an unsigned, as CUDA has them.
template <typename T>
__global__ void histogram(const int* x, T* y, int n) {
    __shared__ T bins[8];
    if (threadIdx.x < 8) bins[threadIdx.x] = 0;
    __syncthreads();
    for (unsigned i = threadIdx.x; i < min(2 * blockDim.x, n); i += blockDim.x) atomicAdd(&bins[x[i]], 1);
    __syncthreads();
    if (threadIdx.x < 8) y[threadIdx.x] = max(bins[threadIdx.x], T(0));
}

__global__ void half_pairs(const __half2* x, __half2* y, float* sums) {
    const __half2 pair = x[threadIdx.x];
    sums[threadIdx.x] = __low2float(pair) + 2 * __high2float(pair);
    y[2 * threadIdx.x] = __halves2half2(__high2half(pair), __low2half(pair));
    y[2 * threadIdx.x + 1] = __floats2half2_rn(__low2float(pair) / 3, __high2float(pair) / 3);
}

__global__ void to_half(const float* x, __half* y) {
    const int i = threadIdx.x + blockIdx.x * blockDim.x;
    y[i] = __float2half(x[i]);
}
__global__ void from_half(const __half* x, float* y) {
    const int i = threadIdx.x + blockIdx.x * blockDim.x;
    y[i] = __half2float(x[i]);
}

__global__ void vectors(const float* x, float* y) {
    const float4 v = reinterpret_cast<const float4*>(x)[threadIdx.x];
    reinterpret_cast<float4*>(y)[threadIdx.x] = make_float4(v.w, v.z, v.y, v.x);
}

__device__ int twice(int x) { return 2 * x; }
__global__ void bits(const int* x, int* y) {
    const int v = x[threadIdx.x];
    int* mine = y + 5 * threadIdx.x;
    mine[0] = __popc(v), mine[1] = __ffs(v), mine[2] = __clz(v), mine[3] = twice(v);
    mine[4] = __float_as_int(__int_as_float(v));
}

struct Line {
    int slope;
    double offset;
};
__global__ void by_value(const double* x, double* y, Line line, bool negate) {
    y[threadIdx.x] = (negate ? -1 : 1) * (line.slope * __ldg(x + threadIdx.x) + line.offset);
}
"""

ASYNC_COPY = r"""
#include <cuda_pipeline.h>

// Batches of one copy each, all under way at once; y[i] is what each thread sees of batch i after each wait.
template <typename T>
__global__ void batches(const T* x, T* y, int zeros) {
    __shared__ T tile[3][64];
    const int t = threadIdx.x, n = blockDim.x;
    for (int batch = 0; batch < 3; batch++) {
        __pipeline_memcpy_async(&tile[batch][t], x + batch * n + t, sizeof(T), batch == 2 ? zeros : 0);
        __pipeline_commit();
    }
    for (int waited = 0; waited <= 3; waited++) {  // 3 behind: none has arrived
        if (waited == 1) __pipeline_wait_prior(2);
        if (waited == 2) __pipeline_wait_prior(1);
        if (waited == 3) __pipeline_wait_prior(0);
        for (int batch = 0; batch < 3; batch++) y[(waited * 3 + batch) * n + t] = tile[batch][t];
    }
}

// A row ahead: while one row is summed, the next is copied.
__global__ void prefetch(const float* x, float* y, int rows) {
    __shared__ float tile[2][64];
    const int t = threadIdx.x, n = blockDim.x;
    __pipeline_memcpy_async(&tile[0][t], x + t, 4);
    __pipeline_commit();
    float sum = 0;
    for (int row = 0; row < rows; row++) {
        if (row + 1 < rows) __pipeline_memcpy_async(&tile[(row + 1) % 2][t], x + (row + 1) * n + t, 4);
        __pipeline_commit();
        __pipeline_wait_prior(1);
        __syncthreads();
        sum += tile[row % 2][n - 1 - t];
        __syncthreads();
    }
    y[t] = sum;
}
"""

MISTAKES = {
    "different barriers": "if (t < 5) __syncthreads(); else { y[t] = 1; \n__syncthreads(); }",
    "a barrier that some skip": "if (t < 5) __syncthreads();\n y[t] = 1;",
    "a thread returns before a barrier": "if (t == 5) return;\n __syncthreads(); y[t] = 1;",
    "a lane returns before a shuffle": "if (t == 37) return;\n y[t] = __shfl_down_sync(~0u, x[t], 1);",
    "lanes at different shuffles": (
        "if (t % 2) y[t] = __shfl_xor_sync(~0u, x[t], 1);\nelse y[t] = __shfl_xor_sync(~0u, x[t], 2);"
    ),
    "a lane not in its own mask": "y[t] = __shfl_sync(0xfffeu, x[t], 1);",
    "int overflow": "const int i = n * 65536;\n y[t] = i;",
    "long long overflow": "long long i = n; i *= 1ll << 47;\n y[t] = i;",
    "shift too far": "y[t] = 1 << n;",
    "division by zero": "y[t] = n / (n - 65536);",
    "index in shared memory": "__shared__ float s[64]; s[t + (n >> 16)] = 1;\n __syncthreads(); y[t] = s[t];",
    "index in registers": "float a[4] = {1, 2, 3, 4};\n y[t] = a[t % 5];",
    "misaligned vector": "y[t] = reinterpret_cast<const float4*>(x + 1)->x;",
    "null pointer": "const float* p = nullptr; y[t] = p[t - t];",
    "dynamic shared memory overrun": "extern __shared__ float d[]; d[t + 1] = 1; y[t] = 1;",
    "read past the end": "y[t] = x[t + 1];",
    "read before the beginning": "y[t] = x[(int)t - 1];",
    "write past the end": "y[t + 1] = 1; y[0] = 1;",
    "read far behind the end": "y[t] = x[t + 1000000];",
    "write far before the beginning": "y[(int)t - 1000000] = 1; y[t] = 1;",
    "write to const": "const_cast<float*>(x)[t] = 1; y[t] = 1;",
    "stack overflow": "volatile char a[1 << 20]; a[0] = t; y[t] = a[0];",
    "copy that nobody waits for": (
        "__shared__ float s[64]; __pipeline_memcpy_async(s + t, x + t, 4); __pipeline_commit(); y[t] = x[t];"
    ),
    "copy that is not in a batch": (
        "__shared__ float s[64]; __pipeline_memcpy_async(s + t, x + t, 4); __pipeline_wait_prior(0); y[t] = s[t];"
    ),
    "wait for an earlier batch": (
        "__shared__ float s[64]; __pipeline_memcpy_async(s + t, x + t, 4); __pipeline_commit();\n"
        "__pipeline_wait_prior(1); y[t] = s[t];"
    ),
    "copy read too early": (
        "__shared__ float s[64]; __pipeline_memcpy_async(s + t, x + t, 4); __pipeline_commit();\n"
        "y[t] = s[t]; __pipeline_wait_prior(0);"
    ),
    "old values lost to a copy": (
        "__shared__ float s[64]; s[t] = x[t]; __syncthreads(); y[t] = s[63 - t];\n"
        "__pipeline_memcpy_async(s + t, x, 4); __pipeline_commit(); __pipeline_wait_prior(0);"
    ),
    "copy of 12 bytes": "__shared__ float4 s[64]; __pipeline_memcpy_async(s + t, x, 12); y[t] = 1;",
    "copy to an odd address": (
        "__shared__ __align__(16) float s[68]; __pipeline_memcpy_async(s + t, x, 16); __pipeline_commit();\n"
        "__pipeline_wait_prior(0); y[t] = 1;"
    ),
    "copy from an odd address": "__shared__ float4 s[64]; __pipeline_memcpy_async(s + t, x + 1, 16); y[t] = 1;",
    "copy to an array": "__pipeline_memcpy_async(y + t, x + t, 4); __pipeline_commit(); __pipeline_wait_prior(0);",
    "copy from beyond the end": (
        "__shared__ float s[64];\n"
        "__pipeline_memcpy_async(s + t, x + t + 1, 4); __pipeline_commit(); __pipeline_wait_prior(0); y[t] = s[t];"
    ),
    "two write to one place": "y[t] = 1; y[0] = x[t];",
    "blocks write to one place": "y[t] = blockIdx.x;",
    "no barrier": "__shared__ float s[64]; s[t] = x[t]; y[t] = s[63 - t];",
    "no barrier between two exchanges": (
        "__shared__ float s[2]; float a = 0; for (int i = 0; i < 2; i++) { const float v = __shfl_sync(~0u, x[t], i);\n"
        "if (t % 32 == 0) s[t / 32] = v; __syncthreads(); a += s[1 - t / 32]; } y[t] = a;"
    ),
    "no warp barrier": "__shared__ float s[64]; s[t] = x[t]; y[t] = s[t ^ 1];",
    "racy atomics": "y[t] = 0; __syncthreads();\n if (t == 0) y[0] = 0; atomicAdd(&y[0], 1e-3f * x[t] * x[t]);",
    "unwritten output": "if (t != 7) y[t] = x[t];",
    "output that is added to": "y[t] += 1;",
    "shared memory never written": "__shared__ float s[65]; s[t] = x[t]; __syncthreads();\n y[t] = s[t + 1];",
}
"""Mistakes by name: what a kernel of 2 blocks of 64 threads does with t, x[64], y[64] and n = 65536."""
