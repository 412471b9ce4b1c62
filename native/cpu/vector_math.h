// SIMD vectors of float and double with the few operations that the CPU kernels need. AVX-512 where the build machine
// has it; elsewhere the same code on compiler vectors of the machine's own width. Pure functions, no state.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#if defined(__AVX512F__) && defined(__AVX512DQ__)
#include <immintrin.h>
#define FORGE_AVX512 1
#endif

namespace forge::cpu {

#if FORGE_AVX512
constexpr int VectorBytes = 64;
#elif defined(__AVX__)
constexpr int VectorBytes = 32;
#else
constexpr int VectorBytes = 16;
#endif

template <class T> struct SimdTypes;
template <> struct SimdTypes<float> {
    typedef float Vector __attribute__((vector_size(VectorBytes)));
    typedef int32_t Integers __attribute__((vector_size(VectorBytes)));
};
template <> struct SimdTypes<double> {
    typedef double Vector __attribute__((vector_size(VectorBytes)));
    typedef int64_t Integers __attribute__((vector_size(VectorBytes)));
};
template <class T> using Vec = typename SimdTypes<T>::Vector;
template <class T> using IntVec = typename SimdTypes<T>::Integers;

// Lanes of one vector.
template <class T> constexpr int Width = VectorBytes / static_cast<int>(sizeof(T));

template <class T> inline Vec<T> splat(T value) { return value - Vec<T>{}; } // x - 0 is x: only the broadcast remains

template <class T> inline Vec<T> load(const T* from) {
    Vec<T> value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

template <class T> inline void store(T* to, Vec<T> value) { std::memcpy(to, &value, sizeof value); }

// a * b + c with one rounding where the machine has it.
#if FORGE_AVX512
inline Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) { return _mm512_fmadd_ps(a, b, c); }
inline Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) { return _mm512_fmadd_pd(a, b, c); }

// The first `count` (0 … Width) lanes; the others are zero, and their memory is not touched.
inline Vec<float> load_first(const float* from, int count) {
    return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1), from);
}
inline Vec<double> load_first(const double* from, int count) {
    return _mm512_maskz_loadu_pd(static_cast<__mmask8>((1u << count) - 1), from);
}
inline void store_first(float* to, Vec<float> value, int count) {
    _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << count) - 1), value);
}
inline void store_first(double* to, Vec<double> value, int count) {
    _mm512_mask_storeu_pd(to, static_cast<__mmask8>((1u << count) - 1), value);
}

inline float sum(Vec<float> v) { return _mm512_reduce_add_ps(v); }
inline double sum(Vec<double> v) { return _mm512_reduce_add_pd(v); }
inline float largest(Vec<float> v) { return _mm512_reduce_max_ps(v); }
inline double largest(Vec<double> v) { return _mm512_reduce_max_pd(v); }
inline Vec<float> maximum(Vec<float> a, Vec<float> b) { return a > b ? a : b; }
inline Vec<double> maximum(Vec<double> a, Vec<double> b) { return a > b ? a : b; }
inline Vec<float> square_root(Vec<float> v) { return _mm512_sqrt_ps(v); }
inline Vec<double> square_root(Vec<double> v) { return _mm512_sqrt_pd(v); }
#else
template <class V> inline V fma(V a, V b, V c) { return a * b + c; }

template <class T> inline Vec<T> load_first(const T* from, int count) {
    Vec<T> value{};
    std::memcpy(&value, from, sizeof(T) * static_cast<size_t>(count));
    return value;
}
template <class T, class V> inline void store_first(T* to, V value, int count) {
    std::memcpy(to, &value, sizeof(T) * static_cast<size_t>(count));
}

template <class V> inline auto sum(V v) {
    auto total = v[0];
    for (size_t lane = 1; lane < sizeof(V) / sizeof(total); ++lane) total += v[lane];
    return total;
}
template <class V> inline auto largest(V v) {
    auto most = v[0];
    for (size_t lane = 1; lane < sizeof(V) / sizeof(most); ++lane) most = v[lane] > most ? v[lane] : most;
    return most;
}
template <class V> inline V maximum(V a, V b) { return a > b ? a : b; }
template <class V> inline V square_root(V v) {
    for (size_t lane = 0; lane < sizeof(V) / sizeof(v[0]); ++lane) v[lane] = std::sqrt(v[lane]);
    return v;
}
#endif

// exp(x), within 1.5 units in the last place; 0 below the smallest normal number, and saturating at the largest finite
// power.
inline Vec<float> exponential(Vec<float> x) {
    const Vec<float> low = splat(-87.33654f), high = splat(88.72283f);
    const auto vanishes = x < low;
    x = x < low ? low : x;
    x = x > high ? high : x;
    const Vec<float> magic = splat(12582912.0f); // 1.5 * 2^23: adding it rounds to the nearest integer
    const Vec<float> shifted = fma(x, splat(1.44269504088896341f), magic);
    const Vec<float> n = shifted - magic;
    const Vec<float> r = fma(n, splat(2.12194440e-4f), fma(n, splat(-0.693359375f), x));
    Vec<float> p = splat(1.9875691500e-4f);
    p = fma(p, r, splat(1.3981999507e-3f));
    p = fma(p, r, splat(8.3334519073e-3f));
    p = fma(p, r, splat(4.1665795894e-2f));
    p = fma(p, r, splat(1.6666665459e-1f));
    p = fma(p, r, splat(5.0000001201e-1f));
    p = fma(p, r * r, r) + splat(1.0f);
    // 2^n in two halves, because n may be 128 and a single exponent field ends at 127.
    const IntVec<float> whole = (IntVec<float>)shifted - (IntVec<float>)magic;
    const IntVec<float> half = whole >> 1;
    const Vec<float> scaled = p * (Vec<float>)((half + 127) << 23) * (Vec<float>)((whole - half + 127) << 23);
    return vanishes ? Vec<float>{} : scaled;
}

inline Vec<double> exponential(Vec<double> x) {
    const Vec<double> low = splat(-708.39641853226408), high = splat(709.78271289338397);
    const auto vanishes = x < low;
    x = x < low ? low : x;
    x = x > high ? high : x;
    const Vec<double> magic = splat(6755399441055744.0); // 1.5 * 2^52
    const Vec<double> shifted = fma(x, splat(1.4426950408889634), magic);
    const Vec<double> n = shifted - magic;
    const Vec<double> r = fma(n, splat(-1.9082149292705877e-10), fma(n, splat(-6.93147180369123816490e-1), x));
    Vec<double> p = splat(1.0 / 6227020800.0); // Taylor to r^13: |r| <= ln(2) / 2 leaves 4e-18
    const double coefficients[] = {
        1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040,
        1.0 / 720,       1.0 / 120,      1.0 / 24,      1.0 / 6,      0.5};
    for (double coefficient : coefficients) p = fma(p, r, splat(coefficient));
    p = fma(p, r * r, r) + splat(1.0);
    const IntVec<double> whole = (IntVec<double>)shifted - (IntVec<double>)magic;
    const IntVec<double> half = whole >> 1;
    const Vec<double> scaled = p * (Vec<double>)((half + 1023) << 52) * (Vec<double>)((whole - half + 1023) << 52);
    return vanishes ? Vec<double>{} : scaled;
}

// 1 / (1 + exp(-x)).
template <class T> inline Vec<T> sigmoid(Vec<T> x) { return splat(T(1)) / (splat(T(1)) + exponential(-x)); }

} // namespace forge::cpu
