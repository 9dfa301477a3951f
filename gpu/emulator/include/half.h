// Half precision as storage: conversions to and from float, rounding to the nearest, ties to even.
//
// A half has 1 bit of sign, 5 of exponent (bias 15) and 10 of fraction; sums belong into float. No arithmetic is here,
// on purpose: a kernel that computes in half does not compile.
#pragma once

#include <bit>
#include <cstdint>

struct __half {
    uint16_t bits;
    __half() = default;
    explicit __half(float value) : bits(round(value)) {}
    explicit operator float() const {
        const uint32_t sign = uint32_t(bits & 0x8000) << 16, exponent = bits >> 10 & 31, fraction = bits & 1023;
        if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000 | fraction << 13);
        if (exponent == 0) return (sign ? -1.0f : 1.0f) * static_cast<float>(fraction) * 0x1p-24f;
        return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
    }
    static uint16_t round(float value) {
        const auto all = std::bit_cast<uint32_t>(value);
        const auto sign = static_cast<uint16_t>(all >> 16 & 0x8000);
        const uint32_t size = all & 0x7fffffff;
        if (size > 0x7f800000) return sign | 0x7fff;                  // NaN
        if (size >= 0x477ff000) return sign | 0x7c00;                 // rounds to 65536 or more: infinity
        if (size < 0x38800000) {                                      // below the smallest normal half, 2^-14
            const float scaled = std::bit_cast<float>(size) + 0.5f;   // a float at 0.5 has steps of 2^-24
            return sign | static_cast<uint16_t>(std::bit_cast<uint32_t>(scaled) - 0x3f000000);
        }
        const uint32_t odd = size >> 13 & 1;
        return sign | static_cast<uint16_t>((size + 0xfff + odd - (112u << 23)) >> 13);
    }
};

inline float __half2float(__half value) { return static_cast<float>(value); }
inline __half __float2half(float value) { return __half(value); }

// Two of them, loaded and stored as one.
struct alignas(4) __half2 {
    __half x, y;
};
inline __half2 __halves2half2(__half x, __half y) { return {x, y}; }
inline __half __low2half(__half2 both) { return both.x; }
inline __half __high2half(__half2 both) { return both.y; }
inline float __low2float(__half2 both) { return __half2float(both.x); }
inline float __high2float(__half2 both) { return __half2float(both.y); }
inline __half2 __floats2half2_rn(float x, float y) { return {__half(x), __half(y)}; }
