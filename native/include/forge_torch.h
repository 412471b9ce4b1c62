// Shared by native/torch: the tagged value that crosses the border, and how a tensor handle lives.
#pragma once

#include "forge_native.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

// Gives a handle back; null is nothing.
FORGE_API void forge_tensor_free(void* handle);

namespace forge {

// What a Value holds. The numbers are part of the border: Forge's C# declares the same.
enum class Tag : int32_t {
    Default = 0,      // not given: the schema's default
    None = 1,         // an absent optional
    Tensor = 2,       // pointer: at::Tensor*
    Int = 3,          // integer; also dtype, layout and memory format, and a Scalar that is integral
    Float = 4,        // real; also a Scalar that is real
    Bool = 5,         // integer, 0 or 1
    String = 6,       // pointer: UTF-8 text of `count` bytes
    Device = 7,       // integer: type in the high 32 bits, index (-1 = current) in the low ones
    Generator = 8,    // pointer: at::Generator*
    TensorList = 9,   // pointer: at::Tensor*[count]; a null entry is an absent tensor
    IntList = 10,     // pointer: int64_t[count]
    FloatList = 11,   // pointer: double[count]
    BoolList = 12,    // pointer: uint8_t[count]
    ScalarList = 13,  // pointer: Value[count]
    StringList = 14,  // pointer: Value[count] of String
};

struct Value {
    Tag tag;
    int32_t count;
    union {
        int64_t integer;
        double real;
        void* pointer;
    };
};
static_assert(sizeof(Value) == 16, "the C# side declares the same 16 bytes");

// A handle is a heap at::Tensor, as in TorchSharp, so that either side may free what the other made. Null for an undefined tensor.
at::Tensor* to_handle(at::Tensor tensor);
at::Tensor& from_handle(void* handle);

c10::Device unpack_device(int64_t packed);
int64_t pack_device(c10::Device device);

} // namespace forge
