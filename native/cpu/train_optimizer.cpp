// AdamW and the gradient norm over a list of fp32 parameters, in chunks that all threads share.
#include "train.h"
#include "vector_math.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace forge::cpu {
namespace {

constexpr int64_t ChunkSize = 1 << 14;

struct Chunk {
    int tensor;
    int64_t first, count;
};

std::vector<Chunk> chunks_of(int tensors, const int64_t* sizes) {
    std::vector<Chunk> chunks;
    for (int tensor = 0; tensor < tensors; ++tensor) {
        for (int64_t first = 0; first < sizes[tensor]; first += ChunkSize) {
            chunks.push_back({tensor, first, std::min(ChunkSize, sizes[tensor] - first)});
        }
    }
    return chunks;
}

// m and v are bias-corrected by folding 1 / (1 - beta^step) into the rate and the denominator.
void adamw(const ForgeAdamW& s, const Chunk& chunk) {
    float* p = s.parameters[chunk.tensor] + chunk.first;
    float* m = s.first_moments[chunk.tensor] + chunk.first;
    float* v = s.second_moments[chunk.tensor] + chunk.first;
    const float* g = s.gradients[chunk.tensor] + chunk.first;
    const double step = static_cast<double>(s.step);
    const float rate = static_cast<float>(s.rate / (1 - std::pow(s.beta1, step)));
    const float root = static_cast<float>(1 / std::sqrt(1 - std::pow(s.beta2, step)));
    const float keep = static_cast<float>(1 - s.rate * s.decays[chunk.tensor]), epsilon = static_cast<float>(s.epsilon);
    const float scale = static_cast<float>(s.gradient_scale), beta1 = static_cast<float>(s.beta1),
                beta2 = static_cast<float>(s.beta2);
    const float rest1 = static_cast<float>(1 - s.beta1), rest2 = static_cast<float>(1 - s.beta2);
    for (int64_t i = 0; i < chunk.count; i += Width<float>) {
        const int count = static_cast<int>(std::min<int64_t>(Width<float>, chunk.count - i));
        const Vec<float> grad = load_first(g + i, count) * scale;
        const Vec<float> first = fma(grad, splat(rest1), load_first(m + i, count) * beta1);
        const Vec<float> second = fma(grad * grad, splat(rest2), load_first(v + i, count) * beta2);
        const Vec<float> update = first / fma(square_root(second), splat(root), splat(epsilon));
        store_first(m + i, first, count);
        store_first(v + i, second, count);
        store_first(p + i, fma(update, splat(-rate), load_first(p + i, count) * keep), count);
    }
}

} // namespace
} // namespace forge::cpu

FORGE_API int forge_adamw_step(const ForgeAdamW* step) {
    return forge::guarded([step] {
        const auto chunks = forge::cpu::chunks_of(step->tensors, step->sizes);
#pragma omp parallel for num_threads(step->threads) schedule(dynamic, 4)
        for (size_t i = 0; i < chunks.size(); ++i) forge::cpu::adamw(*step, chunks[i]);
        return 0;
    });
}

FORGE_API double forge_sum_of_squares(int threads, int tensors, const float* const* tensor, const int64_t* sizes) {
    const auto chunks = forge::cpu::chunks_of(tensors, sizes);
    std::vector<double> partials(chunks.size());
#pragma omp parallel for num_threads(threads) schedule(dynamic, 4)
    for (size_t i = 0; i < chunks.size(); ++i) {
        const float* from = tensor[chunks[i].tensor] + chunks[i].first;
        double total[8] = {};
        int64_t k = 0;
        for (; k + 8 <= chunks[i].count; k += 8) {
            for (int lane = 0; lane < 8; ++lane) total[lane] += static_cast<double>(from[k + lane]) * from[k + lane];
        }
        for (; k < chunks[i].count; ++k) total[0] += static_cast<double>(from[k]) * from[k];
        for (double part : total) partials[i] += part;
    }
    double sum = 0;
    for (double partial : partials) sum += partial;
    return sum;
}
