// The C ABI of the fused CPU decode engine (fp32, MiniMax-M2). Every function returns 0 on success, or FORGE_ERROR and
// leaves a text for forge_last_error() on the calling thread. One engine is stepped by one thread at a time; weights may be staged
// by another thread meanwhile.
#pragma once

#include <cstdint>

#include "forge_native.h"

struct forge_decoder_config {
    int32_t vocab;
    int32_t hidden;
    int32_t layers;
    int32_t heads;
    int32_t kv_heads;
    int32_t head_dim;
    int32_t rotary_dim;
    int32_t experts;
    int32_t top_k;
    int32_t expert_width;
    int32_t max_context;
    int32_t slots;
    int32_t max_rows;  // most rows of one step
    float eps;
    double rope_theta;
};

/// How one output row is sampled; see forge_sample.
struct forge_sampling {
    double temperature;  // 0 is greedy, ties to the lowest id
    double top_p;
    int32_t top_k;       // 0 keeps all
    uint32_t stream;     // separates the draws of one seed, such as the turn of an episode
    uint64_t seed;
    uint64_t index;      // the token's index within its response
};

struct forge_sample_result {
    int32_t token;
    float policy_log_prob;    // at the temperature, before truncation; at temperature 0 that of temperature 1
    float behavior_log_prob;  // after truncation; what the token was really drawn with
};

/// The rows of one step. Rows of one slot must be adjacent, in ascending positions, and continue what the slot holds.
struct forge_decoder_batch {
    int32_t rows;
    const int32_t* tokens;
    const int32_t* slots;
    const int32_t* positions;
    int32_t outputs;
    const int32_t* output_rows;       // ascending indices of the rows whose next token is wanted
    const forge_sampling* sampling;   // [outputs], or null
    forge_sample_result* samples;     // [outputs], or null
    float* logits;                    // [outputs, vocab], or null
    uint8_t* experts;                 // [outputs, layers, top_k], ascending ids, or null
    int32_t threads;
    int32_t separate;                 // 1: each thread decodes its own sequences and meets the others only at the end, where the rows allow it
};

struct forge_decoder;

FORGE_API int forge_decoder_create(const forge_decoder_config* config, forge_decoder** decoder);
FORGE_API void forge_decoder_destroy(forge_decoder* decoder);

/// Starts a new set of weights; what was staged and not published is forgotten.
FORGE_API int forge_decoder_stage(forge_decoder* decoder);

/// Packs one weight of the staged set. dtype 0: fp32, 1: bf16, 2: fp64; row-major; a vector has one row.
FORGE_API int forge_decoder_set_weight(forge_decoder* decoder, const char* name, const void* data, int dtype, int64_t rows, int64_t columns);

/// Fails, naming one, if a weight of the staged set is missing.
FORGE_API int forge_decoder_check_staged(forge_decoder* decoder);

/// Makes the staged set the one that decodes; call it between two steps.
FORGE_API int forge_decoder_publish(forge_decoder* decoder);

FORGE_API int forge_decoder_step(forge_decoder* decoder, const forge_decoder_batch* batch);

/// Copies the KV of the first `count` positions from one slot to another.
FORGE_API int forge_decoder_copy_slot(forge_decoder* decoder, int from, int to, int count);

/// Samples one token from fp32 logits: temperature, then top-k, then top-p over what is left; the random number depends on (seed, stream, index) only.
FORGE_API int forge_sample(const float* logits, int vocab, const forge_sampling* sampling, forge_sample_result* result);
