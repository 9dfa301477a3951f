// Each block reverses its part of an array, through shared memory:
//
//     x     | 0  1  2 ... 63 | 64  65  66 ... 127 |     thread t reads x[64 b + t] into tile[t]
//     tile  | 0  1  2 ... 63 |                          then all wait for each other
//     y     | 63 ... 2  1  0 | 127 ... 66  65  64 |     thread t writes tile[63 - t], which another has read
//
// `reverse` is right. `reverse_racy` lacks the barrier: a thread may read what nobody has written yet.

__global__ void reverse(const float* x, float* y) {
    __shared__ float tile[64];
    const int i = blockIdx.x * 64 + threadIdx.x;
    tile[threadIdx.x] = x[i];
    __syncthreads();
    y[i] = tile[63 - threadIdx.x];
}

__global__ void reverse_racy(const float* x, float* y) {
    __shared__ float tile[64];
    const int i = blockIdx.x * 64 + threadIdx.x;
    tile[threadIdx.x] = x[i];
    y[i] = tile[63 - threadIdx.x];
}
