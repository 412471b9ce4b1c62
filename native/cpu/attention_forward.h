// Forward pass of attention.h: online softmax over key blocks, keeping the log-sum-exp of every row for the backward
// pass.
#pragma once

#include "attention_path.h"
#include "attention_plan.h"

namespace forge::cpu {

template <class T> struct AttentionForwardTask {
    const AttentionProblem<T>& problem;
    HeadRows<T> out;
    T* log_sum_exp; // [N, heads]

    // Elements of working memory for one task.
    static size_t scratch_size(const AttentionProblem<T>& p) {
        const int rows = query_block_rows(p.group()), dim = p.padded_dim();
        return AttentionPath<T>::packed_elements(p) + AttentionPath<T>::row_elements(p) +
               static_cast<size_t>(rows) * (2 * dim + KeyBlock<T> + 2);
    }

    void run(const AttentionTask& task, const int32_t* ancestors, int kv_head, T* scratch) const {
        const AttentionProblem<T>& p = problem;
        const int group = p.group(), dim = p.padded_dim(), block_rows = query_block_rows(group);
        const AttentionPath<T> path(p, kv_head);
        T* const keys = scratch;
        T* const values = keys + AttentionPath<T>::packed_elements(p);
        T* const queries = values + AttentionPath<T>::row_elements(p);
        T* const sums = queries + static_cast<size_t>(block_rows) * dim;
        T* const scores = sums + static_cast<size_t>(block_rows) * dim;
        T* const maxima = scores + static_cast<size_t>(block_rows) * KeyBlock<T>;
        T* const totals = maxima + block_rows;
        const auto enter = [&](int row, int slot, int count) {
            path.pack_keys(row, slot, count, keys);
            path.copy_values(row, slot, count, values);
        };
        for_each_run(ancestors, task.depth, enter);

        for (int first = task.first, positions; first < task.last; first += positions) {
            positions = positions_on_one_path(p, first, task.last);
            const int depth = p.depths[first], rows = positions * group;
            enter(first, depth, positions);
            copy_query_block(p.q, first, positions, kv_head * group, group, p.head_dim, dim, queries);
            std::fill(sums, sums + static_cast<size_t>(rows) * dim, T(0));
            std::fill(maxima, maxima + rows, -std::numeric_limits<T>::infinity());
            std::fill(totals, totals + rows, T(0));
            for (int key = 0; key < depth + positions; key += KeyBlock<T>) {
                const KeyBlockView view{key, std::min(KeyBlock<T>, depth + positions - key)};
                const size_t offset = static_cast<size_t>(key);
                add_block(view, depth, rows, queries, keys + offset * p.head_dim, values + offset * dim, scores, sums,
                          maxima, totals);
            }
            finish(first, positions, kv_head, sums, maxima, totals);
        }
    }

private:
    void add_block(const KeyBlockView& view, int depth, int rows, const T* queries, const T* keys, const T* values,
                   T* scores, T* sums, T* maxima, T* totals) const {
        const AttentionProblem<T>& p = problem;
        const int group = p.group(), dim = p.padded_dim();
        int visible[MaxTiles];
        score_block(view, depth, rows, group, p.head_dim, dim, queries, keys, scores, visible);
        for (int r = 0; r < rows; ++r) {
            const int columns = visible[r / TileRows];
            if (columns == 0) continue;
            T* row = scores + static_cast<size_t>(r) * KeyBlock<T>;
            hide_keys(view, depth + r / group, columns, row);
            softmax_row(row, columns, dim, sums + static_cast<size_t>(r) * dim, maxima[r], totals[r]);
        }
        for (int r0 = 0; r0 < rows; r0 += TileRows) {
            const int count = std::min(TileRows, rows - r0), depth = visible[r0 / TileRows];
            if (depth == 0) continue;
            multiply_block<T, Write::Add>(count, depth, dim, scores + static_cast<size_t>(r0) * KeyBlock<T>,
                                          KeyBlock<T>, values, dim, sums + static_cast<size_t>(r0) * dim, dim);
        }
    }

    // Replaces a row's scores by exp(scale * score - maximum) and rescales what it has summed so far to the new
    // maximum.
    void softmax_row(T* row, int columns, int dim, T* sums, T& maximum_so_far, T& total) const {
        constexpr int W = Width<T>;
        Vec<T> most = load(row);
        for (int k = W; k < columns; k += W) most = maximum(most, load(row + k));
        const T highest = std::max(maximum_so_far, largest(most) * problem.scale);
        const T base = highest == -std::numeric_limits<T>::infinity() ? T(0) : highest;
        if (highest != maximum_so_far) {
            const T shrink = std::exp(maximum_so_far - base);
            total *= shrink;
            for (int d = 0; d < dim; d += W) store(sums + d, load(sums + d) * shrink);
            maximum_so_far = highest;
        }
        Vec<T> added{};
        for (int k = 0; k < columns; k += W) {
            const Vec<T> e = exponential(fma(load(row + k), splat(problem.scale), splat(-base)));
            store(row + k, e);
            added += e;
        }
        total += sum(added);
    }

    void finish(int first, int positions, int kv_head, const T* sums, const T* maxima, const T* totals) const {
        const AttentionProblem<T>& p = problem;
        const int group = p.group(), dim = p.padded_dim();
        for (int r = 0; r < positions * group; ++r) {
            const int position = first + r / group, head = kv_head * group + r % group;
            T* to = out.row(position, head, p.head_dim);
            const T* from = sums + static_cast<size_t>(r) * dim;
            const T inverse = T(1) / totals[r];
            for (int d = 0; d < p.head_dim; ++d) to[d] = from[d] * inverse;
            log_sum_exp[static_cast<size_t>(position) * p.heads + head] = maxima[r] + std::log(totals[r]);
        }
    }
};

} // namespace forge::cpu
