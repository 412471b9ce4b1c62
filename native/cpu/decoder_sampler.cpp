#include "decoder_sampler.h"

#include <algorithm>
#include <cmath>

#include "decoder_vec.h"

namespace forge::decode {

namespace {

int lowest_maximum(const float* values, int count) {
    return static_cast<int>(std::max_element(values, values + count) - values);
}

// scaled[i] = exp((logits[i] - max) / temperature), zero-padded to whole vectors; partial[b] = the sum of 16 of them. Returns the whole sum.
double exponentials(const float* logits, int vocab, double temperature, float maximum, SamplerScratch& s) {
    const int blocks = (vocab + Lanes - 1) / Lanes;
    s.scaled.resize(static_cast<size_t>(blocks) * Lanes);
    s.partial.resize(blocks);
    const Vec top = vset(maximum);
    const Vec divisor = vset(static_cast<float>(temperature));
    double sum = 0;
    for (int b = 0; b < blocks; b++) {
        const int left = std::min(Lanes, vocab - b * Lanes);
        Vec x;
        if (left == Lanes) {
            x = vload(logits + b * Lanes);
        } else {
            float padded[Lanes] = {};
            std::copy_n(logits + b * Lanes, left, padded);
            x = vfirst(vload(padded), left, vset(-INFINITY));
        }
        const Vec e = vfirst(vexp(vdiv(vsub(x, top), divisor)), left, vzero());
        vstore(s.scaled.data() + b * Lanes, e);
        s.partial[b] = vsumd(e);
        sum += s.partial[b];
    }
    return sum;
}

// The token at which the running sum, in id order, passes `target`; never one of weight zero.
int invert(const SamplerScratch& s, double target, int best) {
    const int blocks = static_cast<int>(s.partial.size());
    double before = 0;
    int last_possible = best;
    for (int b = 0; b < blocks; b++) {
        if (before + s.partial[b] > target || b + 1 == blocks) {
            double running = before;
            for (int i = b * Lanes; i < (b + 1) * Lanes; i++) {
                running += s.scaled[i];
                if (s.scaled[i] > 0) {
                    last_possible = i;
                    if (running > target) {
                        return i;
                    }
                }
            }
        }
        before += s.partial[b];
    }
    return last_possible;
}

// Leaves in `order` the kept tokens, most likely first (ties: lower id first), and returns the sum of their weights.
double truncate(const float* logits, int vocab, const forge_sampling& sampling, double total, SamplerScratch& s) {
    std::vector<int32_t>& heap = s.order;
    heap.resize(vocab);
    for (int i = 0; i < vocab; i++) {
        heap[i] = i;
    }
    // A heap yields the most likely tokens in order and orders no more of them than are kept.
    const auto less_likely = [&](int32_t a, int32_t b) { return logits[a] < logits[b] || (logits[a] == logits[b] && a > b); };
    const bool limited = sampling.top_k > 0;
    const int limit = limited ? std::min(sampling.top_k, vocab) : vocab;
    std::make_heap(heap.begin(), heap.end(), less_likely);
    double kept = 0;
    int count = 0;
    while (count < limit && (limited || count == 0 || kept < sampling.top_p * total)) {
        std::pop_heap(heap.begin(), heap.end() - count, less_likely);
        count++;
        kept += s.scaled[heap[vocab - count]];
    }
    std::reverse(heap.begin(), heap.end());
    heap.resize(count);
    if (!limited || sampling.top_p >= 1) {
        return kept;
    }
    double nucleus = 0;
    size_t length = 0;
    while (length < heap.size() && (length == 0 || nucleus < sampling.top_p * kept)) {
        nucleus += s.scaled[heap[length++]];
    }
    heap.resize(length);
    return nucleus;
}

}  // namespace

double uniform(uint64_t seed, uint32_t stream, uint64_t index) {
    uint32_t c[4] = {static_cast<uint32_t>(index), static_cast<uint32_t>(index >> 32), stream, 0x466f7267};
    uint32_t k0 = static_cast<uint32_t>(seed);
    uint32_t k1 = static_cast<uint32_t>(seed >> 32);
    for (int round = 0; round < 10; round++) {
        const uint64_t a = 0xD2511F53ull * c[0];
        const uint64_t b = 0xCD9E8D57ull * c[2];
        const uint32_t next[4] = {static_cast<uint32_t>(b >> 32) ^ c[1] ^ k0, static_cast<uint32_t>(b), static_cast<uint32_t>(a >> 32) ^ c[3] ^ k1, static_cast<uint32_t>(a)};
        std::copy_n(next, 4, c);
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    const uint64_t bits = (static_cast<uint64_t>(c[0]) << 32 | c[1]) >> 11;
    return static_cast<double>(bits) * 0x1.0p-53;
}

forge_sample_result sample(const float* logits, int vocab, const forge_sampling& sampling, SamplerScratch& s) {
    const int best = lowest_maximum(logits, vocab);
    const bool greedy = sampling.temperature == 0;
    const double temperature = greedy ? 1.0 : sampling.temperature;
    const double sum = exponentials(logits, vocab, temperature, logits[best], s);
    const auto log_probability = [&](int token, double total) {
        return static_cast<float>((static_cast<double>(logits[token]) - logits[best]) / temperature - std::log(total));
    };
    if (greedy) {
        return {best, log_probability(best, sum), 0.0f};
    }
    const double u = uniform(sampling.seed, sampling.stream, sampling.index);
    if (sampling.top_p >= 1 && (sampling.top_k <= 0 || sampling.top_k >= vocab)) {
        const int token = invert(s, u * sum, best);
        const float log_prob = log_probability(token, sum);
        return {token, log_prob, log_prob};
    }
    const double kept = truncate(logits, vocab, sampling, sum, s);
    double running = 0;
    int token = s.order.back();
    for (int32_t candidate : s.order) {
        running += s.scaled[candidate];
        if (running > u * kept) {
            token = candidate;
            break;
        }
    }
    return {token, log_probability(token, sum), log_probability(token, kept)};
}

}  // namespace forge::decode
