// One mistake a kernel, for docs/emulator.md: what each of them does wrong is found without a GPU.
#include <cuda_pipeline.h>

__global__ void divergence(const float* x, float* y) {
    if (threadIdx.x < 32) {
        __syncthreads();
        y[threadIdx.x] = x[threadIdx.x];
    } else {
        y[threadIdx.x] = 0;
        __syncthreads();
    }
}

__global__ void early_return(const float* x, float* y, int n) {
    __shared__ float tile[64];
    if (threadIdx.x >= n) return;
    tile[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    y[threadIdx.x] = tile[n - 1 - threadIdx.x];
}

__global__ void overflow(float* y, int rows, int columns) {
    const int last = rows * columns - 1;
    y[threadIdx.x] = last - threadIdx.x;
}

__global__ void index_in_tile(const float* x, float* y) {
    __shared__ float tile[64];
    tile[threadIdx.x + 1] = x[threadIdx.x];
    __syncthreads();
    y[threadIdx.x] = tile[threadIdx.x];
}

__global__ void misaligned(const float* x, float* y) {
    const float4 four = *reinterpret_cast<const float4*>(x + 1);
    y[threadIdx.x] = four.x + four.w;
}

__global__ void outside(const float* x, float* y) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    y[i] = x[i + 1] - x[i];
}

__global__ void no_wait(const float* x, float* y) {
    __shared__ float tile[64];
    __pipeline_memcpy_async(&tile[threadIdx.x], x + threadIdx.x, 4);
    __pipeline_commit();
    __syncthreads();
    y[threadIdx.x] = tile[63 - threadIdx.x];
}

__global__ void halo_not_loaded(const float* x, float* y) {
    __shared__ float tile[66];
    tile[threadIdx.x + 1] = x[threadIdx.x];
    __syncthreads();
    y[threadIdx.x] = tile[threadIdx.x] + tile[threadIdx.x + 2];
}

__global__ void left_out(const float* x, float* y, int n) {
    if (threadIdx.x < n - 1) y[threadIdx.x] = x[threadIdx.x];
}

__global__ void add_to(const float* x, float* y) { y[threadIdx.x] += x[threadIdx.x]; }

__global__ void last_one_wins(const int* x, int* largest) {
    if (x[threadIdx.x] > 0) largest[0] = x[threadIdx.x];
}

__global__ void dynamic(const float* x, float* y) {
    extern __shared__ float row[];
    row[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    y[threadIdx.x] = row[63 - threadIdx.x];
}
