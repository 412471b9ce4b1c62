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

Engine::Block Engine::take_outputs(const forge_decoder_batch& b, int first, int last, int wanted) const {
    Block block{first, last, wanted, wanted};
    while (block.wanted_last < b.outputs && b.output_rows[block.wanted_last] < last) {
        block.wanted_last++;
    }
    return block;
}

// The rows at which teams begin, each at a slot's first row and near its fair share; just {0, rows} if no such cut is fair.
std::vector<int> Engine::boundaries(const forge_decoder_batch& b, int teams) const {
    std::vector<int> cuts{0};
    const int share = (b.rows + teams - 1) / teams;
    for (int team = 1; team < teams; team++) {
        const int ideal = static_cast<int>(static_cast<int64_t>(b.rows) * team / teams);
        int cut = ideal;
        while (cut < b.rows && cut > cuts.back() && b.slots[cut] == b.slots[cut - 1]) {
            cut = cut >= ideal ? 2 * ideal - cut - 1 : 2 * ideal - cut;  // ideal, -1, +1, -2, +2, …
        }
        if (cut <= cuts.back() || cut >= b.rows) {
            return {0, b.rows};
        }
        cuts.push_back(cut);
    }
    cuts.push_back(b.rows);
    for (size_t i = 1; i < cuts.size(); i++) {
        if (cuts[i] - cuts[i - 1] > share + share / 4 + 1) {
            return {0, b.rows};
        }
    }
    return cuts;
}

// Blocks end where a slot's rows end if that keeps them near the wanted size; else the step gets a barrier between
// writing K and V and attending to them.
void Engine::divide(const forge_decoder_batch& b, Team& team, int threads) const {
    const int rows = team.rows.last - team.rows.first;
    const int size = std::clamp((rows + threads - 1) / threads, 1, BlockRows);
    team.blocks.clear();
    team.split_slots = false;
    int wanted = team.rows.wanted_first;
    for (int first = team.rows.first; first < team.rows.last;) {
        int last = std::min(first + size, team.rows.last);
        int whole = last;
        while (whole > first && whole < team.rows.last && b.slots[whole] == b.slots[whole - 1]) {
            whole--;
        }
        if (whole > first) {
            last = whole;
        } else {
            team.split_slots = true;
        }
        team.blocks.push_back(take_outputs(b, first, last, wanted));
        wanted = team.blocks.back().wanted_last;
        first = last;
    }
    for (Counter& counter : team.counters) {
        counter.next.store(0, std::memory_order_relaxed);
    }
}

void Engine::prepare(int outputs, int threads) {
    const auto& c = shape_.config;
    head_in_.resize(std::max(head_in_.size(), static_cast<size_t>(outputs) * shape_.hidden_stride));
    logits_.resize(std::max(logits_.size(), static_cast<size_t>(outputs) * shape_.vocab_stride));
    while (static_cast<int>(workers_.size()) < threads) {
        Worker worker;
        worker.scratch.resize(attention_scratch(shape_));
        worker.gathered.resize(static_cast<size_t>(TaskRows) * shape_.hidden_stride);
        worker.inner.resize(static_cast<size_t>(TaskRows) * 2 * shape_.width_stride);
        worker.product.resize(static_cast<size_t>(TaskRows) * shape_.width_stride);
        worker.first_pair.resize(c.experts + 1);
        worker.pairs.resize(static_cast<size_t>(c.max_rows) * c.top_k);
        workers_.push_back(std::move(worker));
        teams_.push_back(std::make_unique<Team>());
        teams_.back()->counters = std::vector<Counter>((c.layers + 1) * CountersPerLayer);
    }
}

void Engine::step(const forge_decoder_batch& batch) {
    check(batch);
    const int threads = batch.rows * work_per_row_ < ParallelWork ? 1 : batch.threads;
    prepare(batch.outputs, threads);
    std::fill_n(output_of_row_.begin(), batch.rows, -1);
    for (int i = 0; i < batch.outputs; i++) {
        output_of_row_[batch.output_rows[i]] = i;
    }
    const std::vector<int> cuts = boundaries(batch, batch.separate != 0 ? threads : 1);
    const int teams = static_cast<int>(cuts.size()) - 1;
    for (int t = 0, wanted = 0; t < teams; t++) {
        teams_[t]->rows = take_outputs(batch, cuts[t], cuts[t + 1], wanted);
        wanted = teams_[t]->rows.wanted_last;
        divide(batch, *teams_[t], teams == 1 ? threads : 1);
    }
    if (threads == 1) {
        run(batch, *teams_[0], workers_[0], 1);
        return;
    }
#pragma omp parallel num_threads(threads)
    {
        const int thread = omp_get_thread_num();
        const int present = omp_get_num_threads();
        if (teams == 1) {
            run(batch, *teams_[0], workers_[thread], present);
        } else {
            for (int t = thread; t < teams; t += present) {
                run(batch, *teams_[t], workers_[thread], 1);
            }
        }
    }
}

void Engine::run(const forge_decoder_batch& b, Team& team, Worker& worker, int threads) {
    const int layers = shape_.config.layers;
    const int blocks = static_cast<int>(team.blocks.size());
    for (int l = 0; l < layers; l++) {
        Counter* counters = &team.counters[l * CountersPerLayer];
        for (int i; (i = counters[0].take()) < blocks;) {
            project(b, l, team.blocks[i]);
            if (!team.split_slots) {
                mix(b, l, team, team.blocks[i], worker);
            }
        }
        if (team.split_slots) {
            team.barrier.wait(threads);
            for (int i; (i = counters[1].take()) < blocks;) {
                mix(b, l, team, team.blocks[i], worker);
            }
        }
        const bool last = l + 1 == layers;
        const int places = last ? team.rows.wanted_last - team.rows.wanted_first : team.rows.last - team.rows.first;
        if (places == 0) {
            return;
        }
        team.barrier.wait(threads);
        group(team.rows.first, team.rows.first + places, worker);
        run_experts(l, worker, counters[2]);
        team.barrier.wait(threads);
    }
    run_head(b, team, worker, threads);
}

// Final norm and head of the team's outputs, then their samples.
void Engine::run_head(const forge_decoder_batch& b, Team& team, Worker& worker, int threads) {
    const Weights& w = *sets_[active_];
    const size_t stride = shape_.hidden_stride;
    const int first = team.rows.wanted_first;
    const int count = team.rows.wanted_last - first;
    Counter* counters = &team.counters[shape_.config.layers * CountersPerLayer];
    for (int i; (i = counters[0].take()) < count;) {
        float* x = hidden_.data() + b.output_rows[first + i] * stride;
        combine(x, team.place(first + i));
        normalize(x, w.final_norm, shape_.config.hidden, head_in_.data() + (first + i) * stride);
    }
    team.barrier.wait(threads);
    const int panels = w.head.panels();
    const int tasks = std::min(panels, threads);
    for (int t; (t = counters[1].take()) < tasks;) {
        gemm(w.head, panels * t / tasks, panels * (t + 1) / tasks, head_in_.data() + first * stride, shape_.hidden_stride, count,
             logits_.data() + static_cast<size_t>(first) * shape_.vocab_stride, shape_.vocab_stride);
    }
    team.barrier.wait(threads);
    for (int i; (i = counters[2].take()) < count;) {
        const int output = first + i;
        const float* logits = logits_.data() + static_cast<size_t>(output) * shape_.vocab_stride;
        if (b.logits != nullptr) {
            std::copy_n(logits, shape_.config.vocab, b.logits + static_cast<size_t>(output) * shape_.config.vocab);
        }
        if (b.samples != nullptr) {
            b.samples[output] = sample(logits, shape_.config.vocab, b.sampling[output], worker.sampler);
        }
    }
}

}  // namespace forge::decode
