// Causal grouped-query attention of one row over its slot.
#pragma once

#include "decoder_model.h"

namespace forge::decode {

/// Floats of scratch that attend needs per thread.
size_t attention_scratch(const Shape& shape);

/// Rotates the first rotary_dim channels of every head, half-split: channel j with j + rotary_dim / 2. `cosine` and `sine` hold rotary_dim / 2 values.
void rotate(float* heads, int count, int head_dim, int rotary_dim, const float* cosine, const float* sine);

/// Writes the K and V heads of one row to position `position` of a slot.
void remember(const Shape& shape, const Cache& cache, int slot, int layer, int position, const float* keys, const float* values);

/// out[heads · head_dim] = softmax(q·K / sqrt(head_dim)) · V over positions 0..position. Writes up to 15 floats past its end.
void attend(const Shape& shape, const Cache& cache, int slot, int layer, int position, const float* query, float* out, float* scratch);

}  // namespace forge::decode
