// Backward pass of attention.h: probabilities are recomputed block by block from the saved log-sum-exp.
#pragma once

#include "attention.h"

#include <utility>

namespace forge::cpu {

template <class T> struct AttentionBackwardTask {
    const AttentionProblem<T>& problem;
    HeadRows<const T> out, d_out;
    const T* log_sum_exp; // [N, heads]
    HeadRows<T> d_q, d_k, d_v;

    static size_t scratch_size(const AttentionProblem<T>& p, int length) {
        const int rows = query_block_rows(p.group()), dim = p.padded_dim();
        return 2 * packed_size<T>(p.head_dim, length) + 3 * static_cast<size_t>(length) * dim +
               static_cast<size_t>(rows) * (3 * dim + 2 * KeyBlock<T> + 2);
    }

    void run(int start, int end, int kv_head, T* scratch) const {
        const AttentionProblem<T>& p = problem;
        const int length = end - start, group = p.group(), dim = p.padded_dim(), step = query_block_positions(group);
        Buffers b(p, length, scratch);
        pack_heads_transposed(p.k, start, length, kv_head, p.head_dim, b.keys);
        pack_heads_transposed(p.v, start, length, kv_head, p.head_dim, b.values);
        copy_heads(p.k, start, length, kv_head, p.head_dim, dim, b.key_rows);
        std::fill(b.d_keys, b.d_keys + 2 * static_cast<size_t>(length) * dim, T(0)); // d_values follows

        for (int first = start; first < end; first += step) {
            const int positions = std::min(step, end - first), rows = positions * group;
            begin_block(b, first, positions, kv_head);
            for (int key = start; key < first + positions; key += KeyBlock<T>) {
                const KeyBlockView view =
                    view_key_block(p.key_end, key, std::min(KeyBlock<T>, end - key), first, first + positions - 1);
                if (!view.hidden) add_block(b, view, static_cast<size_t>(key - start), first, rows);
            }
            for (int r = 0; r < rows; ++r) {
                std::memcpy(d_q.row(first + r / group, kv_head * group + r % group, p.head_dim),
                            b.d_queries + static_cast<size_t>(r) * dim, sizeof(T) * p.head_dim);
            }
        }
        for (int n = 0; n < length; ++n) {
            std::memcpy(d_k.row(start + n, kv_head, p.head_dim), b.d_keys + static_cast<size_t>(n) * dim,
                        sizeof(T) * p.head_dim);
            std::memcpy(d_v.row(start + n, kv_head, p.head_dim), b.d_values + static_cast<size_t>(n) * dim,
                        sizeof(T) * p.head_dim);
        }
    }

private:
    struct Buffers {
        T *keys, *values, *key_rows, *d_keys, *d_values, *queries, *d_outs, *d_queries, *scores, *d_scores, *lse,
            *delta;

        Buffers(const AttentionProblem<T>& p, int length, T* scratch) {
            const size_t dim = p.padded_dim(), rows = query_block_rows(p.group()),
                         packed = packed_size<T>(p.head_dim, length);
            const auto next = [&scratch](size_t count) { return std::exchange(scratch, scratch + count); };
            keys = next(packed);
            values = next(packed);
            key_rows = next(length * dim);
            d_keys = next(length * dim);
            d_values = next(length * dim);
            queries = next(rows * dim);
            d_outs = next(rows * dim);
            d_queries = next(rows * dim);
            scores = next(rows * KeyBlock<T>);
            d_scores = next(rows * KeyBlock<T>);
            lse = next(rows);
            delta = next(rows);
        }
    };

    // Loads a query block, and delta = sum over d of out * d_out of every row.
    void begin_block(const Buffers& b, int first, int positions, int kv_head) const {
        const AttentionProblem<T>& p = problem;
        const int group = p.group(), dim = p.padded_dim();
        copy_query_block(p.q, first, positions, kv_head * group, group, p.head_dim, dim, b.queries);
        copy_query_block(d_out, first, positions, kv_head * group, group, p.head_dim, dim, b.d_outs);
        std::fill(b.d_queries, b.d_queries + static_cast<size_t>(positions) * group * dim, T(0));
        for (int r = 0; r < positions * group; ++r) {
            const int position = first + r / group, head = kv_head * group + r % group;
            const T* o = out.row(position, head, p.head_dim);
            const T* g = b.d_outs + static_cast<size_t>(r) * dim;
            Vec<T> dots{};
            for (int d = 0; d < p.head_dim; d += Width<T>) {
                dots = fma(load_first(o + d, std::min(Width<T>, p.head_dim - d)), load(g + d), dots);
            }
            b.delta[r] = sum(dots);
            b.lse[r] = log_sum_exp[static_cast<size_t>(position) * p.heads + head];
        }
    }

    // p = exp(scale * s - lse), ds = scale * p * (d_out . v - delta);  dv += p' d_out, dk += ds' q, dq += ds k.
    void add_block(const Buffers& b, const KeyBlockView& view, size_t offset, int first, int rows) const {
        const AttentionProblem<T>& p = problem;
        const int group = p.group(), dim = p.padded_dim();
        int visible[MaxTiles];
        score_block(view, first, rows, group, p.head_dim, dim, b.queries, b.keys + offset * p.head_dim, b.scores,
                    visible);
        score_block(view, first, rows, group, p.head_dim, dim, b.d_outs, b.values + offset * p.head_dim, b.d_scores,
                    visible);
        const int widest = visible[(rows - 1) / TileRows];
        for (int r = 0; r < rows; ++r) {
            T* s = b.scores + static_cast<size_t>(r) * KeyBlock<T>;
            T* ds = b.d_scores + static_cast<size_t>(r) * KeyBlock<T>;
            differentiate_row(view, first + r / group, visible[r / TileRows], widest, b.lse[r], b.delta[r], s, ds);
        }
        accumulate_transposed(rows, widest, dim, b.scores, KeyBlock<T>, b.d_outs, dim, b.d_values + offset * dim, dim);
        accumulate_transposed(rows, widest, dim, b.d_scores, KeyBlock<T>, b.queries, dim, b.d_keys + offset * dim, dim);
        for (int r0 = 0; r0 < rows; r0 += TileRows) {
            const int depth = visible[r0 / TileRows];
            if (depth == 0) continue;
            multiply_block<T, Write::Add>(
                std::min(TileRows, rows - r0), depth, dim, b.d_scores + static_cast<size_t>(r0) * KeyBlock<T>,
                KeyBlock<T>, b.key_rows + offset * dim, dim, b.d_queries + static_cast<size_t>(r0) * dim, dim);
        }
    }

    // In place: scores to probabilities, d_scores to the scores' gradient; zero from `columns` (all that the row's tile
    // computed) to `widest`.
    void differentiate_row(const KeyBlockView& view, int query, int columns, int widest, T lse, T delta, T* s,
                           T* ds) const {
        constexpr int W = Width<T>;
        if (columns > 0) hide_keys(view, problem.key_end, query, columns, s);
        int k = 0;
        for (; k < columns; k += W) {
            const Vec<T> prob = exponential(fma(load(s + k), splat(problem.scale), splat(-lse)));
            store(s + k, prob);
            store(ds + k, prob * (load(ds + k) - delta) * problem.scale);
        }
        for (; k < widest; k += W) {
            store(s + k, Vec<T>{});
            store(ds + k, Vec<T>{});
        }
    }
};

} // namespace forge::cpu
