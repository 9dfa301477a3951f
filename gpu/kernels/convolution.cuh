// What a convolution is, for every kernel that computes one.
#pragma once

#include "sum.cuh"

struct Convolution {
    int N, C, H, W;         // of x
    int O, outH, outW;      // of y
    int Cg, kH, kW;         // of weight: Cg = C / groups channels for each output
    int Og;                 // O / groups
    int sH, sW, top, left;  // stride and padding
    int dH, dW;             // dilation
};

// x[h, w] of one plane of x, or 0 in the padding. These zeros are multiplied like all else, as by the loops of
// scratch/naive: an infinite weight that stands on one gives NaN.
template <typename T>
__device__ typename Sum<T>::type padded(const T* plane, int h, int w, const Convolution& g) {
    typedef typename Sum<T>::type S;
    return h >= 0 && h < g.H && w >= 0 && w < g.W ? S(plane[(long long)h * g.W + w]) : S(0);
}
