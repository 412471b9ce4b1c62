#include "decoder_api.h"

#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "decoder_step.h"

using namespace forge::decode;

struct forge_decoder {
    Engine engine;
};

namespace {

void require(bool condition, const char* message) {
    if (!condition) {
        throw std::invalid_argument(message);
    }
}

void check(const forge_decoder_config& c) {
    require(c.vocab > 0 && c.hidden > 0 && c.layers > 0 && c.head_dim > 0 && c.expert_width > 0, "vocab, hidden, layers, head_dim and expert_width are at least 1");
    require(c.kv_heads > 0 && c.heads > 0 && c.heads % c.kv_heads == 0, "heads is a multiple of kv_heads");
    require(c.rotary_dim >= 0 && c.rotary_dim % 2 == 0 && c.rotary_dim <= c.head_dim, "rotary_dim is even and at most head_dim");
    require(c.experts >= 1 && c.experts <= 256 && c.top_k >= 1 && c.top_k <= c.experts, "experts is 1 to 256 and top_k 1 to experts");
    require(c.max_context > 0 && c.slots > 0 && c.max_rows > 0, "max_context, slots and max_rows are at least 1");
}

// Widens any accepted dtype to fp32; fp32 itself is used in place.
const float* widen(const void* data, int dtype, int64_t count, std::vector<float>& buffer) {
    if (dtype == 0) {
        return static_cast<const float*>(data);
    }
    buffer.resize(count);
    if (dtype == 1) {
        const auto* source = static_cast<const uint16_t*>(data);
        for (int64_t i = 0; i < count; i++) {
            const uint32_t bits = static_cast<uint32_t>(source[i]) << 16;
            std::memcpy(&buffer[i], &bits, sizeof bits);
        }
    } else if (dtype == 2) {
        const auto* source = static_cast<const double*>(data);
        for (int64_t i = 0; i < count; i++) {
            buffer[i] = static_cast<float>(source[i]);
        }
    } else {
        throw std::invalid_argument("unknown dtype " + std::to_string(dtype) + "; 0 is fp32, 1 bf16, 2 fp64");
    }
    return buffer.data();
}

}  // namespace

int forge_decoder_create(const forge_decoder_config* config, forge_decoder** decoder) {
    return forge::guarded([&] {
        check(*config);
        *decoder = new forge_decoder{Engine(*config)};
        return 0;
    });
}

void forge_decoder_destroy(forge_decoder* decoder) { delete decoder; }

int forge_decoder_stage(forge_decoder* decoder) {
    return forge::guarded([&] {
        decoder->engine.staged().forget();
        return 0;
    });
}

int forge_decoder_set_weight(forge_decoder* decoder, const char* name, const void* data, int dtype, int64_t rows, int64_t columns) {
    return forge::guarded([&] {
        std::vector<float> buffer;
        decoder->engine.staged().set(name, widen(data, dtype, rows * columns, buffer), rows, columns);
        return 0;
    });
}

int forge_decoder_check_staged(forge_decoder* decoder) {
    return forge::guarded([&] {
        const std::string missing = decoder->engine.staged().missing();
        if (!missing.empty()) {
            throw std::invalid_argument("weight '" + missing + "' is missing");
        }
        return 0;
    });
}

int forge_decoder_publish(forge_decoder* decoder) {
    return forge::guarded([&] {
        decoder->engine.publish();
        return 0;
    });
}

int forge_decoder_step(forge_decoder* decoder, const forge_decoder_batch* batch) {
    return forge::guarded([&] {
        decoder->engine.step(*batch);
        return 0;
    });
}

int forge_decoder_copy_slot(forge_decoder* decoder, int from, int to, int count) {
    return forge::guarded([&] {
        const auto& c = decoder->engine.shape().config;
        require(from >= 0 && from < c.slots && to >= 0 && to < c.slots && from != to && count >= 0 && count <= c.max_context, "a slot or the count is out of range");
        decoder->engine.cache().copy(from, to, count);
        return 0;
    });
}

int forge_sample(const float* logits, int vocab, const forge_sampling* sampling, forge_sample_result* result) {
    return forge::guarded([&] {
        static thread_local SamplerScratch scratch;
        *result = sample(logits, vocab, *sampling, scratch);
        return 0;
    });
}
