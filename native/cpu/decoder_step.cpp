#include "decoder_step.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include <omp.h>

#include "decoder_attention.h"

namespace forge::decode {

namespace {

constexpr int BlockRows = 48;       // rows of one block: activations stay in the second-level cache
constexpr int CountersPerLayer = 3;
constexpr double ParallelWork = 1.5e6;  // multiply-adds below which waking a second thread costs more than it saves

}  // namespace

Engine::Engine(const forge_decoder_config& config) : shape_(config), cache_(shape_) {
    sets_[0] = std::make_unique<Weights>(shape_);
    sets_[1] = std::make_unique<Weights>(shape_);
    const size_t rows = config.max_rows;
    hidden_.resize(rows * shape_.hidden_stride);
    normalized_.resize(rows * shape_.hidden_stride);
    qkv_.resize(rows * shape_.qkv_stride);
    attended_.resize(rows * shape_.attention_stride);
    projected_.resize(rows * shape_.hidden_stride);
    scores_.resize(rows * shape_.gate_stride);
    weights_.resize(rows * config.top_k);
    chosen_.resize(rows * config.top_k);
    expert_out_.resize(rows * config.top_k * shape_.hidden_stride);
    output_of_row_.resize(rows);
    work_per_row_ = static_cast<double>(config.hidden) * (static_cast<double>(config.layers) * (shape_.qkv_width + shape_.query_width + config.experts +
                    3.0 * config.top_k * config.expert_width) + config.vocab);
    counters_ = std::vector<Counter>((config.layers + 1) * CountersPerLayer);

    // Angles in double precision, rounded once as cosines and sines: the trainer's model does the same.
    const int half = config.rotary_dim / 2;
    cosine_.resize(static_cast<size_t>(shape_.context) * half);
    sine_.resize(cosine_.size());
    for (int j = 0; j < half; j++) {
        const double frequency = std::pow(config.rope_theta, -2.0 * j / config.rotary_dim);
        for (int p = 0; p < shape_.context; p++) {
            cosine_[static_cast<size_t>(p) * half + j] = static_cast<float>(std::cos(p * frequency));
            sine_[static_cast<size_t>(p) * half + j] = static_cast<float>(std::sin(p * frequency));
        }
    }
}

void Engine::publish() {
    const std::string missing = staged().missing();
    if (!missing.empty()) {
        throw std::logic_error("weight '" + missing + "' is missing from the staged set");
    }
    active_ = 1 - active_;
    published_ = true;
    staged().forget();
}

void Engine::check(const forge_decoder_batch& b) const {
    const auto& c = shape_.config;
    if (!published_) {
        throw std::logic_error("no weights were published yet");
    }
    if (b.rows < 1 || b.rows > c.max_rows || b.outputs < 0 || b.outputs > b.rows || b.threads < 1) {
        throw std::invalid_argument("a step has " + std::to_string(b.rows) + " rows and " + std::to_string(b.outputs) + " outputs on " +
                                    std::to_string(b.threads) + " threads; the engine takes 1 to " + std::to_string(c.max_rows) + " rows");
    }
    for (int r = 0; r < b.rows; r++) {
        if (b.tokens[r] < 0 || b.tokens[r] >= c.vocab || b.slots[r] < 0 || b.slots[r] >= c.slots || b.positions[r] < 0 || b.positions[r] >= c.max_context) {
            throw std::invalid_argument("row " + std::to_string(r) + " has token " + std::to_string(b.tokens[r]) + ", slot " + std::to_string(b.slots[r]) +
                                        ", position " + std::to_string(b.positions[r]) + "; one is out of range");
        }
    }
    for (int i = 0; i < b.outputs; i++) {
        if (b.output_rows[i] < (i > 0 ? b.output_rows[i - 1] + 1 : 0) || b.output_rows[i] >= b.rows) {
            throw std::invalid_argument("output rows are not ascending row indices");
        }
    }
}

// Blocks end where a slot's rows end if that keeps them near the wanted size; else the step gets a barrier between
// writing K and V and attending to them.
void Engine::divide(const forge_decoder_batch& b, int threads) {
    const int size = std::clamp((b.rows + threads - 1) / threads, 1, BlockRows);
    blocks_.clear();
    split_slots_ = false;
    std::fill_n(output_of_row_.begin(), b.rows, -1);
    for (int i = 0; i < b.outputs; i++) {
        output_of_row_[b.output_rows[i]] = i;
    }
    int wanted = 0;
    for (int first = 0; first < b.rows;) {
        int last = std::min(first + size, b.rows);
        int whole = last;
        while (whole > first && whole < b.rows && b.slots[whole] == b.slots[whole - 1]) {
            whole--;
        }
        if (whole > first) {
            last = whole;
        } else {
            split_slots_ = true;
        }
        Block block{first, last, wanted, wanted};
        while (block.wanted_last < b.outputs && b.output_rows[block.wanted_last] < last) {
            block.wanted_last++;
        }
        wanted = block.wanted_last;
        blocks_.push_back(block);
        first = last;
    }
}

void Engine::prepare(int outputs, int threads) {
    head_in_.resize(std::max(head_in_.size(), static_cast<size_t>(outputs) * shape_.hidden_stride));
    logits_.resize(std::max(logits_.size(), static_cast<size_t>(outputs) * shape_.vocab_stride));
    while (static_cast<int>(workers_.size()) < threads) {
        const auto& c = shape_.config;
        Worker worker;
        worker.scratch.resize(attention_scratch(shape_));
        worker.gathered.resize(static_cast<size_t>(Engine::TaskRows) * shape_.hidden_stride);
        worker.inner.resize(static_cast<size_t>(Engine::TaskRows) * 2 * shape_.width_stride);
        worker.product.resize(static_cast<size_t>(Engine::TaskRows) * shape_.width_stride);
        worker.first_pair.resize(c.experts + 1);
        worker.pairs.resize(static_cast<size_t>(c.max_rows) * c.top_k);
        workers_.push_back(std::move(worker));
    }
    for (Counter& counter : counters_) {
        counter.next.store(0, std::memory_order_relaxed);
    }
}

void Engine::step(const forge_decoder_batch& batch) {
    check(batch);
    const int threads = batch.rows * work_per_row_ < ParallelWork ? 1 : batch.threads;
    divide(batch, threads);
    prepare(batch.outputs, threads);
    if (threads == 1) {
        run(batch, workers_[0], 1);
        return;
    }
#pragma omp parallel num_threads(threads)
    run(batch, workers_[omp_get_thread_num()], omp_get_num_threads());
}

void Engine::run(const forge_decoder_batch& b, Worker& worker, int threads) {
    const int layers = shape_.config.layers;
    const int blocks = static_cast<int>(blocks_.size());
    for (int l = 0; l < layers; l++) {
        Counter* counters = &counters_[l * CountersPerLayer];
        const bool last = l + 1 == layers;
        const auto attend_block = [&](const Block& block) {
            mix(b, l, last ? block.wanted_first : block.first, last ? block.wanted_last : block.last, last, worker);
        };
        for (int i; (i = counters[0].take()) < blocks;) {
            project(b, l, blocks_[i]);
            if (!split_slots_) {
                attend_block(blocks_[i]);
            }
        }
        if (split_slots_) {
            barrier_.wait(threads);
            for (int i; (i = counters[1].take()) < blocks;) {
                attend_block(blocks_[i]);
            }
        }
        if (last && b.outputs == 0) {
            return;
        }
        barrier_.wait(threads);
        group(last ? b.outputs : b.rows, worker);
        run_experts(l, worker, counters[2]);
        barrier_.wait(threads);
    }
    Counter* counters = &counters_[layers * CountersPerLayer];
    run_head(b, threads, counters);
    for (int i; (i = counters[2].take()) < b.outputs;) {
        const float* logits = logits_.data() + static_cast<size_t>(i) * shape_.vocab_stride;
        if (b.logits != nullptr) {
            std::copy_n(logits, shape_.config.vocab, b.logits + static_cast<size_t>(i) * shape_.config.vocab);
        }
        if (b.samples != nullptr) {
            b.samples[i] = sample(logits, shape_.config.vocab, b.sampling[i], worker.sampler);
        }
    }
}

void Engine::run_head(const forge_decoder_batch& b, int threads, Counter* counters) {
    const Weights& w = *sets_[active_];
    const size_t stride = shape_.hidden_stride;
    for (int i; (i = counters[0].take()) < b.outputs;) {
        float* x = hidden_.data() + b.output_rows[i] * stride;
        combine(x, i);
        normalize(x, w.final_norm, shape_.config.hidden, head_in_.data() + i * stride);
    }
    barrier_.wait(threads);
    const int panels = w.head.panels();
    const int tasks = std::min(panels, threads);
    for (int t; (t = counters[1].take()) < tasks;) {
        gemm(w.head, static_cast<int>(static_cast<int64_t>(panels) * t / tasks), static_cast<int>(static_cast<int64_t>(panels) * (t + 1) / tasks),
             head_in_.data(), shape_.hidden_stride, b.outputs, logits_.data(), shape_.vocab_stride);
    }
    barrier_.wait(threads);
}

}  // namespace forge::decode
