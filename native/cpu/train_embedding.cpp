// The embedding table's gradient.
#include "train_rows.h"

namespace forge::cpu {
namespace {

template <class T>
void embedding_backward(int threads, int tokens, int hidden, int vocabulary, const int64_t* ids, const T* d_out,
                        T* d_table) {
    ScratchLease scratch;
    int* first = scratch.take<int>(static_cast<size_t>(vocabulary) +
                                   2); // rows of each id, by counting sort: always added in row order
    int* order = scratch.take<int>(tokens);
    std::fill(first, first + vocabulary + 2, 0);
    for (int n = 0; n < tokens; ++n) {
        if (ids[n] < 0 || ids[n] >= vocabulary) {
            throw std::invalid_argument("Token id " + std::to_string(ids[n]) + " at row " + std::to_string(n) +
                                        " is outside the vocabulary of " + std::to_string(vocabulary) + ".");
        }
        ++first[ids[n] + 2];
    }
    for (int v = 0; v < vocabulary; ++v) first[v + 2] += first[v + 1];
    for (int n = 0; n < tokens; ++n) order[first[ids[n] + 1]++] = n;

#pragma omp parallel for num_threads(threads) schedule(dynamic, 16)
    for (int v = 0; v < vocabulary; ++v) {
        T* to = d_table + static_cast<size_t>(v) * hidden;
        std::fill(to, to + hidden, T(0));
        for (int i = first[v]; i < first[v + 1]; ++i) {
            const T* from = d_out + static_cast<size_t>(order[i]) * hidden;
            for (int d = 0; d < hidden; ++d) to[d] += from[d];
        }
    }
}

} // namespace
} // namespace forge::cpu

FORGE_API int forge_embedding_backward(int element_bytes, int threads, int tokens, int hidden, int vocabulary,
                                       const int64_t* ids, const void* d_out, void* d_table) {
    const struct { int element_bytes; } block{element_bytes};
    return forge::cpu::with_element_type(&block, [&](auto zero) {
        using T = decltype(zero);
        forge::cpu::embedding_backward(threads, tokens, hidden, vocabulary, ids, static_cast<const T*>(d_out),
                                       static_cast<T*>(d_table));
    });
}
