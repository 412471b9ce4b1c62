// What the decode engine holds: the shape of a MiniMax-M2 policy, two sets of packed weights (one decodes, the other
// is being filled), and the preallocated KV slots.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "decoder_api.h"
#include "decoder_gemm.h"

namespace forge::decode {

/// Zeroed memory that the system commits page by page on first touch; huge pages where it has them.
class Arena {
public:
    explicit Arena(size_t floats);
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    float* data() const { return data_; }

private:
    float* data_;
    size_t bytes_;
};

/// Row strides and offsets that follow from the public shape; every stride is whole panels, so that whole panels can be stored.
struct Shape {
    explicit Shape(const forge_decoder_config& config);

    forge_decoder_config config;
    int hidden_stride;
    int query_width;
    int key_width;
    int qkv_width;
    int qkv_stride;
    int attention_stride;
    int value_stride;    // one head's V row, whole vectors
    int width_stride;    // an expert's inner width, whole vectors
    int gate_stride;
    int vocab_stride;
    int context;         // maximum context, whole vectors
    size_t key_block;    // floats of one (slot, layer, head)'s K: [context / 16][head_dim][16]
    size_t value_block;  // floats of one (slot, layer, head)'s V: [context][value_stride]
    size_t slot_floats;
};

struct LayerWeights {
    float* input_norm;
    float* query_norm;
    float* key_norm;
    float* post_norm;
    float* router_bias;
    Packed qkv;
    Packed output;
    Packed gate;
    std::vector<Packed> gate_up;  // 16 columns of w1, then the same 16 of w3, per panel
    std::vector<Packed> down;
};

/// One full set of weights in one arena.
class Weights {
public:
    explicit Weights(const Shape& shape);

    /// Packs one tensor under its public name; throws std::invalid_argument on an unknown name or a wrong shape.
    void set(const std::string& name, const float* data, int64_t rows, int64_t columns);

    /// The first names not set since `forget`; empty when complete.
    std::string missing() const;

    void forget();

    float* embedding;
    float* final_norm;
    Packed head;
    std::vector<LayerWeights> layers;

private:
    struct Target {
        std::string name;
        int rows;
        int columns;
        float* data;
        int kind;         // 0: rows with a stride; 1: panel columns; 2: half panels (16 of each 32)
        int offset;       // first column of a panel target, or the half (0 or 1)
        int stride;
    };

    void add(std::string name, int rows, int columns, float* data, int kind, int offset, int stride);

    std::vector<Target> targets_;
    std::unordered_map<std::string, size_t> index_;
    std::vector<bool> set_;
    Arena arena_;
};

/// K and V of every slot. K is blocked so that sixteen positions share a vector; V is plain rows.
class Cache {
public:
    explicit Cache(const Shape& shape);

    float* keys(int slot, int layer, int head) const;
    float* values(int slot, int layer, int head) const;

    /// Copies the first `count` positions of every layer and head.
    void copy(int from, int to, int count) const;

private:
    const Shape& shape_;
    Arena arena_;
};

}  // namespace forge::decode
