// Sixteen floats at a time: one AVX-512 register, or a plain array that the compiler vectorises as it can.
// Every lane does the same operations in the same order on both, and no operation crosses rows, so a row's
// result never depends on what else is in the batch.
#pragma once

#include <cmath>
#include <cstdint>

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

struct Vec {
    float lane[Lanes];
};

template <typename F>
inline Vec vmap(F f) {
    Vec r;
    for (int i = 0; i < Lanes; i++) {
        r.lane[i] = f(i);
    }
    return r;
}

inline Vec vload(const float* p) { return vmap([&](int i) { return p[i]; }); }
inline void vstore(float* p, Vec v) {
    for (int i = 0; i < Lanes; i++) {
        p[i] = v.lane[i];
    }
}
inline Vec vset(float x) { return vmap([&](int) { return x; }); }
inline Vec vzero() { return vset(0.0f); }
inline Vec vadd(const Vec& a, const Vec& b) { return vmap([&](int i) { return a.lane[i] + b.lane[i]; }); }
inline Vec vsub(const Vec& a, const Vec& b) { return vmap([&](int i) { return a.lane[i] - b.lane[i]; }); }
inline Vec vmul(const Vec& a, const Vec& b) { return vmap([&](int i) { return a.lane[i] * b.lane[i]; }); }
inline Vec vdiv(const Vec& a, const Vec& b) { return vmap([&](int i) { return a.lane[i] / b.lane[i]; }); }
inline Vec vfma(const Vec& a, const Vec& b, const Vec& c) { return vmap([&](int i) { return a.lane[i] * b.lane[i] + c.lane[i]; }); }
inline Vec vmax(const Vec& a, const Vec& b) { return vmap([&](int i) { return a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]; }); }
inline Vec vexp(const Vec& x) { return vmap([&](int i) { return std::exp(x.lane[i]); }); }
inline Vec vfirst(const Vec& v, int n, const Vec& other) { return vmap([&](int i) { return i < n ? v.lane[i] : other.lane[i]; }); }
inline float vsum(const Vec& v) {
    float sum = 0;
    for (float x : v.lane) {
        sum += x;
    }
    return sum;
}
inline float vmaximum(const Vec& v) {
    float maximum = v.lane[0];
    for (float x : v.lane) {
        maximum = x > maximum ? x : maximum;
    }
    return maximum;
}
inline double vsumd(const Vec& v) {
    double sum = 0;
    for (float x : v.lane) {
        sum += x;
    }
    return sum;
}

#endif

/// x · sigmoid(x)
inline Vec vsilu(Vec x) { return vdiv(x, vadd(vset(1.0f), vexp(vsub(vzero(), x)))); }

/// 1 / (1 + e^-x)
inline Vec vsigmoid(Vec x) { return vdiv(vset(1.0f), vadd(vset(1.0f), vexp(vsub(vzero(), x)))); }

constexpr int round_up(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }

}  // namespace forge::decode
