// One path of a prefix tree, gathered for one key/value head: slot d holds the key and value of the ancestor at depth d.
//
// A task that walks its tree in preorder overwrites the slots below a branch point with the next branch. What a query at
// depth d multiplies is slots 0 … d, whatever stands elsewhere in the tree: exactly what it would multiply in the plain
// sequence of its own path, so merging changes no bit of the forward pass.
#pragma once

#include "attention.h"

namespace forge::cpu {

// Calls body(row, slot, count) for every maximal run of consecutive rows among `count` slots.
template <class Body> void for_each_run(const int32_t* rows, int count, Body body) {
    for (int slot = 0, next; slot < count; slot = next) {
        for (next = slot + 1; next < count && rows[next] == rows[next - 1] + 1;) ++next;
        body(rows[slot], slot, next - slot);
    }
}

template <class T> class AttentionPath {
public:
    // Keys packed per block of KeyBlock slots as [head_dim][KeyBlock]; values the same way or as rows of padded_dim.
    static size_t packed_elements(const AttentionProblem<T>& p) { return packed_size<T>(p.head_dim, p.longest_path); }
    static size_t row_elements(const AttentionProblem<T>& p) {
        return static_cast<size_t>(p.longest_path) * p.padded_dim();
    }

    AttentionPath(const AttentionProblem<T>& problem, int kv_head) : problem_(problem), kv_head_(kv_head) {}

    // Packs the keys of rows [row, row + count), or their values, into the slots from `slot` on.
    void pack_keys(int row, int slot, int count, T* packed) const {
        pack([&](int i) { return problem_.key(row + i, kv_head_); }, slot, count, packed);
    }
    void pack_values(int row, int slot, int count, T* packed) const {
        pack([&](int i) { return problem_.value(row + i, kv_head_); }, slot, count, packed);
    }

    // Copies them as rows, padded with zeros.
    void copy_keys(int row, int slot, int count, T* rows) const {
        copy([&](int i) { return problem_.key(row + i, kv_head_); }, slot, count, rows);
    }
    void copy_values(int row, int slot, int count, T* rows) const {
        copy([&](int i) { return problem_.value(row + i, kv_head_); }, slot, count, rows);
    }

private:
    const AttentionProblem<T>& problem_;
    const int kv_head_;

    // A panel that is entered at its first slot is cleared: products read whole vectors of it, and must find numbers.
    template <class RowOf> void pack(RowOf row_of, int slot, int count, T* packed) const {
        constexpr int P = KeyBlock<T>, Depths = 16; // a block of channels keeps its cache lines until all slots are in
        const int dim = problem_.head_dim;
        for (int i0 = 0; i0 < count;) {
            const int column = (slot + i0) % P, columns = std::min(P - column, count - i0);
            T* panel = packed + static_cast<size_t>(slot + i0 - column) * dim;
            if (column == 0 && columns < P) std::memset(panel, 0, sizeof(T) * P * dim);
            for (int d0 = 0; d0 < dim; d0 += Depths) {
                const int d1 = std::min(d0 + Depths, dim);
                for (int i = 0; i < columns; ++i) {
                    const T* from = row_of(i0 + i);
                    for (int d = d0; d < d1; ++d) panel[static_cast<size_t>(d) * P + column + i] = from[d];
                }
            }
            i0 += columns;
        }
    }

    template <class RowOf> void copy(RowOf row_of, int slot, int count, T* rows) const {
        const int dim = problem_.head_dim, padded = problem_.padded_dim();
        T* to = rows + static_cast<size_t>(slot) * padded;
        for (int i = 0; i < count; ++i, to += padded) {
            std::memcpy(to, row_of(i), sizeof(T) * dim);
            std::memset(to + dim, 0, sizeof(T) * (padded - dim));
        }
    }
};

} // namespace forge::cpu
