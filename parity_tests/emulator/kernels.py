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
    "write to const": "const_cast<float*>(x)[t] = 1; y[t] = 1;",
    "stack overflow": "volatile char a[1 << 20]; a[0] = t; y[t] = a[0];",
    "two write to one place": "y[t] = 1; y[0] = x[t];",
    "blocks write to one place": "y[t] = blockIdx.x;",
    "no barrier": "__shared__ float s[64]; s[t] = x[t]; y[t] = s[63 - t];",
    "no warp barrier": "__shared__ float s[64]; s[t] = x[t]; y[t] = s[t ^ 1];",
    "racy atomics": "y[t] = 0; __syncthreads();\n if (t == 0) y[0] = 0; atomicAdd(&y[0], 1e-3f * x[t] * x[t]);",
    "unwritten output": "if (t != 7) y[t] = x[t];",
    "output that is added to": "y[t] += 1;",
    "shared memory never written": "__shared__ float s[65]; s[t] = x[t]; __syncthreads();\n y[t] = s[t + 1];",
}
"""Mistakes by name: what a kernel of 2 blocks of 64 threads does with t, x[64], y[64] and n = 65536."""
