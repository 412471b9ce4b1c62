#include "decoder_attention.h"

#include <algorithm>
#include <cmath>

#include "decoder_vec.h"

namespace forge::decode {

namespace {

constexpr int MaximumTogether = 4;  // query heads that share one pass over K and V

// Scores of H query heads against `blocks` blocks of 16 keys; each score is one chain over the channels.
template <int H, int B>
inline void score_blocks(const float* keys, int head_dim, const float* query, float* scores, int stride, Vec scale) {
    Vec acc[H][B];
#pragma GCC unroll 4
    for (int h = 0; h < H; h++) {
#pragma GCC unroll 2
        for (int b = 0; b < B; b++) {
            acc[h][b] = vzero();
        }
    }
    for (int d = 0; d < head_dim; d++) {
        Vec key[B];
#pragma GCC unroll 2
        for (int b = 0; b < B; b++) {
            key[b] = vload(keys + (b * head_dim + d) * Lanes);
        }
#pragma GCC unroll 4
        for (int h = 0; h < H; h++) {
            const Vec q = vset(query[h * head_dim + d]);
#pragma GCC unroll 2
            for (int b = 0; b < B; b++) {
                acc[h][b] = vfma(q, key[b], acc[h][b]);
            }
        }
    }
#pragma GCC unroll 4
    for (int h = 0; h < H; h++) {
#pragma GCC unroll 2
        for (int b = 0; b < B; b++) {
            vstore(scores + h * stride + b * Lanes, vmul(acc[h][b], scale));
        }
    }
}

template <int H>
void score(const float* keys, int head_dim, int blocks, const float* query, float* scores, int stride, float scale) {
    const Vec factor = vset(scale);
    int b = 0;
    for (; b + 2 <= blocks; b += 2) {
        score_blocks<H, 2>(keys + static_cast<size_t>(b) * head_dim * Lanes, head_dim, query, scores + b * Lanes, stride, factor);
    }
    if (b < blocks) {
        score_blocks<H, 1>(keys + static_cast<size_t>(b) * head_dim * Lanes, head_dim, query, scores + b * Lanes, stride, factor);
    }
}

// Turns scores into unnormalised probabilities in place (0 past the count) and returns their sum.
float exponentiate(float* scores, int count) {
    const int blocks = (count + Lanes - 1) / Lanes;
    const int last = count - (blocks - 1) * Lanes;
    float* tail = scores + (blocks - 1) * Lanes;
    vstore(tail, vfirst(vload(tail), last, vset(-INFINITY)));
    Vec maximum = vload(scores);
    for (int b = 1; b < blocks; b++) {
        maximum = vmax(maximum, vload(scores + b * Lanes));
    }
    const Vec top = vset(vmaximum(maximum));
    Vec sum = vzero();
    for (int b = 0; b < blocks; b++) {
        Vec p = vexp(vsub(vload(scores + b * Lanes), top));
        if (b == blocks - 1) {
            p = vfirst(p, last, vzero());
        }
        vstore(scores + b * Lanes, p);
        sum = vadd(sum, p);
    }
    return vsum(sum);
}

// out = p · V / sum, for H heads and C vectors of channels.
template <int H, int C>
inline void mix_channels(const float* values, int value_stride, int count, const float* p, int stride, const float* sums, float* out, int out_stride) {
    Vec acc[H][C];
#pragma GCC unroll 4
    for (int h = 0; h < H; h++) {
#pragma GCC unroll 2
        for (int c = 0; c < C; c++) {
            acc[h][c] = vzero();
        }
    }
    for (int t = 0; t < count; t++) {
        Vec value[C];
#pragma GCC unroll 2
        for (int c = 0; c < C; c++) {
            value[c] = vload(values + static_cast<size_t>(t) * value_stride + c * Lanes);
        }
#pragma GCC unroll 4
        for (int h = 0; h < H; h++) {
            const Vec weight = vset(p[h * stride + t]);
#pragma GCC unroll 2
            for (int c = 0; c < C; c++) {
                acc[h][c] = vfma(weight, value[c], acc[h][c]);
            }
        }
    }
#pragma GCC unroll 4
    for (int h = 0; h < H; h++) {
#pragma GCC unroll 2
        for (int c = 0; c < C; c++) {
            vstore(out + h * out_stride + c * Lanes, vdiv(acc[h][c], vset(sums[h])));
        }
    }
}

template <int H>
void mix(const Shape& shape, const float* values, int count, const float* p, int stride, const float* sums, float* out) {
    const int head_dim = shape.config.head_dim;
    const int vectors = shape.value_stride / Lanes;
    if (head_dim % Lanes != 0) {
        // A ragged head's last vector spills onto the next head, which is written after it: one head at a time, ascending.
        for (int h = 0; h < H; h++) {
            for (int c = 0; c < vectors; c++) {
                mix_channels<1, 1>(values + c * Lanes, shape.value_stride, count, p + h * stride, stride, sums + h, out + h * head_dim + c * Lanes, 0);
            }
        }
        return;
    }
    int c = 0;
    for (; c + 2 <= vectors; c += 2) {
        mix_channels<H, 2>(values + c * Lanes, shape.value_stride, count, p, stride, sums, out + c * Lanes, head_dim);
    }
    if (c < vectors) {
        mix_channels<H, 1>(values + c * Lanes, shape.value_stride, count, p, stride, sums, out + c * Lanes, head_dim);
    }
}

template <int H>
void attend_heads(const Shape& shape, const float* keys, const float* values, int count, const float* query, float* out, float* scores) {
    const int head_dim = shape.config.head_dim;
    const float scale = 1.0f / std::sqrt(static_cast<float>(head_dim));
    score<H>(keys, head_dim, (count + Lanes - 1) / Lanes, query, scores, shape.context, scale);
    float sums[H];
    for (int h = 0; h < H; h++) {
        sums[h] = exponentiate(scores + static_cast<size_t>(h) * shape.context, count);
    }
    mix<H>(shape, values, count, scores, shape.context, sums, out);
}

}  // namespace

size_t attention_scratch(const Shape& shape) { return static_cast<size_t>(MaximumTogether) * shape.context; }

void rotate(float* heads, int count, int head_dim, int rotary_dim, const float* cosine, const float* sine) {
    const int half = rotary_dim / 2;
    for (int h = 0; h < count; h++) {
        float* low = heads + h * head_dim;
        float* high = low + half;
        for (int j = 0; j < half; j++) {
            const float a = low[j];
            const float b = high[j];
            low[j] = a * cosine[j] - b * sine[j];
            high[j] = b * cosine[j] + a * sine[j];
        }
    }
}

void remember(const Shape& shape, const Cache& cache, int slot, int layer, int position, const float* keys, const float* values) {
    const int head_dim = shape.config.head_dim;
    for (int h = 0; h < shape.config.kv_heads; h++) {
        float* k = cache.keys(slot, layer, h) + static_cast<size_t>(position / Lanes) * head_dim * Lanes + position % Lanes;
        for (int d = 0; d < head_dim; d++) {
            k[d * Lanes] = keys[h * head_dim + d];
        }
        float* v = cache.values(slot, layer, h) + static_cast<size_t>(position) * shape.value_stride;
        std::copy_n(values + h * head_dim, head_dim, v);
    }
}

void attend(const Shape& shape, const Cache& cache, int slot, int layer, int position, const float* query, float* out, float* scratch) {
    const auto& c = shape.config;
    const int group = c.heads / c.kv_heads;
    for (int kv = 0; kv < c.kv_heads; kv++) {
        const float* keys = cache.keys(slot, layer, kv);
        const float* values = cache.values(slot, layer, kv);
        for (int g = 0; g < group;) {
            const int first = (kv * group + g) * c.head_dim;
            if (group - g >= 4) {
                attend_heads<4>(shape, keys, values, position + 1, query + first, out + first, scratch);
                g += 4;
            } else if (group - g >= 2) {
                attend_heads<2>(shape, keys, values, position + 1, query + first, out + first, scratch);
                g += 2;
            } else {
                attend_heads<1>(shape, keys, values, position + 1, query + first, out + first, scratch);
                g += 1;
            }
        }
    }
}

}  // namespace forge::decode
