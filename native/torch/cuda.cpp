// CUDA: devices, streams, memory, graphs. What needs CUDA's headers is compiled only with them (FORGE_CUDA); else it fails with a text.
#include "forge_torch.h"

#include <torch/cuda.h>

#include <memory>
#include <stdexcept>

#ifdef FORGE_CUDA
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAStream.h>
#endif

using forge::guarded;

FORGE_API int forge_cuda_device_count() {
    return guarded([] { return static_cast<int>(torch::cuda::device_count()); });
}

FORGE_API int forge_cuda_synchronize(int device) {
    return guarded([&] { torch::cuda::synchronize(device); return 0; });
}

// Seeds the current device, or all; without CUDA there is nothing to seed.
FORGE_API int forge_cuda_manual_seed(uint64_t seed, int all) {
    return guarded([&] {
        if (torch::cuda::is_available()) {
            all != 0 ? torch::cuda::manual_seed_all(seed) : torch::cuda::manual_seed(seed);
        }
        return 0;
    });
}

// Figures of the caching allocator, in bytes.
struct CudaMemoryFigures {
    int64_t allocated;
    int64_t allocated_peak;
    int64_t reserved;
    int64_t reserved_peak;
};

#ifdef FORGE_CUDA

namespace {

// A stream of libtorch's pool; packing keeps it a plain number on the caller's side.
c10::cuda::CUDAStream unpack(int64_t id, int device) {
    return c10::cuda::CUDAStream::unpack3(id, static_cast<c10::DeviceIndex>(device), c10::DeviceType::CUDA);
}

// A captured graph, and the stream that it was captured on: the default stream can't be captured.
struct Graph {
    at::cuda::CUDAGraph graph;
    c10::cuda::CUDAStream stream;
    c10::cuda::CUDAStream earlier;

    Graph(c10::cuda::CUDAStream own, c10::cuda::CUDAStream before) : stream(own), earlier(before) {}
};

Graph& as_graph(void* handle) { return *static_cast<Graph*>(handle); }

} // namespace

FORGE_API int forge_cuda_memory(int device, CudaMemoryFigures* figures) {
    return guarded([&] {
        auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(static_cast<c10::DeviceIndex>(device));
        figures->allocated = stats.allocated_bytes[0].current;
        figures->allocated_peak = stats.allocated_bytes[0].peak;
        figures->reserved = stats.reserved_bytes[0].current;
        figures->reserved_peak = stats.reserved_bytes[0].peak;
        return 0;
    });
}

FORGE_API int forge_cuda_reset_peak(int device) {
    return guarded([&] {
        c10::cuda::CUDACachingAllocator::resetPeakStats(static_cast<c10::DeviceIndex>(device));
        return 0;
    });
}

FORGE_API int forge_cuda_empty_cache() {
    return guarded([] { c10::cuda::CUDACachingAllocator::emptyCache(); return 0; });
}

FORGE_API int forge_cuda_stream_new(int device, int high_priority, int64_t* id) {
    return guarded([&] {
        *id = c10::cuda::getStreamFromPool(high_priority != 0, static_cast<c10::DeviceIndex>(device)).id();
        return 0;
    });
}

FORGE_API int forge_cuda_stream_current(int device, int64_t* id) {
    return guarded([&] {
        *id = c10::cuda::getCurrentCUDAStream(static_cast<c10::DeviceIndex>(device)).id();
        return 0;
    });
}

FORGE_API int forge_cuda_stream_use(int device, int64_t id) {
    return guarded([&] { c10::cuda::setCurrentCUDAStream(unpack(id, device)); return 0; });
}

FORGE_API int forge_cuda_stream_synchronize(int device, int64_t id) {
    return guarded([&] { unpack(id, device).synchronize(); return 0; });
}

// Starts capturing what this thread launches, on a stream of its own; end with forge_cuda_graph_end.
FORGE_API int forge_cuda_graph_begin(int device, void** result) {
    return guarded([&] {
        auto where = static_cast<c10::DeviceIndex>(device);
        auto earlier = c10::cuda::getCurrentCUDAStream(where);
        earlier.synchronize();
        auto graph = std::make_unique<Graph>(c10::cuda::getStreamFromPool(false, where), earlier);
        c10::cuda::setCurrentCUDAStream(graph->stream);
        try {
            graph->graph.capture_begin();
        } catch (...) {
            c10::cuda::setCurrentCUDAStream(earlier);
            throw;
        }
        *result = graph.release();
        return 0;
    });
}

FORGE_API int forge_cuda_graph_end(void* handle) {
    return guarded([&] {
        auto& graph = as_graph(handle);
        c10::cuda::setCurrentCUDAStream(graph.stream);
        try {
            graph.graph.capture_end();
        } catch (...) {
            c10::cuda::setCurrentCUDAStream(graph.earlier);
            throw;
        }
        c10::cuda::setCurrentCUDAStream(graph.earlier);
        return 0;
    });
}

// Runs the captured launches again, on the current stream, over the same memory.
FORGE_API int forge_cuda_graph_replay(void* handle) {
    return guarded([&] { as_graph(handle).graph.replay(); return 0; });
}

FORGE_API void forge_cuda_graph_free(void* handle) { delete static_cast<Graph*>(handle); }

#else

namespace {

int absent() {
    return forge::fail("This build has no CUDA streams, memory figures or graphs: build native/ against a libtorch with CUDA and with CUDA's "
                       "headers in reach (CUDA_HOME).");
}

} // namespace

FORGE_API int forge_cuda_memory(int, CudaMemoryFigures*) { return absent(); }
FORGE_API int forge_cuda_reset_peak(int) { return absent(); }
FORGE_API int forge_cuda_empty_cache() { return absent(); }
FORGE_API int forge_cuda_stream_new(int, int, int64_t*) { return absent(); }
FORGE_API int forge_cuda_stream_current(int, int64_t*) { return absent(); }
FORGE_API int forge_cuda_stream_use(int, int64_t) { return absent(); }
FORGE_API int forge_cuda_stream_synchronize(int, int64_t) { return absent(); }
FORGE_API int forge_cuda_graph_begin(int, void**) { return absent(); }
FORGE_API int forge_cuda_graph_end(void*) { return absent(); }
FORGE_API int forge_cuda_graph_replay(void*) { return absent(); }
FORGE_API void forge_cuda_graph_free(void*) {}

#endif
