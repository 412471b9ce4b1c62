// The attention sub-block: norm, projections, QK-norm, rotary embedding, attention, output projection, residual;
// forward and backward.
#include "attention_backward.h"
#include "attention_forward.h"
#include "row_norm.h"
#include "train_rows.h"

#include <omp.h>

namespace forge::cpu {
namespace {

// Sizes and typed views of one call. q, k and v of a row lie side by side: [N, Q + 2 K].
template <class T> struct AttentionCall {
    const ForgeAttentionBlock& block;
    int tokens, hidden, q_width, kv_width, qkv_width, half;
    T epsilon;
    const T *x, *norm, *q_norm, *k_norm, *cosine, *sine;
    // saved
    T *rstd, *q_rstd, *k_rstd, *log_sum_exp, *qkv, *attended;

    explicit AttentionCall(const ForgeAttentionBlock& b)
        : block(b), tokens(b.tokens), hidden(b.hidden), q_width(b.heads * b.head_dim),
          kv_width(b.kv_heads * b.head_dim), qkv_width(q_width + 2 * kv_width), half(b.rotary_dim / 2),
          epsilon(static_cast<T>(b.norm_epsilon)), x(static_cast<const T*>(b.x)), norm(static_cast<const T*>(b.norm)),
          q_norm(static_cast<const T*>(b.q_norm)), k_norm(static_cast<const T*>(b.k_norm)),
          cosine(static_cast<const T*>(b.cosine)), sine(static_cast<const T*>(b.sine)) {
        const size_t n = tokens;
        T* next = static_cast<T*>(b.saved);
        for (auto [piece, size] : {std::pair<T**, size_t>{&qkv, n * qkv_width},
                                   {&attended, n * q_width},
                                   {&log_sum_exp, n * b.heads},
                                   {&rstd, n},
                                   {&q_rstd, n},
                                   {&k_rstd, n}}) {
            *piece = next;
            next += size;
        }
    }

    static size_t saved_elements(const ForgeAttentionBlock& b) {
        return static_cast<size_t>(b.tokens) * (2 * b.heads * b.head_dim + 2 * b.kv_heads * b.head_dim + b.heads + 3);
    }

    AttentionProblem<T> problem(const T* turned, const AttentionPlan& plan) const {
        return {block.heads,
                block.kv_heads,
                block.head_dim,
                T(1) / std::sqrt(static_cast<T>(block.head_dim)),
                {turned, q_width + kv_width},
                {turned + q_width, q_width + kv_width},
                {qkv + q_width + kv_width, qkv_width},
                block.past,
                {static_cast<const T*>(block.past_k), kv_width},
                {static_cast<const T*>(block.past_v), kv_width},
                plan.depths.data(),
                plan.longest_path};
    }

    // Normalised and rotated q and k of rows [n0, n1), [N, Q + K], from the projections.
    void turn_rows(int n0, int n1, T* turned) const {
        for (int n = n0; n < n1; ++n) {
            const T* raw = qkv + static_cast<size_t>(n) * qkv_width;
            T* row = turned + static_cast<size_t>(n) * (q_width + kv_width);
            q_rstd[n] = rms_norm(raw, q_norm, q_width, epsilon, row);
            k_rstd[n] = rms_norm(raw + q_width, k_norm, kv_width, epsilon, row + q_width);
            const size_t angle = static_cast<size_t>(n) * half;
            rotate_heads(row, block.heads + block.kv_heads, block.head_dim, half, cosine + angle, sine + angle, T(1));
        }
    }

    void forward() const;
    void backward() const;

private:
    void hand_out_keys(int n0, int n1, const T* turned) const;
    void take_back_key_gradients(int n, T* d_k, T* d_v) const;
    void backward_rows(int tile, const T* packed_qkv, T* d_qkv, const T* d_out, T* normed_panels, T* partials,
                       T* scratch) const;
};

template <class T> void AttentionCall<T>::forward() const {
    ScratchLease scratch;
    T* packed_qkv = scratch.take<T>(packed_size<T>(hidden, q_width) + 2 * packed_size<T>(hidden, kv_width));
    T* packed_k = packed_qkv + packed_size<T>(hidden, q_width);
    T* packed_v = packed_k + packed_size<T>(hidden, kv_width);
    T* packed_o = scratch.take<T>(packed_size<T>(q_width, hidden));
    T* turned = scratch.take<T>(static_cast<size_t>(tokens) * (q_width + kv_width));
    const AttentionPlan plan(block);
    const AttentionProblem<T> attention = problem(turned, plan);
    const AttentionForwardTask<T> task{attention, {attended, q_width}, log_sum_exp};
    const size_t task_size =
        std::max(AttentionForwardTask<T>::scratch_size(attention), static_cast<size_t>(RowTile) * hidden);
    const size_t own_size = (task_size + 15) / 16 * 16;
    T* own = scratch.take<T>(own_size * block.threads);
    T* out = static_cast<T*>(block.out);

#pragma omp parallel num_threads(block.threads)
    {
        T* mine = own + own_size * omp_get_thread_num();
        pack_weight_transposed(static_cast<const T*>(block.q_proj), hidden, q_width, packed_qkv);
        pack_weight_transposed(static_cast<const T*>(block.k_proj), hidden, kv_width, packed_k);
        pack_weight_transposed(static_cast<const T*>(block.v_proj), hidden, kv_width, packed_v);
        pack_weight_transposed(static_cast<const T*>(block.o_proj), q_width, hidden, packed_o);
#pragma omp for schedule(dynamic)
        for (int tile = 0; tile < tiles_of(tokens); ++tile) {
            const int n0 = tile * RowTile, rows = std::min(RowTile, tokens - n0);
            for (int r = 0; r < rows; ++r) {
                rstd[n0 + r] = rms_norm(x + static_cast<size_t>(n0 + r) * hidden, norm, hidden, epsilon,
                                        mine + static_cast<size_t>(r) * hidden);
            }
            T* to = qkv + static_cast<size_t>(n0) * qkv_width;
            multiply(rows, hidden, q_width, mine, hidden, packed_qkv, to, qkv_width);
            multiply(rows, hidden, kv_width, mine, hidden, packed_k, to + q_width, qkv_width);
            multiply(rows, hidden, kv_width, mine, hidden, packed_v, to + q_width + kv_width, qkv_width);
            turn_rows(n0, n0 + rows, turned);
            hand_out_keys(n0, n0 + rows, turned);
        }
#pragma omp for schedule(dynamic) collapse(2)
        for (size_t t = 0; t < plan.tasks.size(); ++t) {
            for (int head = 0; head < block.kv_heads; ++head)
                task.run(plan.tasks[t], plan.ancestors.data() + plan.tasks[t].ancestors, head, mine);
        }
#pragma omp for schedule(dynamic)
        for (int tile = 0; tile < tiles_of(tokens); ++tile) {
            const int n0 = tile * RowTile, rows = std::min(RowTile, tokens - n0);
            const size_t at = static_cast<size_t>(n0) * hidden;
            std::memcpy(out + at, x + at, sizeof(T) * rows * hidden);
            multiply<T, Write::Add>(rows, q_width, hidden, attended + static_cast<size_t>(n0) * q_width, q_width,
                                    packed_o, out + at, hidden);
        }
    }
}

// Copies rows' own keys and values out, when a later chunk is going to see them.
template <class T> void AttentionCall<T>::hand_out_keys(int n0, int n1, const T* turned) const {
    if (block.k_out == nullptr) return;
    for (int n = n0; n < n1; ++n) {
        const size_t to = static_cast<size_t>(n) * kv_width;
        std::memcpy(static_cast<T*>(block.k_out) + to, turned + static_cast<size_t>(n) * (q_width + kv_width) + q_width,
                    sizeof(T) * kv_width);
        std::memcpy(static_cast<T*>(block.v_out) + to, qkv + static_cast<size_t>(n) * qkv_width + q_width + kv_width,
                    sizeof(T) * kv_width);
    }
}

// Adds what later chunks found as the gradients of row n's key and value.
template <class T> void AttentionCall<T>::take_back_key_gradients(int n, T* d_k, T* d_v) const {
    if (block.d_k_out == nullptr) return;
    const T* key = static_cast<const T*>(block.d_k_out) + static_cast<size_t>(n) * kv_width;
    const T* value = static_cast<const T*>(block.d_v_out) + static_cast<size_t>(n) * kv_width;
    for (int i = 0; i < kv_width; ++i) d_k[i] += key[i];
    for (int i = 0; i < kv_width; ++i) d_v[i] += value[i];
}

template <class T> void AttentionCall<T>::backward() const {
    const T* d_out = static_cast<const T*>(block.d_out);
    const size_t n = tokens;
    const int tiles = tiles_of(tokens);
    const size_t partial_width = hidden + q_width + kv_width;
    ScratchLease scratch;
    T* packed_o = scratch.take<T>(packed_size<T>(hidden, q_width));
    T* packed_qkv = scratch.take<T>(packed_size<T>(qkv_width, hidden));
    T* joined = scratch.take<T>(static_cast<size_t>(qkv_width) *
                                hidden); // q_proj, k_proj, v_proj below each other, then their gradients
    T* turned = scratch.take<T>(n * (q_width + kv_width));
    T* d_attended = scratch.take<T>(n * q_width);
    T* d_qkv = scratch.take<T>(n * qkv_width);
    T* panels = scratch.take<T>(packed_size<T>(tokens, std::max(q_width, hidden)));
    T* partials = scratch.take<T>(partial_width * tiles);
    const AttentionPlan plan(block);
    const AttentionProblem<T> attention = problem(turned, plan);
    const AttentionBackwardTask<T> task{attention,
                                        {attended, q_width},
                                        {d_attended, q_width},
                                        log_sum_exp,
                                        {d_qkv, qkv_width},
                                        {d_qkv + q_width, qkv_width},
                                        {d_qkv + q_width + kv_width, qkv_width}};
    const size_t partial = task.partial_size(attention);
    T* key_partials = scratch.take<T>(plan.ancestors.size() * block.kv_heads * partial);
    const size_t task_size =
        std::max(AttentionBackwardTask<T>::scratch_size(attention), size_t{2} * RowTile * hidden);
    const size_t own_size = (task_size + 15) / 16 * 16;
    T* own = scratch.take<T>(own_size * block.threads);

    std::memcpy(joined, block.q_proj, sizeof(T) * q_width * hidden);
    std::memcpy(joined + static_cast<size_t>(q_width) * hidden, block.k_proj, sizeof(T) * kv_width * hidden);
    std::memcpy(joined + static_cast<size_t>(q_width + kv_width) * hidden, block.v_proj, sizeof(T) * kv_width * hidden);

#pragma omp parallel num_threads(block.threads)
    {
        T* mine = own + own_size * omp_get_thread_num();
        pack_weight(static_cast<const T*>(block.o_proj), hidden, q_width, packed_o);
        pack_weight(joined, qkv_width, hidden, packed_qkv);
#pragma omp for schedule(dynamic)
        for (int tile = 0; tile < tiles; ++tile) {
            const int n0 = tile * RowTile, rows = std::min(RowTile, tokens - n0);
            turn_rows(n0, n0 + rows, turned);
            pack_rows(attended + static_cast<size_t>(n0) * q_width, q_width, n0, n0 + rows, tokens, q_width, panels);
            multiply(rows, hidden, q_width, d_out + static_cast<size_t>(n0) * hidden, hidden, packed_o,
                     d_attended + static_cast<size_t>(n0) * q_width, q_width);
        }
        weight_gradient(tokens, hidden, q_width, d_out, hidden, panels, static_cast<T*>(block.d_o_proj));
#pragma omp for schedule(dynamic) collapse(2)
        for (size_t t = 0; t < plan.tasks.size(); ++t) {
            for (int head = 0; head < block.kv_heads; ++head) {
                const AttentionTask& todo = plan.tasks[t];
                const size_t before = todo.ancestors * block.kv_heads + static_cast<size_t>(head) * todo.depth;
                task.run(todo, plan.ancestors.data() + todo.ancestors, head, mine, key_partials + before * partial);
            }
        }
#pragma omp for schedule(static)
        for (int head = 0; head < block.kv_heads; ++head) {
            collect_key_gradients(task, plan, head, key_partials, {static_cast<T*>(block.d_past_k), kv_width},
                                  {static_cast<T*>(block.d_past_v), kv_width});
        }
#pragma omp for schedule(dynamic)
        for (int tile = 0; tile < tiles; ++tile)
            backward_rows(tile, packed_qkv, d_qkv, d_out, panels, partials + tile * partial_width, mine);
        weight_gradient(tokens, qkv_width, hidden, d_qkv, qkv_width, panels, joined);
    }
    std::memcpy(block.d_q_proj, joined, sizeof(T) * q_width * hidden);
    std::memcpy(block.d_k_proj, joined + static_cast<size_t>(q_width) * hidden, sizeof(T) * kv_width * hidden);
    std::memcpy(block.d_v_proj, joined + static_cast<size_t>(q_width + kv_width) * hidden,
                sizeof(T) * kv_width * hidden);
    sum_partials(partials, tiles, partial_width, hidden, static_cast<T*>(block.d_norm));
    sum_partials(partials + hidden, tiles, partial_width, q_width, static_cast<T*>(block.d_q_norm));
    sum_partials(partials + hidden + q_width, tiles, partial_width, kv_width, static_cast<T*>(block.d_k_norm));
}

// From the gradients of the rotated q and k (and of v) to those of the projections (in place), of the input rows, and
// this tile's share of the norms'; leaves the normalised input in panels for the projections' weight gradients.
template <class T>
void AttentionCall<T>::backward_rows(int tile, const T* packed_qkv, T* d_qkv, const T* d_out, T* normed_panels,
                                     T* partial, T* scratch) const {
    const int n0 = tile * RowTile, rows = std::min(RowTile, tokens - n0);
    T* d_normed = scratch;
    T* normed = scratch + static_cast<size_t>(RowTile) * hidden;
    std::fill(partial, partial + hidden + q_width + kv_width, T(0));
    for (int n = n0; n < n0 + rows; ++n) {
        T* g = d_qkv + static_cast<size_t>(n) * qkv_width;
        const T* raw = qkv + static_cast<size_t>(n) * qkv_width;
        const size_t angle = static_cast<size_t>(n) * half;
        take_back_key_gradients(n, g + q_width, g + q_width + kv_width);
        rotate_heads(g, block.heads + block.kv_heads, block.head_dim, half, cosine + angle, sine + angle, T(-1));
        rms_norm_backward<T>(g, raw, q_norm, q_width, q_rstd[n], nullptr, g, partial + hidden);
        rms_norm_backward<T>(g + q_width, raw + q_width, k_norm, kv_width, k_rstd[n], nullptr, g + q_width,
                             partial + hidden + q_width);
        scale_by_norm(x + static_cast<size_t>(n) * hidden, norm, hidden, rstd[n],
                      normed + static_cast<size_t>(n - n0) * hidden);
    }
    pack_rows(normed, hidden, n0, n0 + rows, tokens, hidden, normed_panels);
    multiply(rows, qkv_width, hidden, d_qkv + static_cast<size_t>(n0) * qkv_width, qkv_width, packed_qkv, d_normed,
             hidden);
    for (int r = 0; r < rows; ++r) {
        const size_t at = static_cast<size_t>(n0 + r) * hidden;
        rms_norm_backward(d_normed + static_cast<size_t>(r) * hidden, x + at, norm, hidden, rstd[n0 + r], d_out + at,
                          static_cast<T*>(block.d_x) + at, partial);
    }
}

void check(const ForgeAttentionBlock& b) {
    if (b.heads % b.kv_heads != 0 || b.heads / b.kv_heads > TileRows * MaxTiles || b.rotary_dim > b.head_dim ||
        b.rotary_dim % 2 != 0) {
        throw std::invalid_argument("Attention with " + std::to_string(b.heads) + " query and " +
                                    std::to_string(b.kv_heads) + " key/value heads, rotary " +
                                    std::to_string(b.rotary_dim) + " of " + std::to_string(b.head_dim) +
                                    " channels: query heads must be a multiple (at most 384) of key/value heads, "
                                    "rotary even and within the head.");
    }
}

} // namespace
} // namespace forge::cpu

FORGE_API int64_t forge_attention_block_saved_bytes(const ForgeAttentionBlock* block) {
    return static_cast<int64_t>(forge::cpu::AttentionCall<float>::saved_elements(*block)) * block->element_bytes;
}

FORGE_API int forge_attention_block_forward(const ForgeAttentionBlock* block) {
    return forge::cpu::with_element_type(block, [block](auto zero) {
        forge::cpu::check(*block);
        forge::cpu::AttentionCall<decltype(zero)>(*block).forward();
    });
}

FORGE_API int forge_attention_block_backward(const ForgeAttentionBlock* block) {
    return forge::cpu::with_element_type(
        block, [block](auto zero) { forge::cpu::AttentionCall<decltype(zero)>(*block).backward(); });
}
