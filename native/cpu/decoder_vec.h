// Sixteen floats at a time: one AVX-512 register, or two halves that the compiler maps to what the machine has.
// Every lane does the same operations in the same order on both, and no operation crosses rows, so a row's
// result never depends on what else is in the batch.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace forge::decode {

constexpr int Lanes = 16;

#if defined(__AVX512F__)

using Vec = __m512;

inline Vec vload(const float* p) { return _mm512_loadu_ps(p); }
inline void vstore(float* p, Vec v) { _mm512_storeu_ps(p, v); }
inline Vec vset(float x) { return _mm512_set1_ps(x); }
inline Vec vzero() { return _mm512_setzero_ps(); }
inline Vec vadd(Vec a, Vec b) { return _mm512_add_ps(a, b); }
inline Vec vsub(Vec a, Vec b) { return _mm512_sub_ps(a, b); }
inline Vec vmul(Vec a, Vec b) { return _mm512_mul_ps(a, b); }
inline Vec vdiv(Vec a, Vec b) { return _mm512_div_ps(a, b); }
inline Vec vfma(Vec a, Vec b, Vec c) { return _mm512_fmadd_ps(a, b, c); }
inline Vec vmax(Vec a, Vec b) { return _mm512_max_ps(a, b); }
inline float vsum(Vec v) { return _mm512_reduce_add_ps(v); }
inline float vmaximum(Vec v) { return _mm512_reduce_max_ps(v); }

/// Keeps the first n lanes (0..16) and puts `other` into the rest.
inline Vec vfirst(Vec v, int n, Vec other) { return _mm512_mask_blend_ps(static_cast<__mmask16>((1u << n) - 1), other, v); }

/// The sum of all lanes in double precision, in a fixed order.
inline double vsumd(Vec v) {
    __m512d low = _mm512_cvtps_pd(_mm512_castps512_ps256(v));
    __m512d high = _mm512_cvtps_pd(_mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(v), 1)));
    return _mm512_reduce_add_pd(_mm512_add_pd(low, high));
}

/// e^x, within 2 units in the last place; 0 below -104, clamped above 88.7.
inline Vec vexp(Vec x) {
    x = _mm512_min_ps(_mm512_max_ps(x, _mm512_set1_ps(-104.0f)), _mm512_set1_ps(88.7f));
    Vec n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504088896341f)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    Vec r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375f), x);
    r = _mm512_fnmadd_ps(n, _mm512_set1_ps(-2.12194440e-4f), r);
    Vec p = _mm512_set1_ps(1.9875691500e-4f);
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.3981999507e-3f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(8.3334519073e-3f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(4.1665795894e-2f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.6666665459e-1f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(5.0000001201e-1f));
    p = _mm512_fmadd_ps(_mm512_mul_ps(r, r), p, _mm512_add_ps(r, _mm512_set1_ps(1.0f)));
    return _mm512_scalef_ps(p, n);
}

#else

// Two halves that fit an AVX2 register each: the compiler keeps those in registers, but not a vector wider than the machine's.
constexpr int HalfLanes = Lanes / 2;
typedef float Half __attribute__((vector_size(HalfLanes * sizeof(float))));
typedef int32_t HalfBits __attribute__((vector_size(HalfLanes * sizeof(float))));

struct Vec {
    Half low;
    Half high;
};

inline Vec vload(const float* p) {
    Vec v;
    std::memcpy(&v.low, p, sizeof v.low);
    std::memcpy(&v.high, p + HalfLanes, sizeof v.high);
    return v;
}
inline void vstore(float* p, Vec v) {
    std::memcpy(p, &v.low, sizeof v.low);
    std::memcpy(p + HalfLanes, &v.high, sizeof v.high);
}
inline Vec vset(float x) { return {Half{} + x, Half{} + x}; }
inline Vec vzero() { return {Half{}, Half{}}; }
inline Vec vadd(Vec a, Vec b) { return {a.low + b.low, a.high + b.high}; }
inline Vec vsub(Vec a, Vec b) { return {a.low - b.low, a.high - b.high}; }
inline Vec vmul(Vec a, Vec b) { return {a.low * b.low, a.high * b.high}; }
inline Vec vdiv(Vec a, Vec b) { return {a.low / b.low, a.high / b.high}; }
inline Vec vfma(Vec a, Vec b, Vec c) { return {a.low * b.low + c.low, a.high * b.high + c.high}; }
inline Vec vmax(Vec a, Vec b) { return {a.low > b.low ? a.low : b.low, a.high > b.high ? a.high : b.high}; }

inline Vec vfirst(Vec v, int n, Vec other) {
    float kept[Lanes];
    float rest[Lanes];
    vstore(kept, v);
    vstore(rest, other);
    for (int i = n; i < Lanes; i++) {
        kept[i] = rest[i];
    }
    return vload(kept);
}

template <typename Sum>
inline Sum sum_lanes(Vec v) {
    float lanes[Lanes];
    vstore(lanes, v);
    Sum sum = 0;
    for (float x : lanes) {
        sum += x;
    }
    return sum;
}
inline float vsum(Vec v) { return sum_lanes<float>(v); }
inline double vsumd(Vec v) { return sum_lanes<double>(v); }
inline float vmaximum(Vec v) {
    float lanes[Lanes];
    vstore(lanes, v);
    float maximum = lanes[0];
    for (float x : lanes) {
        maximum = x > maximum ? x : maximum;
    }
    return maximum;
}

inline Half half_exp(Half x) {
    const Half lowest = Half{} - 87.3f;
    const Half highest = Half{} + 88.7f;
    const Half clamped = x < lowest ? lowest : x > highest ? highest : x;
    const HalfBits n = __builtin_convertvector(clamped * 1.44269504088896341f + (clamped < 0.0f ? Half{} - 0.5f : Half{} + 0.5f), HalfBits);
    const Half whole = __builtin_convertvector(n, Half);
    const Half r = (clamped - whole * 0.693359375f) + whole * 2.12194440e-4f;
    Half p = ((((1.9875691500e-4f * r + 1.3981999507e-3f) * r + 8.3334519073e-3f) * r + 4.1665795894e-2f) * r + 1.6666665459e-1f) * r + 5.0000001201e-1f;
    p = r * r * p + (r + 1.0f);
    // 2^n in two factors: n = 128 alone would overflow the exponent.
    const HalfBits first = n >> 1;
    const HalfBits first_bits = (first + 127) << 23;
    const HalfBits second_bits = (n - first + 127) << 23;
    Half first_scale, second_scale;
    std::memcpy(&first_scale, &first_bits, sizeof first_bits);
    std::memcpy(&second_scale, &second_bits, sizeof second_bits);
    return x < lowest ? Half{} : p * first_scale * second_scale;
}
inline Vec vexp(Vec x) { return {half_exp(x.low), half_exp(x.high)}; }

#endif

/// x · sigmoid(x)
inline Vec vsilu(Vec x) { return vdiv(x, vadd(vset(1.0f), vexp(vsub(vzero(), x)))); }

/// 1 / (1 + e^-x)
inline Vec vsigmoid(Vec x) { return vdiv(vset(1.0f), vadd(vset(1.0f), vexp(vsub(vzero(), x)))); }

constexpr int round_up(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }

}  // namespace forge::decode
