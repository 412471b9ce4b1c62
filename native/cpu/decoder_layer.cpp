// The work within one layer, for a block of rows or one expert's rows.
#include <algorithm>
#include <cmath>

#include "decoder_attention.h"
#include "decoder_step.h"
#include "decoder_vec.h"

namespace forge::decode {

void Engine::normalize(const float* x, const float* weight, int width, float* out) const {
    const int blocks = width / Lanes;
    const int rest = width % Lanes;
    Vec squares = vzero();
    for (int i = 0; i < blocks; i++) {
        const Vec v = vload(x + i * Lanes);
        squares = vfma(v, v, squares);
    }
    float sum = vsum(squares);
    for (int i = width - rest; i < width; i++) {
        sum += x[i] * x[i];
    }
    const float inverse = 1.0f / std::sqrt(sum / static_cast<float>(width) + shape_.config.eps);
    const Vec factor = vset(inverse);
    for (int i = 0; i < blocks; i++) {
        vstore(out + i * Lanes, vmul(vmul(vload(x + i * Lanes), factor), vload(weight + i * Lanes)));
    }
    for (int i = width - rest; i < width; i++) {
        out[i] = x[i] * inverse * weight[i];
    }
}

// x += Σ over the row's experts, ascending, of weight · output.
void Engine::combine(float* hidden, int index) const {
    const int top_k = shape_.config.top_k;
    const float* out = expert_out_.data() + static_cast<size_t>(index) * top_k * shape_.hidden_stride;
    const float* weight = weights_.data() + static_cast<size_t>(index) * top_k;
    for (int i = 0; i < shape_.hidden_stride; i += Lanes) {
        Vec sum = vmul(vset(weight[0]), vload(out + i));
        for (int j = 1; j < top_k; j++) {
            sum = vfma(vset(weight[j]), vload(out + static_cast<size_t>(j) * shape_.hidden_stride + i), sum);
        }
        vstore(hidden + i, vadd(vload(hidden + i), sum));
    }
}

void Engine::project(const forge_decoder_batch& b, int layer, const Block& block) {
    const auto& c = shape_.config;
    const LayerWeights& w = sets_[active_]->layers[layer];
    const int stride = shape_.hidden_stride;
    const int count = block.last - block.first;
    for (int r = block.first; r < block.last; r++) {
        float* x = hidden_.data() + static_cast<size_t>(r) * stride;
        if (layer == 0) {
            std::copy_n(sets_[active_]->embedding + static_cast<size_t>(b.tokens[r]) * stride, stride, x);
        } else {
            combine(x, r);
        }
        normalize(x, w.input_norm, c.hidden, normalized_.data() + static_cast<size_t>(r) * stride);
    }
    // Rows of the last layer whose next token is not wanted need K and V only.
    const bool last = layer + 1 == c.layers;
    const int first_panel = last && block.wanted_first == block.wanted_last ? shape_.query_width / PanelWidth : 0;
    float* qkv = qkv_.data() + static_cast<size_t>(block.first) * shape_.qkv_stride;
    gemm(w.qkv, first_panel, w.qkv.panels(), normalized_.data() + static_cast<size_t>(block.first) * stride, stride, count, qkv, shape_.qkv_stride);
    const int half = c.rotary_dim / 2;
    for (int r = block.first; r < block.last; r++, qkv += shape_.qkv_stride) {
        float* key = qkv + shape_.query_width;
        const float* cosine = cosine_.data() + static_cast<size_t>(b.positions[r]) * half;
        const float* sine = sine_.data() + static_cast<size_t>(b.positions[r]) * half;
        if (first_panel == 0) {
            normalize(qkv, w.query_norm, shape_.query_width, qkv);
            rotate(qkv, c.heads, c.head_dim, c.rotary_dim, cosine, sine);
        }
        normalize(key, w.key_norm, shape_.key_width, key);
        rotate(key, c.kv_heads, c.head_dim, c.rotary_dim, cosine, sine);
        remember(shape_, cache_, b.slots[r], layer, b.positions[r], key, key + shape_.key_width);
    }
}

// Attention, output projection, second norm and router; in the last layer of the wanted rows only, packed together.
void Engine::mix(const forge_decoder_batch& b, int layer, const Team& team, const Block& block, Worker& worker) {
    const bool last_layer = layer + 1 == shape_.config.layers;
    const int first = last_layer ? team.place(block.wanted_first) : block.first;
    const int last = last_layer ? team.place(block.wanted_last) : block.last;
    if (first == last) {
        return;
    }
    const auto row = [&](int place) { return last_layer ? b.output_rows[block.wanted_first + place - first] : place; };
    const LayerWeights& w = sets_[active_]->layers[layer];
    const size_t stride = shape_.hidden_stride;
    for (int i = first; i < last; i++) {
        const int r = row(i);
        attend(shape_, cache_, b.slots[r], layer, b.positions[r], qkv_.data() + static_cast<size_t>(r) * shape_.qkv_stride,
               attended_.data() + static_cast<size_t>(i) * shape_.attention_stride, worker.scratch.data());
    }
    float* projected = projected_.data() + first * stride;
    gemm(w.output, 0, w.output.panels(), attended_.data() + static_cast<size_t>(first) * shape_.attention_stride, shape_.attention_stride,
         last - first, projected, shape_.hidden_stride);
    for (int i = first; i < last; i++, projected += stride) {
        float* x = hidden_.data() + row(i) * stride;
        for (int j = 0; j < shape_.hidden_stride; j += Lanes) {
            vstore(x + j, vadd(vload(x + j), vload(projected + j)));
        }
        normalize(x, w.post_norm, shape_.config.hidden, projected);
    }
    gemm(w.gate, 0, w.gate.panels(), projected_.data() + first * stride, shape_.hidden_stride, last - first,
         scores_.data() + static_cast<size_t>(first) * shape_.gate_stride, shape_.gate_stride);
    for (int i = first; i < last; i++) {
        route(b, layer, i, output_of_row_[row(i)]);
    }
}

// Chooses the top_k experts by sigmoid + bias (ties: lower id) and weighs them by their sigmoids, renormalised.
void Engine::route(const forge_decoder_batch& b, int layer, int place, int output) {
    const auto& c = shape_.config;
    const float* bias = sets_[active_]->layers[layer].router_bias;
    float* s = scores_.data() + static_cast<size_t>(place) * shape_.gate_stride;
    int* chosen = chosen_.data() + static_cast<size_t>(place) * c.top_k;
    for (int e = 0; e < shape_.gate_stride; e += Lanes) {
        vstore(s + e, vsigmoid(vload(s + e)));
    }
    for (int j = 0; j < c.top_k; j++) {
        int best = -1;
        for (int e = 0; e < c.experts; e++) {
            if (std::find(chosen, chosen + j, e) == chosen + j && (best < 0 || s[e] + bias[e] > s[best] + bias[best])) {
                best = e;
            }
        }
        chosen[j] = best;
    }
    std::sort(chosen, chosen + c.top_k);
    float sum = 0;
    for (int j = 0; j < c.top_k; j++) {
        sum += s[chosen[j]];
    }
    for (int j = 0; j < c.top_k; j++) {
        weights_[static_cast<size_t>(place) * c.top_k + j] = s[chosen[j]] / sum;
    }
    if (b.experts != nullptr && output >= 0) {
        std::copy_n(chosen, c.top_k, b.experts + (static_cast<size_t>(output) * c.layers + layer) * c.top_k);
    }
}

// Sorts the (row, choice) pairs by expert, stably. Every thread does it for itself: cheaper than another barrier.
void Engine::group(int first, int last, Worker& worker) const {
    const int first_pair = first * shape_.config.top_k;
    const int last_pair = last * shape_.config.top_k;
    std::fill(worker.first_pair.begin(), worker.first_pair.end(), 0);
    for (int p = first_pair; p < last_pair; p++) {
        worker.first_pair[chosen_[p] + 1]++;
    }
    for (int e = 0; e < shape_.config.experts; e++) {
        worker.first_pair[e + 1] += worker.first_pair[e];
    }
    for (int p = first_pair; p < last_pair; p++) {
        worker.pairs[worker.first_pair[chosen_[p]]++] = p;
    }
    std::copy_backward(worker.first_pair.begin(), worker.first_pair.end() - 1, worker.first_pair.end());
    worker.first_pair[0] = 0;
}

void Engine::run_experts(int layer, Worker& worker, Counter& counter) {
    const auto& c = shape_.config;
    const LayerWeights& w = sets_[active_]->layers[layer];
    const size_t stride = shape_.hidden_stride;
    int task = counter.take();
    int index = 0;
    for (int e = 0; e < c.experts; e++) {
        for (int first = worker.first_pair[e]; first < worker.first_pair[e + 1]; first += TaskRows, index++) {
            if (index != task) {
                continue;
            }
            task = counter.take();
            const int rows = std::min(TaskRows, worker.first_pair[e + 1] - first);
            const int* pairs = worker.pairs.data() + first;
            for (int i = 0; i < rows; i++) {
                std::copy_n(projected_.data() + pairs[i] / c.top_k * stride, stride, worker.gathered.data() + i * stride);
            }
            const int inner_stride = round_up(2 * shape_.width_stride, PanelWidth);
            gemm(w.gate_up[e], 0, w.gate_up[e].panels(), worker.gathered.data(), shape_.hidden_stride, rows, worker.inner.data(), inner_stride);
            for (int i = 0; i < rows; i++) {
                const float* inner = worker.inner.data() + static_cast<size_t>(i) * inner_stride;
                float* product = worker.product.data() + static_cast<size_t>(i) * shape_.width_stride;
                for (int j = 0; j < shape_.width_stride; j += Lanes) {
                    vstore(product + j, vmul(vsilu(vload(inner + 2 * j)), vload(inner + 2 * j + Lanes)));
                }
            }
            gemm(w.down[e], 0, w.down[e].panels(), worker.product.data(), shape_.width_stride, rows, worker.gathered.data(), shape_.hidden_stride);
            for (int i = 0; i < rows; i++) {
                std::copy_n(worker.gathered.data() + i * stride, stride, expert_out_.data() + pairs[i] * stride);
            }
        }
    }
}

}  // namespace forge::decode
