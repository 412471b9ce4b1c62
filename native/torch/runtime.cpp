// The runtime around tensors: versions, threads, random generators.
#include "forge_torch.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/Generator.h>
#include <torch/version.h>

#include <mutex>

using forge::guarded;

FORGE_API const char* forge_libtorch_version() { return TORCH_VERSION; }

FORGE_API int forge_num_threads() { return at::get_num_threads(); }
FORGE_API int forge_num_interop_threads() { return at::get_num_interop_threads(); }

FORGE_API int forge_set_num_threads(int threads) {
    return guarded([&] { at::set_num_threads(threads); return 0; });
}

FORGE_API int forge_set_num_interop_threads(int threads) {
    return guarded([&] { at::set_num_interop_threads(threads); return 0; });
}

// --- generators: a handle is a heap at::Generator -------------------------------------------------------------------------------------

namespace {

at::Generator& generator(void* handle) {
    if (handle == nullptr) {
        throw std::invalid_argument("A generator was used after it was disposed.");
    }
    return *static_cast<at::Generator*>(handle);
}

} // namespace

FORGE_API int forge_generator_new(uint64_t seed, int64_t device, void** result) {
    return guarded([&] {
        auto where = forge::unpack_device(device);
        auto made = where.is_cpu() ? at::make_generator<at::CPUGeneratorImpl>(seed) : at::globalContext().defaultGenerator(where).clone();
        made.set_current_seed(seed);
        *result = new at::Generator(std::move(made));
        return 0;
    });
}

FORGE_API int forge_generator_default(int64_t device, void** result) {
    return guarded([&] {
        *result = new at::Generator(at::globalContext().defaultGenerator(forge::unpack_device(device)));
        return 0;
    });
}

FORGE_API void forge_generator_free(void* handle) { delete static_cast<at::Generator*>(handle); }

FORGE_API int forge_generator_set_seed(void* handle, uint64_t seed) {
    return guarded([&] {
        std::lock_guard<std::mutex> lock(generator(handle).mutex());
        generator(handle).set_current_seed(seed);
        return 0;
    });
}

FORGE_API int forge_generator_seed(void* handle, int draw, uint64_t* seed) {
    return guarded([&] {
        std::lock_guard<std::mutex> lock(generator(handle).mutex());
        *seed = draw != 0 ? generator(handle).seed() : generator(handle).current_seed();
        return 0;
    });
}

FORGE_API int forge_generator_get_state(void* handle, void** result) {
    return guarded([&] { *result = forge::to_handle(generator(handle).get_state()); return 0; });
}

FORGE_API int forge_generator_set_state(void* handle, void* state) {
    return guarded([&] { generator(handle).set_state(forge::from_handle(state)); return 0; });
}

// Seeds the CPU's default generator and, where there is CUDA, every device's.
FORGE_API int forge_manual_seed(uint64_t seed) {
    return guarded([&] { at::manual_seed(seed); return 0; });
}

// --- switches that change numerics ------------------------------------------------------------------------------------------------------

FORGE_API int forge_allow_tf32_cublas() { return at::globalContext().allowTF32CuBLAS(); }
FORGE_API void forge_set_allow_tf32_cublas(int allowed) { at::globalContext().setAllowTF32CuBLAS(allowed != 0); }
FORGE_API int forge_allow_tf32_cudnn() { return at::globalContext().allowTF32CuDNN(); }
FORGE_API void forge_set_allow_tf32_cudnn(int allowed) { at::globalContext().setAllowTF32CuDNN(allowed != 0); }
FORGE_API int forge_deterministic() { return at::globalContext().deterministicAlgorithms(); }
FORGE_API void forge_set_deterministic(int on, int warn_only) { at::globalContext().setDeterministicAlgorithms(on != 0, warn_only != 0); }
