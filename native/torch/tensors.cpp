// Tensor handles: lifetime, description, host memory.
#include "forge_torch.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace {
std::atomic<int64_t> live_handles{0};
}

namespace forge {

at::Tensor* to_handle(at::Tensor tensor) {
    if (!tensor.defined()) {
        return nullptr;
    }
    live_handles.fetch_add(1, std::memory_order_relaxed);
    return new at::Tensor(std::move(tensor));
}

at::Tensor& from_handle(void* handle) {
    if (handle == nullptr) {
        throw std::invalid_argument("A tensor was used after it was disposed, or is null.");
    }
    return *static_cast<at::Tensor*>(handle);
}

c10::Device unpack_device(int64_t packed) {
    return c10::Device(static_cast<c10::DeviceType>(packed >> 32), static_cast<c10::DeviceIndex>(static_cast<int32_t>(packed & 0xffffffff)));
}

int64_t pack_device(c10::Device device) {
    return (static_cast<int64_t>(device.type()) << 32) | static_cast<uint32_t>(static_cast<int32_t>(device.index()));
}

} // namespace forge

using forge::from_handle;
using forge::guarded;

FORGE_API void forge_tensor_free(void* tensor) {
    if (tensor != nullptr) {
        live_handles.fetch_sub(1, std::memory_order_relaxed);
        delete static_cast<at::Tensor*>(tensor);
    }
}

// Handles that exist now and were made here: a leak detector.
FORGE_API int64_t forge_tensor_live_count() { return live_handles.load(std::memory_order_relaxed); }

// Another handle on the same tensor.
FORGE_API int forge_tensor_share(void* tensor, void** result) {
    return guarded([&] { *result = forge::to_handle(from_handle(tensor)); return 0; });
}

FORGE_API int64_t forge_tensor_ndim(void* tensor) { return static_cast<at::Tensor*>(tensor)->dim(); }
FORGE_API int64_t forge_tensor_numel(void* tensor) { return static_cast<at::Tensor*>(tensor)->numel(); }
FORGE_API int forge_tensor_dtype(void* tensor) { return static_cast<int>(static_cast<at::Tensor*>(tensor)->scalar_type()); }
FORGE_API int64_t forge_tensor_device(void* tensor) { return forge::pack_device(static_cast<at::Tensor*>(tensor)->device()); }
FORGE_API int64_t forge_tensor_element_size(void* tensor) { return static_cast<int64_t>(static_cast<at::Tensor*>(tensor)->element_size()); }
FORGE_API int forge_tensor_is_sparse(void* tensor) { return static_cast<at::Tensor*>(tensor)->is_sparse(); }

FORGE_API void forge_tensor_sizes(void* tensor, int64_t* sizes) {
    auto source = static_cast<at::Tensor*>(tensor)->sizes();
    std::memcpy(sizes, source.data(), source.size() * sizeof(int64_t));
}

FORGE_API int forge_tensor_strides(void* tensor, int64_t* strides) {
    return guarded([&] {
        auto source = from_handle(tensor).strides();
        std::memcpy(strides, source.data(), source.size() * sizeof(int64_t));
        return 0;
    });
}

FORGE_API int forge_tensor_storage_offset(void* tensor, int64_t* offset) {
    return guarded([&] { *offset = from_handle(tensor).storage_offset(); return 0; });
}

FORGE_API int forge_tensor_is_contiguous(void* tensor) {
    return guarded([&] { return from_handle(tensor).is_contiguous() ? 1 : 0; });
}

FORGE_API int forge_tensor_data(void* tensor, void** data) {
    return guarded([&] { *data = from_handle(tensor).data_ptr(); return 0; });
}

// A tensor on the CPU with a copy of `data` (dense, row-major).
FORGE_API int forge_tensor_from_host(const void* data, int dtype, const int64_t* sizes, int ndim, int pinned, void** result) {
    return guarded([&] {
        auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype)).pinned_memory(pinned != 0);
        auto tensor = at::empty(at::IntArrayRef(sizes, ndim), options);
        if (tensor.numel() > 0) {
            std::memcpy(tensor.data_ptr(), data, tensor.nbytes());
        }
        *result = forge::to_handle(std::move(tensor));
        return 0;
    });
}

// A tensor over the caller's memory; `release(context)` runs when the last tensor on it is gone, on any thread.
FORGE_API int forge_tensor_over_host(
    void* data, int dtype, const int64_t* sizes, int ndim, void (*release)(void*), void* context, void** result) {
    return guarded([&] {
        auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype));
        *result = forge::to_handle(at::from_blob(
            data, at::IntArrayRef(sizes, ndim), [release, context](void*) { release(context); }, options));
        return 0;
    });
}

// Copies a tensor's values, densely in row-major order, into `capacity` bytes of host memory.
FORGE_API int forge_tensor_to_host(void* tensor, void* data, int64_t capacity) {
    return guarded([&] {
        auto source = from_handle(tensor).detach().to(at::kCPU).contiguous();
        if (static_cast<int64_t>(source.nbytes()) > capacity) {
            throw std::invalid_argument("The tensor has " + std::to_string(source.nbytes()) + " bytes, the buffer " + std::to_string(capacity) + ".");
        }
        if (source.numel() > 0) {
            std::memcpy(data, source.data_ptr(), source.nbytes());
        }
        return 0;
    });
}

// The value of a tensor with one element.
FORGE_API int forge_tensor_item(void* tensor, forge::Value* value) {
    return guarded([&] {
        auto scalar = from_handle(tensor).item();
        value->count = 0;
        if (scalar.isBoolean()) {
            value->tag = forge::Tag::Bool;
            value->integer = scalar.toBool();
        } else if (scalar.isIntegral(false)) {
            value->tag = forge::Tag::Int;
            value->integer = scalar.toLong();
        } else {
            value->tag = forge::Tag::Float;
            value->real = scalar.toDouble();
        }
        return 0;
    });
}

FORGE_API void forge_free(void* memory) { std::free(memory); }
