// CUDA: devices, streams, memory, graphs. What needs CUDA's headers is compiled only with them (FORGE_CUDA); else it fails with a text.
#include "forge_torch.h"

#include <torch/cuda.h>

using forge::guarded;

FORGE_API int forge_cuda_device_count() {
    return guarded([] { return static_cast<int>(torch::cuda::device_count()); });
}

FORGE_API int forge_cuda_synchronize(int device) {
    return guarded([&] { torch::cuda::synchronize(device); return 0; });
}

FORGE_API int forge_cuda_manual_seed(uint64_t seed, int all) {
    return guarded([&] {
        if (torch::cuda::is_available()) {
            all != 0 ? torch::cuda::manual_seed_all(seed) : torch::cuda::manual_seed(seed);
        }
        return 0;
    });
}
