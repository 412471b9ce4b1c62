// RMSNorm on its own, for the final norm; forward and backward.
#include "row_norm.h"
#include "train_rows.h"

namespace forge::cpu {
namespace {

template <class T> void norm_forward(const ForgeRmsNorm& b) {
    const T *x = static_cast<const T*>(b.x), *weight = static_cast<const T*>(b.weight);
#pragma omp parallel for num_threads(b.threads) schedule(static)
    for (int n = 0; n < b.tokens; ++n) {
        const size_t at = static_cast<size_t>(n) * b.hidden;
        static_cast<T*>(b.rstd)[n] =
            rms_norm(x + at, weight, b.hidden, static_cast<T>(b.epsilon), static_cast<T*>(b.out) + at);
    }
}

template <class T> void norm_backward(const ForgeRmsNorm& b) {
    const T *x = static_cast<const T*>(b.x), *weight = static_cast<const T*>(b.weight),
            *d_out = static_cast<const T*>(b.d_out);
    const int tiles = tiles_of(b.tokens);
    ScratchLease scratch;
    T* partials = scratch.take<T>(static_cast<size_t>(tiles) * b.hidden);
#pragma omp parallel for num_threads(b.threads) schedule(static)
    for (int tile = 0; tile < tiles; ++tile) {
        T* partial = partials + static_cast<size_t>(tile) * b.hidden;
        std::fill(partial, partial + b.hidden, T(0));
        for (int n = tile * RowTile; n < std::min((tile + 1) * RowTile, b.tokens); ++n) {
            const size_t at = static_cast<size_t>(n) * b.hidden;
            rms_norm_backward<T>(d_out + at, x + at, weight, b.hidden, static_cast<const T*>(b.rstd)[n], nullptr,
                                 static_cast<T*>(b.d_x) + at, partial);
        }
    }
    sum_partials(partials, tiles, b.hidden, b.hidden, static_cast<T*>(b.d_weight));
}

} // namespace
} // namespace forge::cpu

FORGE_API int forge_rms_norm_forward(const ForgeRmsNorm* block) {
    return forge::cpu::with_element_type(block,
                                         [block](auto zero) { forge::cpu::norm_forward<decltype(zero)>(*block); });
}

FORGE_API int forge_rms_norm_backward(const ForgeRmsNorm* block) {
    return forge::cpu::with_element_type(block,
                                         [block](auto zero) { forge::cpu::norm_backward<decltype(zero)>(*block); });
}
