// Draws one token from a row of logits.
#pragma once

#include <vector>

#include "decoder_api.h"

namespace forge::decode {

/// Buffers of one thread; they grow to the vocabulary once.
struct SamplerScratch {
    std::vector<float> scaled;
    std::vector<double> partial;
    std::vector<int32_t> order;
};

/// A number in [0, 1) that depends on (seed, stream, index) only: Philox 4x32-10 (Salmon et al., 2011), 53 bits.
double uniform(uint64_t seed, uint32_t stream, uint64_t index);

forge_sample_result sample(const float* logits, int vocab, const forge_sampling& sampling, SamplerScratch& scratch);

}  // namespace forge::decode
