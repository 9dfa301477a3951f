// The type in which numbers of type T are added up.
#pragma once

#include <cuda_fp16.h>

template <typename T>
struct Sum {
    typedef T type;
};

// Half precision is storage: sums are in float.
template <>
struct Sum<__half> {
    typedef float type;
};

// Sums of integers wrap around, as in torch; in signed arithmetic C++ would not say what they do.
template <>
struct Sum<long long> {
    typedef unsigned long long type;
};
