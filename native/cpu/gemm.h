// Small matrix products for row-major activations: register-tiled micro-kernels over a packed right-hand side. Every
// output element is one sum in the order of the reduction index, whatever the tile it falls in and the thread that
// computes it, so results are reproducible.
#pragma once

#include "vector_math.h"

#include <algorithm>

namespace forge::cpu {

// A register tile: 24 accumulators, 4 operands and 1 broadcast of the 32 AVX-512 registers.
constexpr int TileRows = 6;
constexpr int TileVectors = 4;
template <class T> constexpr int PanelColumns = TileVectors * Width<T>;

inline int panels_of(int columns, int panel) { return (columns + panel - 1) / panel; }

// Elements of a packed right-hand side: `depth` x `columns`, columns rounded up to whole panels.
template <class T> inline size_t packed_size(int depth, int columns) {
    return static_cast<size_t>(panels_of(columns, PanelColumns<T>)) * PanelColumns<T> * depth;
}

// Packs one panel of B[depth, columns] given as its transpose, rows of W[columns, depth] (a weight as it is stored):
// the forward product.
template <class T>
inline void pack_panel_transposed(const T* w, int stride, int depth, int columns, int panel, T* packed) {
    constexpr int P = PanelColumns<T>;
    T* to = packed + static_cast<size_t>(panel) * P * depth;
    const int first = panel * P, count = std::min(P, columns - first);
    if (count < P) std::memset(to, 0, sizeof(T) * P * depth);
    constexpr int Block = 16; // keeps the written cache lines of a block of the reduction in the first-level cache
    for (int k0 = 0; k0 < depth; k0 += Block) {
        const int k1 = std::min(k0 + Block, depth);
        for (int column = 0; column < count; ++column) {
            const T* from = w + static_cast<size_t>(first + column) * stride;
            for (int k = k0; k < k1; ++k) to[static_cast<size_t>(k) * P + column] = from[k];
        }
    }
}

// Packs one panel of B[depth, columns] given row-major.
template <class T> inline void pack_panel(const T* b, int stride, int depth, int columns, int panel, T* packed) {
    constexpr int P = PanelColumns<T>;
    T* to = packed + static_cast<size_t>(panel) * P * depth;
    const int first = panel * P, count = std::min(P, columns - first);
    for (int k = 0; k < depth; ++k, to += P) {
        std::memcpy(to, b + static_cast<size_t>(k) * stride + first, sizeof(T) * count);
        if (count < P) std::memset(to + count, 0, sizeof(T) * (P - count));
    }
}

enum class Write { Replace, Add };

// out[r][0 … columns) = (or +=) sum over k of a[r][k * a_step] * b[k * b_step + …], for R rows and V vectors, of which
// the last may be partial.
template <class T, int R, int V, Write W>
inline __attribute__((always_inline)) void multiply_tile(const T* const* a, int a_step, const T* b, int b_step,
                                                         int depth, T* const* out, int columns) {
    Vec<T> sums[R][V];
    for (int r = 0; r < R; ++r)
        for (int v = 0; v < V; ++v) sums[r][v] = Vec<T>{};
    const T* rows[R];
    for (int r = 0; r < R; ++r) rows[r] = a[r];
#pragma GCC unroll 2
    for (int k = 0; k < depth; ++k) {
        Vec<T> right[V];
        for (int v = 0; v < V; ++v) right[v] = load(b + v * Width<T>);
        for (int r = 0; r < R; ++r) {
            const Vec<T> left = splat(rows[r][static_cast<size_t>(k) * a_step]);
            for (int v = 0; v < V; ++v) sums[r][v] = fma(left, right[v], sums[r][v]);
        }
        b += b_step;
    }
    const int last = columns - (V - 1) * Width<T>;
    for (int r = 0; r < R; ++r) {
        for (int v = 0; v < V - 1; ++v) {
            T* to = out[r] + v * Width<T>;
            store(to, W == Write::Add ? sums[r][v] + load(to) : sums[r][v]);
        }
        T* to = out[r] + (V - 1) * Width<T>;
        if (last == Width<T>) {
            store(to, W == Write::Add ? sums[r][V - 1] + load(to) : sums[r][V - 1]);
        } else {
            store_first(to, W == Write::Add ? sums[r][V - 1] + load_first(to, last) : sums[r][V - 1], last);
        }
    }
}

template <class T, int R, Write W>
inline void multiply_rows(const T* const* a, int a_step, const T* b, int b_step, int depth, T* const* out,
                          int columns) {
    switch ((columns + Width<T> - 1) / Width<T>) {
    case 4:
        return multiply_tile<T, R, 4, W>(a, a_step, b, b_step, depth, out, columns);
    case 3:
        return multiply_tile<T, R, 3, W>(a, a_step, b, b_step, depth, out, columns);
    case 2:
        return multiply_tile<T, R, 2, W>(a, a_step, b, b_step, depth, out, columns);
    case 1:
        return multiply_tile<T, R, 1, W>(a, a_step, b, b_step, depth, out, columns);
    }
}

template <class T, Write W>
inline void multiply_any(int rows, const T* const* a, int a_step, const T* b, int b_step, int depth, T* const* out,
                         int columns) {
    switch (rows) {
    case 6:
        return multiply_rows<T, 6, W>(a, a_step, b, b_step, depth, out, columns);
    case 5:
        return multiply_rows<T, 5, W>(a, a_step, b, b_step, depth, out, columns);
    case 4:
        return multiply_rows<T, 4, W>(a, a_step, b, b_step, depth, out, columns);
    case 3:
        return multiply_rows<T, 3, W>(a, a_step, b, b_step, depth, out, columns);
    case 2:
        return multiply_rows<T, 2, W>(a, a_step, b, b_step, depth, out, columns);
    case 1:
        return multiply_rows<T, 1, W>(a, a_step, b, b_step, depth, out, columns);
    }
}

// out[rows, columns] = (or +=) a[rows, depth] * B, B packed; row r of a and of out may lie anywhere: a_row(r),
// out_row(r).
template <class T, Write W, class ARow, class OutRow>
inline void multiply_gathered(int rows, int depth, int columns, ARow a_row, const T* packed, OutRow out_row) {
    constexpr int P = PanelColumns<T>;
    for (int first = 0; first < columns; first += P) {
        const T* panel = packed + static_cast<size_t>(first) * depth;
        for (int r0 = 0; r0 < rows; r0 += TileRows) {
            const int count = std::min(TileRows, rows - r0);
            const T* a[TileRows];
            T* out[TileRows];
            for (int r = 0; r < count; ++r) {
                a[r] = a_row(r0 + r);
                out[r] = out_row(r0 + r) + first;
            }
            multiply_any<T, W>(count, a, 1, panel, P, depth, out, std::min(P, columns - first));
        }
    }
}

template <class T, Write W = Write::Replace>
inline void multiply(int rows, int depth, int columns, const T* a, int a_stride, const T* packed, T* out,
                     int out_stride) {
    multiply_gathered<T, W>(
        rows, depth, columns, [=](int r) { return a + static_cast<size_t>(r) * a_stride; }, packed,
        [=](int r) { return out + static_cast<size_t>(r) * out_stride; });
}

// out[rows, columns] = (or +=) a[rows, depth] * b[depth, columns], b row-major with `b_step` >= columns rounded up to
// whole vectors.
template <class T, Write W>
inline void multiply_block(int rows, int depth, int columns, const T* a, int a_stride, const T* b, int b_step, T* out,
                           int out_stride) {
    constexpr int P = PanelColumns<T>;
    for (int first = 0; first < columns; first += P) {
        for (int r0 = 0; r0 < rows; r0 += TileRows) {
            const int count = std::min(TileRows, rows - r0);
            const T* left[TileRows];
            T* to[TileRows];
            for (int r = 0; r < count; ++r) {
                left[r] = a + static_cast<size_t>(r0 + r) * a_stride;
                to[r] = out + static_cast<size_t>(r0 + r) * out_stride + first;
            }
            multiply_any<T, W>(count, left, 1, b + first, b_step, depth, to, std::min(P, columns - first));
        }
    }
}

// out[i, columns] += sum over m of a[m, i] * b[m, columns]: a weight's gradient. i in [0, rows); both operands
// row-major over m, and b_stride >= columns rounded up to whole vectors.
template <class T>
inline void accumulate_transposed(int depth, int rows, int columns, const T* a, int a_stride, const T* b, int b_stride,
                                  T* out, int out_stride) {
    constexpr int P = PanelColumns<T>;
    for (int first = 0; first < columns; first += P) {
        for (int i0 = 0; i0 < rows; i0 += TileRows) {
            const int count = std::min(TileRows, rows - i0);
            const T* left[TileRows];
            T* to[TileRows];
            for (int i = 0; i < count; ++i) {
                left[i] = a + i0 + i;
                to[i] = out + static_cast<size_t>(i0 + i) * out_stride + first;
            }
            multiply_any<T, Write::Add>(count, left, a_stride, b + first, b_stride, depth, to,
                                        std::min(P, columns - first));
        }
    }
}

} // namespace forge::cpu
