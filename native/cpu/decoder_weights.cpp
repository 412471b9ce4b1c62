#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include <sys/mman.h>

#include "decoder_model.h"
#include "decoder_vec.h"

namespace forge::decode {

namespace {

enum Kind { Rows, Columns, HalfColumns };

size_t packed_floats(int n, int k) { return static_cast<size_t>(round_up(n, PanelWidth)) * k; }

size_t arena_floats(const Shape& s) {
    const auto& c = s.config;
    const size_t expert = packed_floats(2 * s.width_stride, c.hidden) + packed_floats(c.hidden, c.expert_width);
    const size_t layer = 2 * s.hidden_stride + round_up(s.query_width, Lanes) + round_up(s.key_width, Lanes) + s.gate_stride +
                         packed_floats(s.qkv_width, c.hidden) + packed_floats(c.hidden, s.query_width) +
                         packed_floats(c.experts, c.hidden) + c.experts * expert;
    return c.layers * layer + static_cast<size_t>(c.vocab) * s.hidden_stride + s.hidden_stride + packed_floats(c.vocab, c.hidden);
}

}  // namespace

Arena::Arena(size_t floats) : bytes_(std::max<size_t>(floats, 1) * sizeof(float)) {
    void* memory = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        throw std::runtime_error("cannot reserve " + std::to_string(bytes_ >> 20) + " MiB for the decode engine; lower the slots or the context");
    }
    madvise(memory, bytes_, MADV_HUGEPAGE);
    data_ = static_cast<float*>(memory);
}

Arena::~Arena() { munmap(data_, bytes_); }

Shape::Shape(const forge_decoder_config& c) : config(c) {
    hidden_stride = round_up(c.hidden, PanelWidth);
    query_width = c.heads * c.head_dim;
    key_width = c.kv_heads * c.head_dim;
    qkv_width = query_width + 2 * key_width;
    qkv_stride = round_up(qkv_width, PanelWidth) + PanelWidth;
    value_stride = round_up(c.head_dim, Lanes);
    attention_stride = round_up(query_width, PanelWidth) + PanelWidth;
    width_stride = round_up(c.expert_width, Lanes);
    gate_stride = round_up(c.experts, PanelWidth);
    vocab_stride = round_up(c.vocab, PanelWidth);
    context = round_up(c.max_context, Lanes);
    key_block = static_cast<size_t>(context) * c.head_dim;
    value_block = static_cast<size_t>(context) * value_stride;
    slot_floats = static_cast<size_t>(c.layers) * c.kv_heads * (key_block + value_block);
}

Weights::Weights(const Shape& shape) : arena_(arena_floats(shape)) {
    const auto& c = shape.config;
    float* next = arena_.data();
    auto vector = [&](const std::string& name, int width, int stride) {
        float* data = next;
        next += stride;
        add(name, 1, width, data, Rows, 0, stride);
        return data;
    };
    auto matrix = [&](int n, int k) {
        Packed packed{next, n, k};
        next += packed_floats(n, k);
        return packed;
    };
    auto columns = [&](const std::string& name, const Packed& packed, int rows, Kind kind, int offset) {
        add(name, rows, packed.k, const_cast<float*>(packed.data), kind, offset, 0);
    };

    embedding = next;
    next += static_cast<size_t>(c.vocab) * shape.hidden_stride;
    add("model.embed_tokens.weight", c.vocab, c.hidden, embedding, Rows, 0, shape.hidden_stride);
    final_norm = vector("model.norm.weight", c.hidden, shape.hidden_stride);
    head = matrix(c.vocab, c.hidden);
    columns("lm_head.weight", head, c.vocab, Columns, 0);

    for (int l = 0; l < c.layers; l++) {
        const std::string prefix = "model.layers." + std::to_string(l) + ".";
        LayerWeights layer;
        layer.input_norm = vector(prefix + "input_layernorm.weight", c.hidden, shape.hidden_stride);
        layer.post_norm = vector(prefix + "post_attention_layernorm.weight", c.hidden, shape.hidden_stride);
        layer.query_norm = vector(prefix + "self_attn.q_norm.weight", shape.query_width, round_up(shape.query_width, Lanes));
        layer.key_norm = vector(prefix + "self_attn.k_norm.weight", shape.key_width, round_up(shape.key_width, Lanes));
        layer.router_bias = vector(prefix + "block_sparse_moe.e_score_correction_bias", c.experts, shape.gate_stride);
        layer.qkv = matrix(shape.qkv_width, c.hidden);
        columns(prefix + "self_attn.q_proj.weight", layer.qkv, shape.query_width, Columns, 0);
        columns(prefix + "self_attn.k_proj.weight", layer.qkv, shape.key_width, Columns, shape.query_width);
        columns(prefix + "self_attn.v_proj.weight", layer.qkv, shape.key_width, Columns, shape.query_width + shape.key_width);
        layer.output = matrix(c.hidden, shape.query_width);
        columns(prefix + "self_attn.o_proj.weight", layer.output, c.hidden, Columns, 0);
        layer.gate = matrix(c.experts, c.hidden);
        columns(prefix + "block_sparse_moe.gate.weight", layer.gate, c.experts, Columns, 0);
        for (int e = 0; e < c.experts; e++) {
            const std::string expert = prefix + "block_sparse_moe.experts." + std::to_string(e) + ".";
            layer.gate_up.push_back(matrix(2 * shape.width_stride, c.hidden));
            columns(expert + "w1.weight", layer.gate_up.back(), c.expert_width, HalfColumns, 0);
            columns(expert + "w3.weight", layer.gate_up.back(), c.expert_width, HalfColumns, 1);
            layer.down.push_back(matrix(c.hidden, c.expert_width));
            columns(expert + "w2.weight", layer.down.back(), c.hidden, Columns, 0);
        }
        layers.push_back(std::move(layer));
    }
    forget();
}

void Weights::add(std::string name, int rows, int columns, float* data, int kind, int offset, int stride) {
    index_[name] = targets_.size();
    targets_.push_back({std::move(name), rows, columns, data, kind, offset, stride});
}

void Weights::set(const std::string& name, const float* data, int64_t rows, int64_t columns) {
    const auto found = index_.find(name);
    if (found == index_.end()) {
        throw std::invalid_argument("weight '" + name + "' is not part of this model's shape");
    }
    const Target& t = targets_[found->second];
    if (rows != t.rows || columns != t.columns) {
        throw std::invalid_argument("weight '" + name + "' is " + std::to_string(rows) + " x " + std::to_string(columns) + ", expected " +
                                    std::to_string(t.rows) + " x " + std::to_string(t.columns));
    }
    for (int r = 0; r < t.rows; r++) {
        const float* source = data + static_cast<size_t>(r) * t.columns;
        if (t.kind == Rows) {
            std::memcpy(t.data + static_cast<size_t>(r) * t.stride, source, t.columns * sizeof(float));
            continue;
        }
        const int column = t.kind == Columns ? t.offset + r : r / Lanes * PanelWidth + t.offset * Lanes + r % Lanes;
        float* panel = t.data + static_cast<size_t>(column / PanelWidth) * t.columns * PanelWidth + column % PanelWidth;
        for (int k = 0; k < t.columns; k++) {
            panel[static_cast<size_t>(k) * PanelWidth] = source[k];
        }
    }
    set_[found->second] = true;
}

std::string Weights::missing() const {
    for (size_t i = 0; i < targets_.size(); i++) {
        if (!set_[i]) {
            return targets_[i].name;
        }
    }
    return "";
}

void Weights::forget() { set_.assign(targets_.size(), false); }

Cache::Cache(const Shape& shape) : shape_(shape), arena_(shape.slot_floats * shape.config.slots) {}

float* Cache::keys(int slot, int layer, int head) const {
    const size_t index = static_cast<size_t>(layer) * shape_.config.kv_heads + head;
    return arena_.data() + slot * shape_.slot_floats + index * (shape_.key_block + shape_.value_block);
}

float* Cache::values(int slot, int layer, int head) const { return keys(slot, layer, head) + shape_.key_block; }

void Cache::copy(int from, int to, int count) const {
    const size_t keys_size = static_cast<size_t>(round_up(count, Lanes)) * shape_.config.head_dim * sizeof(float);
    const size_t values_size = static_cast<size_t>(count) * shape_.value_stride * sizeof(float);
    for (int l = 0; l < shape_.config.layers; l++) {
        for (int h = 0; h < shape_.config.kv_heads; h++) {
            std::memcpy(keys(to, l, h), keys(from, l, h), keys_size);
            std::memcpy(values(to, l, h), values(from, l, h), values_size);
        }
    }
}

}  // namespace forge::decode
