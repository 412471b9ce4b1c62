// What the fused training kernels share: tiles of rows, packed weights, weight gradients, and reproducible column sums.
#pragma once

#include "gemm.h"
#include "scratch.h"
#include "train.h"

#include <stdexcept>
#include <string>

namespace forge::cpu {

constexpr int RowTile =
    48; // rows that one thread carries through a fused step: eight register tiles, activations stay in its caches
constexpr int GradientChunk = 192; // rows of the reduction per visit of a weight-gradient tile

inline int tiles_of(int rows) { return (rows + RowTile - 1) / RowTile; }

// A weight packed for products, its panels written by all threads of the enclosing parallel region (ends with a
// barrier).
template <class T> void pack_weight_transposed(const T* w, int depth, int columns, T* packed) {
#pragma omp for schedule(static)
    for (int panel = 0; panel < panels_of(columns, PanelColumns<T>); ++panel)
        pack_panel_transposed(w, depth, depth, columns, panel, packed);
}

template <class T> void pack_weight(const T* w, int depth, int columns, T* packed) {
#pragma omp for schedule(static)
    for (int panel = 0; panel < panels_of(columns, PanelColumns<T>); ++panel)
        pack_panel(w, columns, depth, columns, panel, packed);
}

// d_weight[rows r0 … r1, columns] = (or +=) sum over m of d_out[m, rows]' * input[m, columns]; `packed_input` holds all
// m of input in panels.
template <class T, Write W = Write::Replace>
void weight_gradient_rows(int depth, int r0, int r1, int columns, const T* d_out, int d_out_stride,
                          const T* packed_input, T* d_weight) {
    constexpr int P = PanelColumns<T>;
    if (W == Write::Replace)
        std::fill(d_weight + static_cast<size_t>(r0) * columns, d_weight + static_cast<size_t>(r1) * columns, T(0));
    for (int m0 = 0; m0 < depth; m0 += GradientChunk) {
        const int chunk = std::min(GradientChunk, depth - m0);
        for (int first = 0; first < columns; first += P) {
            const T* input = packed_input + static_cast<size_t>(first) * depth + static_cast<size_t>(m0) * P;
            accumulate_transposed(chunk, r1 - r0, std::min(P, columns - first),
                                  d_out + static_cast<size_t>(m0) * d_out_stride + r0, d_out_stride, input, P,
                                  d_weight + static_cast<size_t>(r0) * columns + first, columns);
        }
    }
}

// The same for all rows, shared out over the threads of the enclosing parallel region (ends with a barrier).
template <class T, Write W = Write::Replace>
void weight_gradient(int depth, int rows, int columns, const T* d_out, int d_out_stride, const T* packed_input,
                     T* d_weight) {
#pragma omp for schedule(dynamic)
    for (int r0 = 0; r0 < rows; r0 += RowTile) {
        weight_gradient_rows<T, W>(depth, r0, std::min(r0 + RowTile, rows), columns, d_out, d_out_stride, packed_input,
                                   d_weight);
    }
}

// Copies rows [m0, m1) of an activation into the panels of a right-hand side that holds `depth` rows.
template <class T> void pack_rows(const T* rows, int stride, int m0, int m1, int depth, int columns, T* packed) {
    constexpr int P = PanelColumns<T>;
    for (int panel = 0; panel < panels_of(columns, P); ++panel) {
        const int count = std::min(P, columns - panel * P);
        T* to = packed + static_cast<size_t>(panel) * P * depth + static_cast<size_t>(m0) * P;
        for (int m = m0; m < m1; ++m, to += P) {
            std::memcpy(to, rows + static_cast<size_t>(m - m0) * stride + panel * P, sizeof(T) * count);
            if (count < P) std::memset(to + count, 0, sizeof(T) * (P - count));
        }
    }
}

// total[width] = sum of the tiles' partial sums, in tile order.
template <class T> void sum_partials(const T* partials, int tiles, size_t stride, int width, T* total) {
    std::fill(total, total + width, T(0));
    for (int tile = 0; tile < tiles; ++tile) {
        const T* partial = partials + tile * stride;
        for (int i = 0; i < width; ++i) total[i] += partial[i];
    }
}

// Runs `body` for the element type that the record asks for.
template <class Block, class Body> int with_element_type(const Block* block, Body&& body) {
    return guarded([&] {
        if (block->element_bytes == 4) body(float{});
        else if (block->element_bytes == 8) body(double{});
        else
            throw std::invalid_argument("element_bytes is " + std::to_string(block->element_bytes) +
                                        "; it must be 4 or 8.");
        return 0;
    });
}

} // namespace forge::cpu
