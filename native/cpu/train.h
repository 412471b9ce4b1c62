// C ABI of the fused training kernels. One record per sub-block of the policy serves its forward and its backward call:
// the caller fills the sizes, the pointers of that direction, and keeps `saved` unchanged from the forward to the
// backward call.
//
// Matrices are row-major and dense; weights are [out, in] as checkpoints store them. All real arrays hold
// `element_bytes`-sized numbers: 4 (float) or 8 (double, an exact check of the same code). Results are bitwise the same
// for every `threads`.
//
// Legend: N rows (tokens of all sequences, no padding), D hidden, Q = heads * head_dim, K = kv_heads * head_dim,
// R rotary channels per head, E experts, k experts per token, I expert width, V vocabulary, M scored edges.
#pragma once

#include "forge_native.h"

// out = x + o_proj(attention(rope(norm(q_proj(norm(x)))), rope(norm(k_proj(norm(x)))), v_proj(norm(x)))).
//
// A chunk of a larger forest: its first tree goes on below a path of earlier rows, whose `past` keys (rotated) and
// values are given; its own are handed out for later chunks, and what those found as their gradients is taken back.
struct ForgeAttentionBlock {
    int32_t element_bytes, threads;
    int32_t tokens, hidden, heads, kv_heads, head_dim, rotary_dim, trees;
    int32_t past; // P, from the root on; 0 when the first tree begins here
    double norm_epsilon;
    const int32_t* tree_starts; // [trees + 1] first row of each sequence (or prefix tree), then N
    const int32_t* key_end; // [N] one past the last row that sees this row as a key, or null: the end of its sequence
    const int32_t* past_key_end;                                            // [P] the same in this chunk's rows, or null
    const void *past_k, *past_v;                                            // [P, K]
    const void *cosine, *sine;                                              // [N, R / 2] rotary angles of each row
    const void* x;                                                          // [N, D]
    const void *norm, *q_proj, *k_proj, *v_proj, *q_norm, *k_norm, *o_proj; // [D] [Q, D] [K, D] [K, D] [Q] [K] [D, Q]
    void* saved;                                                            // forge_attention_block_saved_bytes
    void* out;                                                              // [N, D]
    void *k_out, *v_out;                                                    // [N, K] own keys and values, or null
    const void* d_out;                                                      // [N, D]
    const void *d_k_out, *d_v_out;                                          // [N, K] or null
    void *d_past_k, *d_past_v;                                              // [P, K] overwritten
    void *d_x, *d_norm, *d_q_proj, *d_k_proj, *d_v_proj, *d_q_norm, *d_k_norm, *d_o_proj; // overwritten
};

// out = x + sum over the k chosen experts of weight * w2(silu(w1 norm(x)) * w3 norm(x)).
struct ForgeExpertBlock {
    int32_t element_bytes, threads;
    int32_t tokens, hidden, experts, experts_per_token, expert_width;
    double norm_epsilon;
    const void* x;              // [N, D]
    const void *norm, *router;  // [D] [E, D]
    const void* selection_bias; // [E], or null; takes part in the choice only, never in the weights
    // [N, k] recorded choices to replay, or null; a negative entry leaves its whole row to the router.
    const int64_t* forced;
    const void *w1, *w2, *w3;                           // [E, I, D] [E, D, I] [E, I, D]
    void* saved;                                        // forge_expert_block_saved_bytes
    void* out;                                          // [N, D]
    int64_t* choices;                                   // [N, k] chosen experts, ascending
    void* weights;                                      // [N, k] their weights
    void* router_logits;                                // [N, E], or null
    const void* d_out;                                  // [N, D]
    void *d_x, *d_norm, *d_router, *d_w1, *d_w2, *d_w3; // overwritten
};

// log_probs[m] = log softmax(lm_head(x[edge_rows[m]]) / temperature)[targets[m]], and the entropy of that distribution.
struct ForgeLogProbs {
    int32_t element_bytes, threads;
    int32_t tokens, hidden, vocabulary, edges;
    double temperature;
    const int64_t *edge_rows, *targets;  // [M]; null rows mean 0 … M - 1
    const void *x, *lm_head;             // [N, D] [V, D]
    void* saved;                         // forge_log_probs_saved_bytes
    void *log_probs, *entropy;           // [M]
    const void *d_log_probs, *d_entropy; // [M]; d_entropy may be null
    void *d_x, *d_lm_head;               // overwritten
};

// out = x / sqrt(mean(x^2) + epsilon) * weight, row by row.
struct ForgeRmsNorm {
    int32_t element_bytes, threads;
    int32_t tokens, hidden;
    double epsilon;
    const void *x, *weight; // [N, D] [D]
    void *rstd, *out;       // [N] kept for the backward call, [N, D]
    const void* d_out;      // [N, D]
    void *d_x, *d_weight;   // overwritten
};

// One AdamW step over `tensors` parameters: p -= rate * (decay * p + m^ / (sqrt(v^) + epsilon)), gradients scaled
// first. fp32.
struct ForgeAdamW {
    int32_t threads, tensors;
    int64_t step; // counts from 1
    float *const *parameters, *const *first_moments, *const *second_moments;
    const float* const* gradients;
    const int64_t* sizes;
    const double* decays; // [tensors]
    double rate, beta1, beta2, epsilon, gradient_scale;
};

FORGE_API int64_t forge_attention_block_saved_bytes(const ForgeAttentionBlock* block);
FORGE_API int forge_attention_block_forward(const ForgeAttentionBlock* block);
FORGE_API int forge_attention_block_backward(const ForgeAttentionBlock* block);

FORGE_API int64_t forge_expert_block_saved_bytes(const ForgeExpertBlock* block);
FORGE_API int forge_expert_block_forward(const ForgeExpertBlock* block);
FORGE_API int forge_expert_block_backward(const ForgeExpertBlock* block);

FORGE_API int forge_rms_norm_forward(const ForgeRmsNorm* block);
FORGE_API int forge_rms_norm_backward(const ForgeRmsNorm* block);

FORGE_API int64_t forge_log_probs_saved_bytes(const ForgeLogProbs* block);
FORGE_API int forge_log_probs_forward(const ForgeLogProbs* block);
FORGE_API int forge_log_probs_backward(const ForgeLogProbs* block);

// d_table[V, D] = the sum of d_out[n] over the rows n with ids[n] = v. Overwrites d_table.
FORGE_API int forge_embedding_backward(int element_bytes, int threads, int tokens, int hidden, int vocabulary,
                                       const int64_t* ids, const void* d_out, void* d_table);

FORGE_API int forge_adamw_step(const ForgeAdamW* step);
// Gives freed memory that the C library holds back for reuse to the system.
FORGE_API void forge_trim_heap();

// The sum of squares of all elements, added up in double in a fixed order.
FORGE_API double forge_sum_of_squares(int threads, int tensors, const float* const* tensor, const int64_t* sizes);
