// One decode step over a mixed batch of decode rows and prefill chunks.
//
//   per layer:   combine experts of the layer before, norm, q k v, rope, K V into the slots      (blocks of rows)
//                attention, output projection, norm, router                                       (the same blocks)
//                ── barrier ──
//                experts: rows grouped by expert, w1 w3 → silu → w2                               (expert × rows tasks)
//                ── barrier ──
//   at the end:  final norm, head                                                                 (ranges of the vocabulary)
//                ── barrier ──   sampling                                                         (rows)
//
// One parallel region per step; the threads of a team take blocks and tasks from counters. Either all threads are one team, which
// reads each weight once, or each is a team of its own with its own sequences, which needs no barriers: better when other
// work holds the cores. In the last layer only the rows whose next token is wanted go past K and V.
#pragma once

#include <memory>
#include <vector>

#include "decoder_model.h"
#include "decoder_parallel.h"
#include "decoder_sampler.h"

namespace forge::decode {

class Engine {
public:
    explicit Engine(const forge_decoder_config& config);

    const Shape& shape() const { return shape_; }
    Weights& staged() { return *sets_[1 - active_]; }
    const Cache& cache() const { return cache_; }
    void publish();

    /// Throws std::invalid_argument when a row is out of range, and std::logic_error before the first publish.
    void step(const forge_decoder_batch& batch);

private:
    static constexpr int TaskRows = 96;  // rows of one expert task

    struct Block {
        int first;   // rows
        int last;
        int wanted_first;  // into output_rows
        int wanted_last;
    };

    /// Threads that work on the same rows, and what they share.
    struct Team {
        Block rows;
        std::vector<Block> blocks;
        bool split_slots;              // a slot's rows fall into more than one block
        std::vector<Counter> counters;
        Barrier barrier;

        /// Where output i's activations stand in the last layer: packed at the beginning of the team's rows.
        int place(int output) const { return rows.first + output - rows.wanted_first; }
    };

    struct Worker {
        std::vector<float> scratch;     // attention scores
        std::vector<float> gathered;    // one expert task's rows
        std::vector<float> inner;       // w1 w3 columns, then their product
        std::vector<float> product;
        std::vector<int> first_pair;    // [experts + 1]
        std::vector<int> pairs;         // (row, choice) pairs sorted by expert
        SamplerScratch sampler;
    };

    void check(const forge_decoder_batch& batch) const;
    std::vector<int> boundaries(const forge_decoder_batch& batch, int teams) const;
    Block take_outputs(const forge_decoder_batch& batch, int first, int last, int wanted) const;
    void divide(const forge_decoder_batch& batch, Team& team, int threads) const;
    void prepare(int outputs, int threads);
    void run(const forge_decoder_batch& batch, Team& team, Worker& worker, int threads);
    void project(const forge_decoder_batch& batch, int layer, const Block& block);
    void mix(const forge_decoder_batch& batch, int layer, const Team& team, const Block& block, Worker& worker);
    void route(const forge_decoder_batch& batch, int layer, int place, int output);
    void group(int first, int last, Worker& worker) const;
    void run_experts(int layer, Worker& worker, Counter& counter);
    void combine(float* hidden, int index) const;
    void run_head(const forge_decoder_batch& batch, Team& team, Worker& worker, int threads);
    void normalize(const float* x, const float* weight, int width, float* out) const;

    Shape shape_;
    std::unique_ptr<Weights> sets_[2];
    int active_ = 0;
    bool published_ = false;
    double work_per_row_ = 0;
    Cache cache_;
    std::vector<float> cosine_;
    std::vector<float> sine_;
    std::vector<float> hidden_;      // [rows, hidden_stride] residual stream
    std::vector<float> normalized_;  // [rows, hidden_stride]
    std::vector<float> qkv_;         // [rows, qkv_stride]
    std::vector<float> attended_;    // [rows, attention_stride]
    std::vector<float> projected_;   // [rows, hidden_stride]
    std::vector<float> scores_;      // [rows, gate_stride] router logits
    std::vector<float> weights_;     // [rows, top_k]
    std::vector<int> chosen_;        // [rows, top_k]
    std::vector<float> expert_out_;  // [rows, top_k, hidden_stride]
    std::vector<float> head_in_;     // [outputs, hidden_stride]
    std::vector<float> logits_;      // [outputs, vocab_stride]
    std::vector<int> output_of_row_;
    std::vector<std::unique_ptr<Team>> teams_;
    std::vector<Worker> workers_;
};

}  // namespace forge::decode
