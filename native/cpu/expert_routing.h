// Routing of tokens to experts: the choice, its weights and their gradients, and the order of (token, choice) slots by
// expert.
#pragma once

#include "vector_math.h"

#include <algorithm>
#include <vector>

namespace forge::cpu {

// Slots (n, j), one per token and chosen expert, sorted by expert and then by token: a counting sort, so the order
// never varies.
struct ExpertSlots {
    struct Tile {
        int expert, first, count; // sorted slots [first, first + count)
    };

    std::vector<int> starts;   // [E + 1] first sorted slot of each expert
    std::vector<int> token;    // [N * k] sorted slot -> token
    std::vector<int> position; // [N * k] slot n * k + j -> its sorted slot
    std::vector<Tile> tiles;

    void sort(const int32_t* choices, int tokens, int experts_per_token, int experts, int tile_rows) {
        const int slots = tokens * experts_per_token;
        starts.assign(experts + 1, 0);
        token.resize(slots);
        position.resize(slots);
        for (int s = 0; s < slots; ++s) ++starts[choices[s] + 1];
        for (int e = 0; e < experts; ++e) starts[e + 1] += starts[e];
        std::vector<int> next(starts.begin(), starts.end() - 1);
        for (int s = 0; s < slots; ++s) {
            position[s] = next[choices[s]]++;
            token[position[s]] = s / experts_per_token;
        }
        tiles.clear();
        for (int e = 0; e < experts; ++e) {
            for (int first = starts[e]; first < starts[e + 1]; first += tile_rows) {
                tiles.push_back({e, first, std::min(tile_rows, starts[e + 1] - first)});
            }
        }
    }

    int count(int expert) const { return starts[expert + 1] - starts[expert]; }
};

// scores = sigmoid(logits), in place.
template <class T> inline void score_experts(T* scores, int experts) {
    for (int e = 0; e < experts; e += Width<T>) {
        const int count = std::min(Width<T>, experts - e);
        store_first(scores + e, sigmoid<T>(load_first(scores + e, count)), count);
    }
}

// Chooses the k experts with the largest score + bias, the lower id among equals; ids ascending, so that sums over them
// have one order.
template <class T> inline void choose_experts(const T* scores, const T* bias, int experts, int k, int32_t* chosen) {
    for (int j = 0; j < k; ++j) {
        T best = 0;
        int winner = -1;
        for (int e = 0; e < experts; ++e) {
            const T rank = bias == nullptr ? scores[e] : scores[e] + bias[e];
            if ((winner < 0 || rank > best) && std::find(chosen, chosen + j, e) == chosen + j) {
                best = rank;
                winner = e;
            }
        }
        chosen[j] = winner;
    }
    std::sort(chosen, chosen + k);
}

// weight[j] = score[j] / sum of the k scores.
template <class T> inline T score_sum(const T* scores, int k) {
    T total = 0;
    for (int j = 0; j < k; ++j) total += scores[j];
    return total;
}

// d_logit[j] = score (1 - score) (d_weight[j] - sum over i of d_weight[i] weight[i]) / sum of scores.
template <class T> inline void routing_backward(const T* scores, const T* d_weights, int k, T* d_logits) {
    const T total = score_sum(scores, k);
    T mean = 0;
    for (int j = 0; j < k; ++j)
        mean += d_weights[j] * (scores[j] / total); // exact for a single expert, whose weight is 1
    for (int j = 0; j < k; ++j) d_logits[j] = scores[j] * (T(1) - scores[j]) * (d_weights[j] - mean) / total;
}

} // namespace forge::cpu
