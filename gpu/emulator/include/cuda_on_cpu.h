// CUDA C++ for g++: what the language adds to C++, as far as the kernels of this project use it.
//
// It is put in front of a .cu file, which stays as it is. What is missing does not compile. Not modelled: memory order
// between blocks, bank conflicts, coalescing, time; a thread runs alone until its next barrier.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdint>

#include "async_copy.h"
#include "block.h"
#include "half.h"
#include "launch.h"

#define __global__
#define __device__
#define __host__
#define __constant__ static const
#define __forceinline__ inline
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __restrict__ __restrict
#define __align__(n) __attribute__((aligned(n)))  // alignas may not stand behind `extern`
// Variables of the CPU thread that runs the whole block: local ones are static, and `extern` ones are sized elsewhere.
// `used`: or g++ takes what nobody writes to for the zeros that it began with, and not for poison.
#define __shared__ __attribute__((used)) thread_local

#define threadIdx emulator::thread_index
#define blockIdx emulator::block_index
#define blockDim emulator::block_dim
#define gridDim emulator::grid_dim
constexpr int warpSize = 32;
using dim3 = emulator::Dim3;
using std::max;
using std::min;
template <class A, class B>
    requires(std::is_arithmetic_v<A> && std::is_integral_v<A> == std::is_integral_v<B> && !std::is_same_v<A, B>)
constexpr auto max(A a, B b) {
    return std::max<std::common_type_t<A, B>>(a, b);
}
template <class A, class B>
    requires(std::is_arithmetic_v<A> && std::is_integral_v<A> == std::is_integral_v<B> && !std::is_same_v<A, B>)
constexpr auto min(A a, B b) {
    return std::min<std::common_type_t<A, B>>(a, b);
}

// ---- barriers and votes of a block

inline void __syncthreads(EMULATOR_AT) { emulator::wait(emulator::AT_BLOCK_BARRIER, at); }
inline int __syncthreads_count(int vote, EMULATOR_AT) {
    emulator::running->vote = vote;
    __syncthreads(at);
    return emulator::block_vote_count;
}
inline int __syncthreads_or(int vote, EMULATOR_AT) { return __syncthreads_count(vote, at) != 0; }
inline int __syncthreads_and(int vote, EMULATOR_AT) {
    return __syncthreads_count(vote, at) == int(emulator::thread_count);
}

// ---- exchanges within a warp: all lanes named by the mask arrive, then each reads what another shows

namespace emulator {
inline unsigned my_number() { return unsigned(running - threads); }
inline unsigned my_lane() { return my_number() % WARP; }

template <class T>
void show(T value, unsigned mask, const Source& at) {
    static_assert(sizeof(T) <= LARGEST_VALUE);
    memcpy(shown[my_number()], &value, sizeof value);
    wait(AT_WARP_BARRIER, at, mask);
}

// What a lane shows; of a lane that does not take part it is undefined: here poison, which is another in another run.
template <class T>
T shown_by(unsigned lane) {
    T value;
    const unsigned warp = my_number() / WARP;
    if (taking_part[warp] >> lane & 1)
        memcpy(&value, exchanged[warp * WARP + lane], sizeof value);
    else
        memset(&value, poison, sizeof value);
    return value;
}

template <class T>
T from_lane(T mine, unsigned mask, unsigned lane, bool inside, const Source& at) {
    show(mine, mask, at);
    return inside ? shown_by<T>(lane) : mine;
}
}  // namespace emulator

inline void __syncwarp(unsigned mask = ~0u, EMULATOR_AT) {
    emulator::wait(emulator::AT_WARP_BARRIER, at, mask);
}
template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32, EMULATOR_AT) {
    const unsigned lane = emulator::my_lane(), segment = lane & ~unsigned(width - 1);
    return emulator::from_lane(value, mask, segment | (unsigned(source) & unsigned(width - 1)), true, at);
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, EMULATOR_AT) {
    const unsigned lane = emulator::my_lane();
    return emulator::from_lane(value, mask, lane - delta, lane % unsigned(width) >= delta, at);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32, EMULATOR_AT) {
    const unsigned lane = emulator::my_lane();
    const bool inside = lane % unsigned(width) + delta < unsigned(width);
    return emulator::from_lane(value, mask, lane + delta, inside, at);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32, EMULATOR_AT) {
    const unsigned lane = emulator::my_lane(), other = lane ^ unsigned(bits);
    // A lane may read from its own segment and from those before it, not from those after.
    return emulator::from_lane(value, mask, other, other / unsigned(width) <= lane / unsigned(width), at);
}
inline unsigned __ballot_sync(unsigned mask, int vote, EMULATOR_AT) {
    emulator::show(vote, mask, at);
    unsigned votes = 0;
    for (unsigned lane = 0; lane < emulator::WARP; lane++)
        if (emulator::taking_part[emulator::my_number() / emulator::WARP] >> lane & 1)
            votes |= unsigned(emulator::shown_by<int>(lane) != 0) << lane;
    return votes;
}
inline int __any_sync(unsigned mask, int vote, EMULATOR_AT) { return __ballot_sync(mask, vote, at) != 0; }
inline int __all_sync(unsigned mask, int vote, EMULATOR_AT) {
    const unsigned votes = __ballot_sync(mask, vote, at);
    return votes == emulator::taking_part[emulator::my_number() / emulator::WARP];
}
inline unsigned __activemask() { return 1u << emulator::my_lane(); }  // no promise: lanes do not run in step here

// ---- reductions of a warp, on a device from compute capability 8.0 on

namespace emulator {
template <class Combine>
auto reduce(unsigned mask, auto value, const Source& at, Combine combine) {
    show(value, mask, at);
    auto result = value;
    const unsigned others = taking_part[my_number() / WARP] & ~(1u << my_lane());
    for (unsigned lane = 0; lane < WARP; lane++)
        if (others >> lane & 1) result = combine(result, shown_by<decltype(value)>(lane));
    return result;
}
}  // namespace emulator

// Sums wrap around, as a device's do.
inline unsigned __reduce_add_sync(unsigned mask, unsigned value, EMULATOR_AT) {
    return emulator::reduce(mask, value, at, [](unsigned a, unsigned b) { return a + b; });
}
inline int __reduce_add_sync(unsigned mask, int value, EMULATOR_AT) {
    return int(__reduce_add_sync(mask, unsigned(value), at));
}
template <class T>
T __reduce_min_sync(unsigned mask, T value, EMULATOR_AT) {
    return emulator::reduce(mask, value, at, [](T a, T b) { return min(a, b); });
}
template <class T>
T __reduce_max_sync(unsigned mask, T value, EMULATOR_AT) {
    return emulator::reduce(mask, value, at, [](T a, T b) { return max(a, b); });
}
inline unsigned __reduce_and_sync(unsigned mask, unsigned value, EMULATOR_AT) {
    return emulator::reduce(mask, value, at, [](unsigned a, unsigned b) { return a & b; });
}
inline unsigned __reduce_or_sync(unsigned mask, unsigned value, EMULATOR_AT) {
    return emulator::reduce(mask, value, at, [](unsigned a, unsigned b) { return a | b; });
}
inline unsigned __reduce_xor_sync(unsigned mask, unsigned value, EMULATOR_AT) {
    return emulator::reduce(mask, value, at, [](unsigned a, unsigned b) { return a ^ b; });
}
inline void __threadfence() {}
inline void __threadfence_block() {}

// ---- atomics: nothing can come between, since one thread runs at a time; the value is made what the place holds

template <class T, class Change>
T emulator_atomic(T* place, Change change) {
    const T old = *place;
    *place = change(old);
    return old;
}
template <class T>
T atomicAdd(T* place, std::type_identity_t<T> value) {
    return emulator_atomic(place, [&](T old) { return T(old + value); });
}
template <class T>
T atomicSub(T* place, std::type_identity_t<T> value) {
    return emulator_atomic(place, [&](T old) { return T(old - value); });
}
template <class T>
T atomicMax(T* place, std::type_identity_t<T> value) {
    return emulator_atomic(place, [&](T old) { return max(old, value); });
}
template <class T>
T atomicMin(T* place, std::type_identity_t<T> value) {
    return emulator_atomic(place, [&](T old) { return min(old, value); });
}
template <class T>
T atomicExch(T* place, std::type_identity_t<T> value) {
    return emulator_atomic(place, [&](T) { return value; });
}
template <class T>
T atomicCAS(T* place, std::type_identity_t<T> compare, std::type_identity_t<T> value) {
    return emulator_atomic(place, [&](T old) { return old == compare ? value : old; });
}
template <class T>
T atomicAnd(T* place, std::type_identity_t<T> value) {
    return emulator_atomic(place, [&](T old) { return T(old & value); });
}
template <class T>
T atomicOr(T* place, std::type_identity_t<T> value) {
    return emulator_atomic(place, [&](T old) { return T(old | value); });
}
template <class T>
T atomicXor(T* place, std::type_identity_t<T> value) {
    return emulator_atomic(place, [&](T old) { return T(old ^ value); });
}

// ---- numbers

template <class T>
T __ldg(const T* place) {
    return *place;
}
inline unsigned __float_as_uint(float value) { return std::bit_cast<unsigned>(value); }
inline float __uint_as_float(unsigned bits) { return std::bit_cast<float>(bits); }
inline int __float_as_int(float value) { return std::bit_cast<int>(value); }
inline float __int_as_float(int bits) { return std::bit_cast<float>(bits); }
inline float rsqrtf(float x) { return 1.0f / std::sqrt(x); }
inline double rsqrt(double x) { return 1.0 / std::sqrt(x); }
inline int __popc(unsigned bits) { return std::popcount(bits); }
inline int __ffs(int bits) { return __builtin_ffs(bits); }
inline int __clz(int bits) { return std::countl_zero(unsigned(bits)); }

// ---- vectors: loaded and stored as one, at addresses that are multiples of their size

struct alignas(8) float2 {
    float x, y;
};
struct alignas(16) float4 {
    float x, y, z, w;
};
struct alignas(16) double2 {
    double x, y;
};
struct alignas(8) int2 {
    int x, y;
};
struct alignas(16) int4 {
    int x, y, z, w;
};
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline double2 make_double2(double x, double y) { return {x, y}; }
inline int2 make_int2(int x, int y) { return {x, y}; }
inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
