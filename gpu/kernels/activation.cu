// ReLU, both ways: one thread for each number.
//
//     x    -2  0  3  NaN          dy    a  b  c  d
//     y     0  0  3  NaN          dx    0  0  c  d          (dx where not x <= 0: a comparison with NaN is false)
//
// Threads of a warp read and write side by side, so each line of memory is moved once.
//
// Lowest architecture: compute capability 7.5, the lowest that CUDA 13 knows. To gain: the rate of copying, as little
// is computed. As in torch, -0.0 stays -0.0. Not yet run on a device.

template <typename T>
__global__ void relu(const T* x, T* y, long long count) {
    const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (at < count) y[at] = x[at] < T(0) ? T(0) : x[at];
}

template <typename T>
__global__ void relu_backward(const T* x, const T* dy, T* dx, long long count) {
    const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (at < count) dx[at] = x[at] <= T(0) ? T(0) : dy[at];
}
