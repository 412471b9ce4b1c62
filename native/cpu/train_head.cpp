// LM head and the log-probabilities of chosen targets, without ever holding all rows' logits; forward and backward.
#include "train_rows.h"

#include <limits>

#include <omp.h>

namespace forge::cpu {
namespace {

constexpr size_t ChunkElements = size_t{1} << 21; // logits that the backward pass holds at a time
constexpr size_t TileElements = size_t{1} << 20;  // logits that a thread of the forward pass holds at a time

template <class T> struct LogProbCall {
    const ForgeLogProbs& block;
    int tokens, hidden, vocabulary, edges, tile_rows;
    T sharpness;
    const T *x, *lm_head;
    // saved, per edge
    T *log_sum_exp, *entropy;

    explicit LogProbCall(const ForgeLogProbs& b)
        : block(b), tokens(b.tokens), hidden(b.hidden), vocabulary(b.vocabulary), edges(b.edges),
          tile_rows(static_cast<size_t>(RowTile) * vocabulary <= TileElements ? RowTile : TileRows),
          sharpness(static_cast<T>(1 / b.temperature)), x(static_cast<const T*>(b.x)),
          lm_head(static_cast<const T*>(b.lm_head)), log_sum_exp(static_cast<T*>(b.saved)),
          entropy(log_sum_exp + edges) {}

    void forward() const;
    void backward() const;

private:
    int row_of(int edge) const { return block.edge_rows == nullptr ? edge : static_cast<int>(block.edge_rows[edge]); }
    // logits[count, V] of the edges from `first` on.
    void project(int first, int count, const T* packed, T* logits) const {
        multiply_gathered<T, Write::Replace>(
            count, hidden, vocabulary, [=](int r) { return x + static_cast<size_t>(row_of(first + r)) * hidden; },
            packed, [=](int r) { return logits + static_cast<size_t>(r) * vocabulary; });
    }
    void score(int edge, T* logits) const;
    void differentiate(int edge, T* logits) const;
    void sum_edges(int n, const int* first_edge, const int* edge_order, const T* d_edges) const;
};

// With z = logits / temperature: log-sum-exp of z, the target's log-probability, and the entropy lse - sum(p z).
template <class T> void LogProbCall<T>::score(int edge, T* logits) const {
    constexpr int W = Width<T>;
    Vec<T> most = splat(-std::numeric_limits<T>::infinity());
    int v = 0;
    for (; v + W <= vocabulary; v += W) most = maximum(most, load(logits + v));
    T highest = largest(most);
    for (; v < vocabulary; ++v) highest = std::max(highest, logits[v]);
    Vec<T> total{}, weighted{};
    for (v = 0; v < vocabulary; v += W) {
        const int count = std::min(W, vocabulary - v);
        const Vec<T> z = (load_first(logits + v, count) - highest) * sharpness;
        Vec<T> e = exponential(z);
        if (count < W) {
            for (int lane = count; lane < W; ++lane) e[lane] = 0;
        }
        total += e;
        weighted = fma(e, z, weighted);
    }
    const T mass = sum(total), log_mass = std::log(mass);
    log_sum_exp[edge] = highest * sharpness + log_mass;
    entropy[edge] = log_mass - sum(weighted) / mass;
    static_cast<T*>(block.log_probs)[edge] = (logits[block.targets[edge]] - highest) * sharpness - log_mass;
    static_cast<T*>(block.entropy)[edge] = entropy[edge];
}

template <class T> void LogProbCall<T>::forward() const {
    ScratchLease scratch;
    T* packed = scratch.take<T>(packed_size<T>(hidden, vocabulary));
    const size_t own_size = static_cast<size_t>(tile_rows) * vocabulary + 16;
    T* own = scratch.take<T>(own_size * block.threads);

#pragma omp parallel num_threads(block.threads)
    {
        T* logits = own + own_size * omp_get_thread_num();
        pack_weight_transposed(lm_head, hidden, vocabulary, packed);
#pragma omp for schedule(dynamic)
        for (int first = 0; first < edges; first += tile_rows) {
            const int rows = std::min(tile_rows, edges - first);
            project(first, rows, packed, logits);
            for (int r = 0; r < rows; ++r) score(first + r, logits + static_cast<size_t>(r) * vocabulary);
        }
    }
}

// In place: logits to their gradient, (d_log_prob (1[v = target] - p) - d_entropy p (log p + entropy)) / temperature.
template <class T> void LogProbCall<T>::differentiate(int edge, T* logits) const {
    const T g = static_cast<const T*>(block.d_log_probs)[edge];
    const T h = block.d_entropy == nullptr ? T(0) : static_cast<const T*>(block.d_entropy)[edge];
    const T lse = log_sum_exp[edge];
    const T constant = g + h * entropy[edge];
    for (int v = 0; v < vocabulary; v += Width<T>) {
        const int count = std::min(Width<T>, vocabulary - v);
        const Vec<T> log_p = load_first(logits + v, count) * sharpness - lse;
        store_first(logits + v, exponential(log_p) * fma(splat(-h), log_p, splat(-constant)) * sharpness, count);
    }
    logits[block.targets[edge]] += g * sharpness;
}

// d_x of one row: the sum over its edges, in edge order.
template <class T>
void LogProbCall<T>::sum_edges(int n, const int* first_edge, const int* edge_order, const T* d_edges) const {
    T* d_x = static_cast<T*>(block.d_x) + static_cast<size_t>(n) * hidden;
    std::fill(d_x, d_x + hidden, T(0));
    for (int i = first_edge[n]; i < first_edge[n + 1]; ++i) {
        const T* from = d_edges + static_cast<size_t>(edge_order[i]) * hidden;
        for (int d = 0; d < hidden; ++d) d_x[d] += from[d];
    }
}

template <class T> void LogProbCall<T>::backward() const {
    const int chunk =
        std::min(edges, std::max(tile_rows, static_cast<int>(ChunkElements / vocabulary) / tile_rows * tile_rows));
    ScratchLease scratch;
    T* packed_forward = scratch.take<T>(packed_size<T>(hidden, vocabulary));
    T* packed_backward = scratch.take<T>(packed_size<T>(vocabulary, hidden));
    T* d_logits = scratch.take<T>(static_cast<size_t>(chunk) * vocabulary);
    T* panels = scratch.take<T>(packed_size<T>(chunk, hidden));
    T* d_edges = scratch.take<T>(static_cast<size_t>(edges) * hidden);
    int* first_edge = scratch.take<int>(tokens + 2);
    int* edge_order = scratch.take<int>(edges);
    std::fill(first_edge, first_edge + tokens + 2, 0);
    for (int m = 0; m < edges; ++m) ++first_edge[row_of(m) + 2];
    for (int n = 0; n < tokens; ++n) first_edge[n + 2] += first_edge[n + 1];
    for (int m = 0; m < edges; ++m) edge_order[first_edge[row_of(m) + 1]++] = m;
    T* d_lm_head = static_cast<T*>(block.d_lm_head);
    std::fill(d_lm_head, d_lm_head + static_cast<size_t>(vocabulary) * hidden, T(0));

#pragma omp parallel num_threads(block.threads)
    {
        pack_weight_transposed(lm_head, hidden, vocabulary, packed_forward);
        pack_weight(lm_head, vocabulary, hidden, packed_backward);
        for (int start = 0; start < edges; start += chunk) {
            const int depth = std::min(chunk, edges - start);
#pragma omp for schedule(dynamic)
            for (int first = 0; first < depth; first += tile_rows) {
                const int rows = std::min(tile_rows, depth - first);
                T* logits = d_logits + static_cast<size_t>(first) * vocabulary;
                project(start + first, rows, packed_forward, logits);
                for (int r = 0; r < rows; ++r) {
                    differentiate(start + first + r, logits + static_cast<size_t>(r) * vocabulary);
                    pack_rows(x + static_cast<size_t>(row_of(start + first + r)) * hidden, hidden, first + r,
                              first + r + 1, depth, hidden, panels);
                }
                multiply(rows, vocabulary, hidden, logits, vocabulary, packed_backward,
                         d_edges + static_cast<size_t>(start + first) * hidden, hidden);
            }
            weight_gradient<T, Write::Add>(depth, vocabulary, hidden, d_logits, vocabulary, panels, d_lm_head);
        }
#pragma omp for schedule(static)
        for (int n = 0; n < tokens; ++n) sum_edges(n, first_edge, edge_order, d_edges);
    }
}

void check(const ForgeLogProbs& b) {
    if (!(b.temperature > 0))
        throw std::invalid_argument("temperature is " + std::to_string(b.temperature) + "; it must be above 0.");
    for (int m = 0; m < b.edges; ++m) {
        const int64_t row = b.edge_rows == nullptr ? m : b.edge_rows[m];
        if (row < 0 || row >= b.tokens || b.targets[m] < 0 || b.targets[m] >= b.vocabulary) {
            throw std::invalid_argument("Edge " + std::to_string(m) + " scores token " + std::to_string(b.targets[m]) +
                                        " at row " + std::to_string(row) + "; there are " + std::to_string(b.tokens) +
                                        " rows and a vocabulary of " + std::to_string(b.vocabulary) + ".");
        }
    }
}

} // namespace
} // namespace forge::cpu

FORGE_API int64_t forge_log_probs_saved_bytes(const ForgeLogProbs* block) {
    return int64_t{2} * block->edges * block->element_bytes;
}

FORGE_API int forge_log_probs_forward(const ForgeLogProbs* block) {
    return forge::cpu::with_element_type(block, [block](auto zero) {
        forge::cpu::check(*block);
        forge::cpu::LogProbCall<decltype(zero)>(*block).forward();
    });
}

FORGE_API int forge_log_probs_backward(const ForgeLogProbs* block) {
    return forge::cpu::with_element_type(
        block, [block](auto zero) { forge::cpu::LogProbCall<decltype(zero)>(*block).backward(); });
}
