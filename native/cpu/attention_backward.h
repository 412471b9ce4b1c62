// Backward pass of attention.h: probabilities are recomputed block by block from the saved log-sum-exp.
//
// Keys' and values' gradients are summed per slot of the path while their descendants pass by. When a branch is left,
// the slots below the branch point are complete (as far as this task goes) and leave: to their rows when these are the
// task's own, else to the task's partial sums, which collect_key_gradients adds in task order.
#pragma once

#include "attention_path.h"
#include "attention_plan.h"

#include <utility>

namespace forge::cpu {

template <class T> struct AttentionBackwardTask {
    const AttentionProblem<T>& problem;
    HeadRows<const T> out, d_out;
    const T* log_sum_exp; // [N, heads]
    HeadRows<T> d_q, d_k, d_v;

    static size_t scratch_size(const AttentionProblem<T>& p) {
        const int rows = query_block_rows(p.group()), dim = p.padded_dim();
        return 2 * AttentionPath<T>::packed_elements(p) + 3 * AttentionPath<T>::row_elements(p) + p.longest_path +
               static_cast<size_t>(rows) * (3 * dim + 2 * KeyBlock<T> + 2);
    }

    // Elements of one ancestor's partial sums: its key's gradient, then its value's.
    static size_t partial_size(const AttentionProblem<T>& p) { return size_t{2} * p.padded_dim(); }

    // Overwrites `partials` [task.depth][partial_size] with what the task adds to its ancestors.
    void run(const AttentionTask& task, const int32_t* ancestors, int kv_head, T* scratch, T* partials) const {
        const AttentionProblem<T>& p = problem;
        const int group = p.group();
        const size_t dim = p.padded_dim();
        const AttentionPath<T> path(p, kv_head);
        const Buffers b(p, scratch);
        const auto enter = [&](int row, int slot, int count) {
            path.pack_keys(row, slot, count, b.keys);
            path.pack_values(row, slot, count, b.values);
            path.copy_keys(row, slot, count, b.key_rows);
            std::fill(b.d_keys + slot * dim, b.d_keys + (slot + count) * dim, T(0));
            std::fill(b.d_values + slot * dim, b.d_values + (slot + count) * dim, T(0));
            for (int i = 0; i < count; ++i) b.rows[slot + i] = row + i;
        };
        for_each_run(ancestors, task.depth, enter);

        int filled = task.depth; // slots in use
        for (int first = task.first, positions; first < task.last; first += positions) {
            positions = positions_on_one_path(p, first, task.last);
            const int depth = p.depths[first];
            leave(b, depth, filled, task, kv_head, partials);
            enter(first, depth, positions);
            filled = depth + positions;
            begin_block(b, first, positions, kv_head);
            for (int key = 0; key < filled; key += KeyBlock<T>) {
                add_block(b, {key, std::min(KeyBlock<T>, filled - key)}, depth, positions * group);
            }
            for (int r = 0; r < positions * group; ++r) {
                std::memcpy(d_q.row(first + r / group, kv_head * group + r % group, p.head_dim),
                            b.d_queries + static_cast<size_t>(r) * dim, sizeof(T) * p.head_dim);
            }
        }
        leave(b, 0, filled, task, kv_head, partials);
    }

private:
    struct Buffers {
        T *keys, *values, *key_rows, *d_keys, *d_values, *queries, *d_outs, *d_queries, *scores, *d_scores, *lse,
            *delta;
        int32_t* rows; // of the slots

        Buffers(const AttentionProblem<T>& p, T* scratch) {
            static_assert(sizeof(T) >= sizeof(int32_t));
            const size_t dim = p.padded_dim(), block = query_block_rows(p.group()),
                         packed = AttentionPath<T>::packed_elements(p), slots = AttentionPath<T>::row_elements(p);
            const auto next = [&scratch](size_t count) { return std::exchange(scratch, scratch + count); };
            keys = next(packed);
            values = next(packed);
            key_rows = next(slots);
            d_keys = next(slots);
            d_values = next(slots);
            queries = next(block * dim);
            d_outs = next(block * dim);
            d_queries = next(block * dim);
            scores = next(block * KeyBlock<T>);
            d_scores = next(block * KeyBlock<T>);
            lse = next(block);
            delta = next(block);
            rows = reinterpret_cast<int32_t*>(next(p.longest_path));
        }
    };

    // Slots [from, to) have seen all of the task's queries that see them.
    void leave(const Buffers& b, int from, int to, const AttentionTask& task, int kv_head, T* partials) const {
        const AttentionProblem<T>& p = problem;
        const size_t dim = p.padded_dim();
        for (int slot = from; slot < to; ++slot) {
            const int row = b.rows[slot];
            const bool own = row >= task.first;
            T* const d_key = own ? d_k.row(row, kv_head, p.head_dim) : partials + slot * partial_size(p);
            T* const d_value = own ? d_v.row(row, kv_head, p.head_dim) : d_key + dim;
            std::memcpy(d_key, b.d_keys + slot * dim, sizeof(T) * p.head_dim);
            std::memcpy(d_value, b.d_values + slot * dim, sizeof(T) * p.head_dim);
        }
    }

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
    void add_block(const Buffers& b, const KeyBlockView& view, int depth, int rows) const {
        const AttentionProblem<T>& p = problem;
        const size_t offset = view.first;
        const int group = p.group(), dim = p.padded_dim();
        int visible[MaxTiles];
        score_block(view, depth, rows, group, p.head_dim, dim, b.queries, b.keys + offset * p.head_dim, b.scores,
                    visible);
        score_block(view, depth, rows, group, p.head_dim, dim, b.d_outs, b.values + offset * p.head_dim, b.d_scores,
                    visible);
        const int widest = visible[(rows - 1) / TileRows];
        for (int r = 0; r < rows; ++r) {
            T* s = b.scores + static_cast<size_t>(r) * KeyBlock<T>;
            T* ds = b.d_scores + static_cast<size_t>(r) * KeyBlock<T>;
            differentiate_row(view, depth + r / group, visible[r / TileRows], widest, b.lse[r], b.delta[r], s, ds);
        }
        accumulate_transposed(rows, widest, dim, b.scores, KeyBlock<T>, b.d_outs, dim, b.d_values + offset * dim, dim);
        accumulate_transposed(rows, widest, dim, b.d_scores, KeyBlock<T>, b.queries, dim, b.d_keys + offset * dim, dim);
        for (int r0 = 0; r0 < rows; r0 += TileRows) {
            const int columns = visible[r0 / TileRows];
            if (columns == 0) continue;
            multiply_block<T, Write::Add>(
                std::min(TileRows, rows - r0), columns, dim, b.d_scores + static_cast<size_t>(r0) * KeyBlock<T>,
                KeyBlock<T>, b.key_rows + offset * dim, dim, b.d_queries + static_cast<size_t>(r0) * dim, dim);
        }
    }

    // In place: scores to probabilities, d_scores to the scores' gradient; zero from `columns` (all that the row's tile
    // computed) to `widest`.
    void differentiate_row(const KeyBlockView& view, int query, int columns, int widest, T lse, T delta, T* s,
                           T* ds) const {
        constexpr int W = Width<T>;
        if (columns > 0) hide_keys(view, query, columns, s);
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

// Where keys that several computations share get the whole of their gradients: adds the tasks' partial sums in task
// order to own rows' gradients, and to those of earlier chunks' rows [past, kv heads * head_dim], which start at zero.
// `partials` holds [task][kv head][ancestor of the task][partial_size].
template <class T>
void collect_key_gradients(const AttentionBackwardTask<T>& task, const AttentionPlan& plan, int kv_head,
                           const T* partials, HeadRows<T> d_past_k, HeadRows<T> d_past_v) {
    const AttentionProblem<T>& p = task.problem;
    const size_t size = task.partial_size(p);
    for (int row = 0; row < p.past; ++row) {
        std::fill_n(d_past_k.row(row, kv_head, p.head_dim), p.head_dim, T(0));
        std::fill_n(d_past_v.row(row, kv_head, p.head_dim), p.head_dim, T(0));
    }
    for (const AttentionTask& done : plan.tasks) {
        for (int slot = 0; slot < done.depth; ++slot) {
            const int row = plan.ancestors[done.ancestors + slot];
            T* d_key = row < 0 ? d_past_k.row(row + p.past, kv_head, p.head_dim)
                               : task.d_k.row(row, kv_head, p.head_dim);
            T* d_value = row < 0 ? d_past_v.row(row + p.past, kv_head, p.head_dim)
                                 : task.d_v.row(row, kv_head, p.head_dim);
            const size_t before = done.ancestors * p.kv_heads + static_cast<size_t>(kv_head) * done.depth;
            const T* from = partials + (before + slot) * size;
            for (int d = 0; d < p.head_dim; ++d) d_key[d] += from[d];
            for (int d = 0; d < p.head_dim; ++d) d_value[d] += from[p.padded_dim() + d];
        }
    }
}

} // namespace forge::cpu
