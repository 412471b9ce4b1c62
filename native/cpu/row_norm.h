// RMSNorm and rotary embedding on one row, forward and backward.
#pragma once

#include "vector_math.h"

namespace forge::cpu {

// y = x * rstd * weight, rstd = 1 / sqrt(mean(x^2) + epsilon). Returns rstd. y may be x.
template <class T> inline T rms_norm(const T* x, const T* weight, int width, T epsilon, T* y) {
    constexpr int W = Width<T>;
    Vec<T> squares{};
    for (int i = 0; i < width; i += W) {
        const Vec<T> v = i + W <= width ? load(x + i) : load_first(x + i, width - i);
        squares = fma(v, v, squares);
    }
    const T rstd = T(1) / std::sqrt(sum(squares) / width + epsilon);
    for (int i = 0; i < width; i += W) {
        if (i + W <= width) store(y + i, load(x + i) * rstd * load(weight + i));
        else store_first(y + i, load_first(x + i, width - i) * rstd * load_first(weight + i, width - i), width - i);
    }
    return rstd;
}

// y = x * rstd * weight with a known rstd.
template <class T> inline void scale_by_norm(const T* x, const T* weight, int width, T rstd, T* y) {
    for (int i = 0; i < width; ++i) y[i] = x[i] * rstd * weight[i];
}

// dx = add + dy * weight * rstd - x * rstd^3 * mean(dy * weight * x); d_weight += dy * x * rstd. `add` may be null; dx
// may be dy.
template <class T>
inline void rms_norm_backward(const T* dy, const T* x, const T* weight, int width, T rstd, const T* add, T* dx,
                              T* d_weight) {
    constexpr int W = Width<T>;
    const int whole = width / W * W, rest = width - whole;
    Vec<T> dots{};
    for (int i = 0; i < whole; i += W) dots = fma(load(dy + i) * load(weight + i), load(x + i), dots);
    if (rest > 0) dots += load_first(dy + whole, rest) * load_first(weight + whole, rest) * load_first(x + whole, rest);
    const T pull = sum(dots) * rstd * rstd * rstd / width;
    for (int i = 0; i < width; i += W) {
        const int count = i + W <= width ? W : rest;
        const Vec<T> g = load_first(dy + i, count), v = load_first(x + i, count);
        Vec<T> d = g * load_first(weight + i, count) * rstd - v * pull;
        if (add != nullptr) d += load_first(add + i, count);
        store_first(d_weight + i, load_first(d_weight + i, count) + g * v * rstd, count);
        store_first(dx + i, d, count);
    }
}

// Turns the first 2 * half channels of each head by the row's angles, channel j together with j + half. `direction` -1
// turns back, which is also the backward pass. In place.
template <class T>
inline void rotate_heads(T* row, int heads, int head_dim, int half, const T* cosine, const T* sine, T direction) {
    constexpr int W = Width<T>;
    for (int head = 0; head < heads; ++head, row += head_dim) {
        for (int j = 0; j < half; j += W) {
            const int count = half - j < W ? half - j : W;
            const Vec<T> a = load_first(row + j, count), b = load_first(row + half + j, count);
            const Vec<T> c = load_first(cosine + j, count), s = load_first(sine + j, count) * direction;
            store_first(row + j, a * c - b * s, count);
            store_first(row + half + j, b * c + a * s, count);
        }
    }
}

} // namespace forge::cpu
