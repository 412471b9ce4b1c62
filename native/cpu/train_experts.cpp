// The mixture-of-experts sub-block: norm, router, grouped SwiGLU products over tokens sorted by expert, weighted sum,
// residual; both directions.
#include "expert_routing.h"
#include "row_norm.h"
#include "train_rows.h"

#include <omp.h>

namespace forge::cpu {
namespace {

// Slots between calls of one thread: the vectors keep their memory.
ExpertSlots& slots_of_this_thread() {
    thread_local ExpertSlots slots;
    return slots;
}

// Sizes and typed views of one call. gate and up of a sorted slot lie side by side: [N k, 2 I].
template <class T> struct ExpertCall {
    const ForgeExpertBlock& block;
    int tokens, hidden, experts, k, width;
    size_t slots, padded_hidden, padded_width;
    T epsilon;
    const T *x, *norm, *router, *bias;
    // saved
    T *gate_up, *scores, *rstd;
    int32_t* choices;

    explicit ExpertCall(const ForgeExpertBlock& b)
        : block(b), tokens(b.tokens), hidden(b.hidden), experts(b.experts), k(b.experts_per_token),
          width(b.expert_width), slots(static_cast<size_t>(tokens) * k), padded_hidden(packed_size<T>(1, hidden)),
          padded_width(packed_size<T>(1, width)), epsilon(static_cast<T>(b.norm_epsilon)),
          x(static_cast<const T*>(b.x)), norm(static_cast<const T*>(b.norm)), router(static_cast<const T*>(b.router)),
          bias(static_cast<const T*>(b.selection_bias)), gate_up(static_cast<T*>(b.saved)),
          scores(gate_up + slots * 2 * width), rstd(scores + slots),
          choices(reinterpret_cast<int32_t*>(rstd + tokens)) {}

    static int64_t saved_bytes(const ForgeExpertBlock& b) {
        const int64_t slots = int64_t{b.tokens} * b.experts_per_token;
        return (slots * 2 * b.expert_width + slots + b.tokens) * b.element_bytes + slots * int64_t{sizeof(int32_t)};
    }

    // One expert's matrix in a stack.
    const T* weight(const void* stack, int expert) const {
        return static_cast<const T*>(stack) + static_cast<size_t>(expert) * width * hidden;
    }
    T* gradient(void* stack, int expert) const {
        return static_cast<T*>(stack) + static_cast<size_t>(expert) * width * hidden;
    }

    // act = silu(gate) * up of one slot.
    void activate(const T* gate_up_row, T* act) const {
        for (int i = 0; i < width; i += Width<T>) {
            const int count = std::min(Width<T>, width - i);
            const Vec<T> g = load_first(gate_up_row + i, count), u = load_first(gate_up_row + width + i, count);
            store_first(act + i, g * sigmoid<T>(g) * u, count);
        }
    }

    void forward() const;
    void backward() const;

private:
    struct BackwardBuffers {
        T *normed, *normed_panels, *packed_w1, *packed_w2, *packed_w3, *d_gate_up, *d_weights, *d_slots, *d_logits,
            *sorted_d_out, *input_panels, *act_panels, *partials;
    };

    void route(int n0, int rows, const T* normed, const T* packed_router, T* logits) const;
    void run_tile(const ExpertSlots::Tile& tile, const ExpertSlots& order, const T* normed, const T* w1, const T* w2,
                  const T* w3, T* y, T* act) const;
    void combine(int n, const ExpertSlots& order, const T* y) const;
    void backward_tile(const ExpertSlots::Tile& tile, const ExpertSlots& order, const BackwardBuffers& b,
                       T* scratch) const;
    void differentiate_slot(size_t slot, T weight, const T* d_act_row, T* d_gate_up_row, T* weighted_act,
                            T& d_weight) const;
    void backward_weights(int expert, int part, int r0, const ExpertSlots& order, const BackwardBuffers& b) const;
    void backward_row(int n, const ExpertSlots& order, const BackwardBuffers& b, T* partial, T* d_normed) const;
    T weight_of(int n, int j) const {
        return scores[static_cast<size_t>(n) * k + j] / score_sum(scores + static_cast<size_t>(n) * k, k);
    }
};

template <class T>
void ExpertCall<T>::route(int n0, int rows, const T* normed, const T* packed_router, T* logits) const {
    multiply(rows, hidden, experts, normed, hidden, packed_router, logits, experts);
    if (block.router_logits != nullptr) {
        std::memcpy(static_cast<T*>(block.router_logits) + static_cast<size_t>(n0) * experts, logits,
                    sizeof(T) * rows * experts);
    }
    for (int n = n0; n < n0 + rows; ++n) {
        T* row = logits + static_cast<size_t>(n - n0) * experts;
        const size_t slot = static_cast<size_t>(n) * k;
        score_experts(row, experts);
        const int64_t* forced = block.forced == nullptr ? nullptr : block.forced + slot;
        if (forced != nullptr && std::all_of(forced, forced + k, [](int64_t choice) { return choice >= 0; })) {
            std::copy(forced, forced + k, choices + slot);
            std::sort(choices + slot, choices + slot + k);
        } else {
            choose_experts(row, bias, experts, k, choices + slot);
        }
        for (int j = 0; j < k; ++j) {
            block.choices[slot + j] = choices[slot + j];
            scores[slot + j] = row[choices[slot + j]];
        }
        for (int j = 0; j < k; ++j) static_cast<T*>(block.weights)[slot + j] = weight_of(n, j);
    }
}

template <class T>
void ExpertCall<T>::run_tile(const ExpertSlots::Tile& tile, const ExpertSlots& order, const T* normed, const T* w1,
                             const T* w2, const T* w3, T* y, T* act) const {
    const auto input = [&](int r) { return normed + static_cast<size_t>(order.token[tile.first + r]) * hidden; };
    T* projections = gate_up + static_cast<size_t>(tile.first) * 2 * width;
    const auto gate = [&](int r) { return projections + static_cast<size_t>(r) * 2 * width; };
    multiply_gathered<T, Write::Replace>(tile.count, hidden, width, input, w1 + tile.expert * padded_width * hidden,
                                         gate);
    multiply_gathered<T, Write::Replace>(tile.count, hidden, width, input, w3 + tile.expert * padded_width * hidden,
                                         [&](int r) { return gate(r) + width; });
    for (int r = 0; r < tile.count; ++r) activate(gate(r), act + static_cast<size_t>(r) * width);
    multiply(tile.count, width, hidden, act, width, w2 + tile.expert * padded_hidden * width,
             y + static_cast<size_t>(tile.first) * hidden, hidden);
}

// out = x + sum over j of weight * y, in the order of the choices.
template <class T> void ExpertCall<T>::combine(int n, const ExpertSlots& order, const T* y) const {
    T* out = static_cast<T*>(block.out) + static_cast<size_t>(n) * hidden;
    std::memcpy(out, x + static_cast<size_t>(n) * hidden, sizeof(T) * hidden);
    for (int j = 0; j < k; ++j) {
        const T weight = weight_of(n, j);
        const T* row = y + static_cast<size_t>(order.position[static_cast<size_t>(n) * k + j]) * hidden;
        for (int d = 0; d < hidden; ++d) out[d] += weight * row[d];
    }
}

template <class T> void ExpertCall<T>::forward() const {
    ExpertSlots& order = slots_of_this_thread();
    ScratchLease scratch;
    T* packed_w1 = scratch.take<T>(experts * padded_width * hidden);
    T* packed_w3 = scratch.take<T>(experts * padded_width * hidden);
    T* packed_w2 = scratch.take<T>(experts * padded_hidden * width);
    T* packed_router = scratch.take<T>(packed_size<T>(hidden, experts));
    T* normed = scratch.take<T>(static_cast<size_t>(tokens) * hidden);
    T* y = scratch.take<T>(slots * hidden);
    const size_t own_size = static_cast<size_t>(RowTile) * (std::max(width, experts) + 16);
    T* own = scratch.take<T>(own_size * block.threads);

#pragma omp parallel num_threads(block.threads)
    {
        T* mine = own + own_size * omp_get_thread_num();
        pack_weight_transposed(router, hidden, experts, packed_router);
#pragma omp for schedule(static) nowait
        for (int e = 0; e < experts; ++e) {
            for (int p = 0; p < panels_of(width, PanelColumns<T>); ++p) {
                pack_panel_transposed(weight(block.w1, e), hidden, hidden, width, p,
                                      packed_w1 + e * padded_width * hidden);
                pack_panel_transposed(weight(block.w3, e), hidden, hidden, width, p,
                                      packed_w3 + e * padded_width * hidden);
            }
            for (int p = 0; p < panels_of(hidden, PanelColumns<T>); ++p) {
                pack_panel_transposed(weight(block.w2, e), width, width, hidden, p,
                                      packed_w2 + e * padded_hidden * width);
            }
        }
#pragma omp for schedule(dynamic)
        for (int tile = 0; tile < tiles_of(tokens); ++tile) {
            const int n0 = tile * RowTile, rows = std::min(RowTile, tokens - n0);
            T* to = normed + static_cast<size_t>(n0) * hidden;
            for (int r = 0; r < rows; ++r) {
                rstd[n0 + r] = rms_norm(x + static_cast<size_t>(n0 + r) * hidden, norm, hidden, epsilon,
                                        to + static_cast<size_t>(r) * hidden);
            }
            route(n0, rows, to, packed_router, mine);
        }
#pragma omp single
        order.sort(choices, tokens, k, experts, RowTile);
#pragma omp for schedule(dynamic)
        for (size_t tile = 0; tile < order.tiles.size(); ++tile) {
            run_tile(order.tiles[tile], order, normed, packed_w1, packed_w2, packed_w3, y, mine);
        }
#pragma omp for schedule(static)
        for (int n = 0; n < tokens; ++n) combine(n, order, y);
    }
}

// With a the slot's activation and w its routing weight: d_weight = d_a . a, then d_gate and d_up from w * d_a; leaves
// w * a for w2's gradient.
template <class T>
void ExpertCall<T>::differentiate_slot(size_t slot, T weight, const T* d_act_row, T* d_gate_up_row, T* weighted_act,
                                       T& d_weight) const {
    const T* row = gate_up + slot * 2 * width;
    const Vec<T> one = splat(T(1));
    Vec<T> dots{};
    for (int i = 0; i < width; i += Width<T>) {
        const int count = std::min(Width<T>, width - i);
        const Vec<T> g = load_first(row + i, count), u = load_first(row + width + i, count),
                     d = load_first(d_act_row + i, count);
        const Vec<T> s = sigmoid<T>(g), silu = g * s;
        dots = fma(d, silu * u, dots);
        const Vec<T> weighted = d * weight;
        store_first(weighted_act + i, silu * u * weight, count);
        store_first(d_gate_up_row + i, weighted * u * s * (one + g * (one - s)), count);
        store_first(d_gate_up_row + width + i, weighted * silu, count);
    }
    d_weight = sum(dots);
}

template <class T>
void ExpertCall<T>::backward_tile(const ExpertSlots::Tile& tile, const ExpertSlots& order, const BackwardBuffers& b,
                                  T* scratch) const {
    const int start = order.starts[tile.expert], m0 = tile.first - start, count = order.count(tile.expert);
    T* inputs = scratch;
    T* d_act = inputs + static_cast<size_t>(RowTile) * hidden;
    T* weighted_act = d_act + static_cast<size_t>(RowTile) * width;
    T* d_out = b.sorted_d_out + static_cast<size_t>(tile.first) * hidden;
    for (int r = 0; r < tile.count; ++r) {
        const size_t token = order.token[tile.first + r];
        std::memcpy(d_out + static_cast<size_t>(r) * hidden, static_cast<const T*>(block.d_out) + token * hidden,
                    sizeof(T) * hidden);
        std::memcpy(inputs + static_cast<size_t>(r) * hidden, b.normed + token * hidden, sizeof(T) * hidden);
    }
    pack_rows(inputs, hidden, m0, m0 + tile.count, count, hidden, b.input_panels + start * padded_hidden);
    multiply(tile.count, hidden, width, d_out, hidden, b.packed_w2 + tile.expert * padded_width * hidden, d_act, width);
    for (int r = 0; r < tile.count; ++r) {
        const size_t slot = tile.first + r;
        const int token = order.token[slot];
        int j = 0;
        while (order.position[static_cast<size_t>(token) * k + j] != static_cast<int>(slot)) ++j;
        differentiate_slot(slot, weight_of(token, j), d_act + static_cast<size_t>(r) * width,
                           b.d_gate_up + slot * 2 * width, weighted_act + static_cast<size_t>(r) * width,
                           b.d_weights[static_cast<size_t>(token) * k + j]);
    }
    pack_rows(weighted_act, width, m0, m0 + tile.count, count, width, b.act_panels + start * padded_width);
    const T* d_gate = b.d_gate_up + static_cast<size_t>(tile.first) * 2 * width;
    T* d_slots = b.d_slots + static_cast<size_t>(tile.first) * hidden;
    multiply(tile.count, width, hidden, d_gate, 2 * width, b.packed_w1 + tile.expert * padded_hidden * width, d_slots,
             hidden);
    multiply<T, Write::Add>(tile.count, width, hidden, d_gate + width, 2 * width,
                            b.packed_w3 + tile.expert * padded_hidden * width, d_slots, hidden);
}

// Rows from r0 of one weight's gradient; part 0 is w1, 1 is w3, 2 is w2.
template <class T>
void ExpertCall<T>::backward_weights(int expert, int part, int r0, const ExpertSlots& order,
                                     const BackwardBuffers& b) const {
    const int count = order.count(expert);
    const size_t start = order.starts[expert];
    if (part == 2) {
        weight_gradient_rows(count, r0, std::min(r0 + RowTile, hidden), width, b.sorted_d_out + start * hidden, hidden,
                             b.act_panels + start * padded_width, gradient(block.d_w2, expert));
    } else {
        weight_gradient_rows(
            count, r0, std::min(r0 + RowTile, width), hidden, b.d_gate_up + start * 2 * width + part * width, 2 * width,
            b.input_panels + start * padded_hidden, gradient(part == 0 ? block.d_w1 : block.d_w3, expert));
    }
}

// The input's gradient of one row from its slots, its router logits and the residual.
template <class T>
void ExpertCall<T>::backward_row(int n, const ExpertSlots& order, const BackwardBuffers& b, T* partial,
                                 T* d_normed) const {
    const size_t slot = static_cast<size_t>(n) * k, at = static_cast<size_t>(n) * hidden;
    T* d_logits = b.d_logits + static_cast<size_t>(n) * experts;
    T* d_chosen = d_normed + hidden;
    routing_backward(scores + slot, b.d_weights + slot, k, d_chosen);
    std::fill(d_logits, d_logits + experts, T(0));
    std::fill(d_normed, d_normed + hidden, T(0));
    for (int j = 0; j < k; ++j) {
        const T* from = b.d_slots + static_cast<size_t>(order.position[slot + j]) * hidden;
        const T* gate = router + static_cast<size_t>(choices[slot + j]) * hidden;
        const T pull = d_chosen[j];
        d_logits[choices[slot + j]] = pull;
        for (int d = 0; d < hidden; ++d) d_normed[d] += from[d] + pull * gate[d];
    }
    rms_norm_backward(d_normed, x + at, norm, hidden, rstd[n], static_cast<const T*>(block.d_out) + at,
                      static_cast<T*>(block.d_x) + at, partial);
}

template <class T> void ExpertCall<T>::backward() const {
    const size_t n = tokens;
    const int tiles = tiles_of(tokens);
    ExpertSlots& order = slots_of_this_thread();
    order.sort(choices, tokens, k, experts, RowTile);
    ScratchLease scratch;
    BackwardBuffers b;
    b.normed = scratch.take<T>(n * hidden);
    b.normed_panels = scratch.take<T>(n * padded_hidden);
    b.packed_w1 = scratch.take<T>(experts * padded_hidden * width);
    b.packed_w3 = scratch.take<T>(experts * padded_hidden * width);
    b.packed_w2 = scratch.take<T>(experts * padded_width * hidden);
    b.d_gate_up = scratch.take<T>(slots * 2 * width);
    b.d_weights = scratch.take<T>(slots);
    b.d_slots = scratch.take<T>(slots * hidden);
    b.d_logits = scratch.take<T>(n * experts);
    b.sorted_d_out = scratch.take<T>(slots * hidden);
    b.input_panels = scratch.take<T>(slots * padded_hidden);
    b.act_panels = scratch.take<T>(slots * padded_width);
    b.partials = scratch.take<T>(static_cast<size_t>(tiles) * hidden);
    const size_t own_size = static_cast<size_t>(RowTile) * (hidden + 2 * width) + hidden + k + 16;
    T* own = scratch.take<T>(own_size * block.threads);
    const int width_blocks = tiles_of(width), parts = 2 * width_blocks + tiles_of(hidden);

#pragma omp parallel num_threads(block.threads)
    {
        T* mine = own + own_size * omp_get_thread_num();
#pragma omp for schedule(static) nowait
        for (int e = 0; e < experts; ++e) {
            for (int p = 0; p < panels_of(hidden, PanelColumns<T>); ++p) {
                pack_panel(weight(block.w1, e), hidden, width, hidden, p, b.packed_w1 + e * padded_hidden * width);
                pack_panel(weight(block.w3, e), hidden, width, hidden, p, b.packed_w3 + e * padded_hidden * width);
            }
            for (int p = 0; p < panels_of(width, PanelColumns<T>); ++p) {
                pack_panel(weight(block.w2, e), width, hidden, width, p, b.packed_w2 + e * padded_width * hidden);
            }
        }
#pragma omp for schedule(dynamic)
        for (int tile = 0; tile < tiles; ++tile) {
            const int n0 = tile * RowTile, n1 = std::min(n0 + RowTile, tokens);
            for (int row = n0; row < n1; ++row) {
                scale_by_norm(x + static_cast<size_t>(row) * hidden, norm, hidden, rstd[row],
                              b.normed + static_cast<size_t>(row) * hidden);
            }
            pack_rows(b.normed + static_cast<size_t>(n0) * hidden, hidden, n0, n1, tokens, hidden, b.normed_panels);
        }
#pragma omp for schedule(dynamic)
        for (size_t tile = 0; tile < order.tiles.size(); ++tile) backward_tile(order.tiles[tile], order, b, mine);
#pragma omp for schedule(dynamic) nowait
        for (int task = 0; task < experts * parts; ++task) {
            const int expert = task / parts, step = task % parts, part = std::min(step / width_blocks, 2);
            backward_weights(expert, part, (step - part * width_blocks) * RowTile, order, b);
        }
#pragma omp for schedule(dynamic)
        for (int tile = 0; tile < tiles; ++tile) {
            T* partial = b.partials + static_cast<size_t>(tile) * hidden;
            std::fill(partial, partial + hidden, T(0));
            for (int row = tile * RowTile; row < std::min((tile + 1) * RowTile, tokens); ++row)
                backward_row(row, order, b, partial, mine);
        }
        weight_gradient(tokens, experts, hidden, b.d_logits, experts, b.normed_panels, static_cast<T*>(block.d_router));
    }
    sum_partials(b.partials, tiles, hidden, hidden, static_cast<T*>(block.d_norm));
}

void check(const ForgeExpertBlock& b) {
    if (b.experts_per_token < 1 || b.experts_per_token > b.experts) {
        throw std::invalid_argument("experts_per_token is " + std::to_string(b.experts_per_token) +
                                    "; it must be 1 to the number of experts, " + std::to_string(b.experts) + ".");
    }
    for (int64_t slot = 0; b.forced != nullptr && slot < int64_t{b.tokens} * b.experts_per_token; ++slot) {
        if (b.forced[slot] >= b.experts) {
            throw std::invalid_argument("Row " + std::to_string(slot / b.experts_per_token) + " replays expert " +
                                        std::to_string(b.forced[slot]) + "; there are " + std::to_string(b.experts) +
                                        ".");
        }
    }
}

} // namespace
} // namespace forge::cpu

FORGE_API int64_t forge_expert_block_saved_bytes(const ForgeExpertBlock* block) {
    return forge::cpu::ExpertCall<float>::saved_bytes(*block);
}

FORGE_API int forge_expert_block_forward(const ForgeExpertBlock* block) {
    return forge::cpu::with_element_type(block, [block](auto zero) {
        forge::cpu::check(*block);
        forge::cpu::ExpertCall<decltype(zero)>(*block).forward();
    });
}

FORGE_API int forge_expert_block_backward(const ForgeExpertBlock* block) {
    return forge::cpu::with_element_type(
        block, [block](auto zero) { forge::cpu::ExpertCall<decltype(zero)>(*block).backward(); });
}
