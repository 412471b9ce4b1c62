// Gradients: modes, leaves, backward, and custom functions whose forward and backward are the caller's.
#include "forge_torch.h"

#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/saved_variable.h>
#include <torch/csrc/autograd/variable.h>

#include <array>
#include <functional>
#include <stdexcept>
#include <type_traits>
#include <unordered_set>

using forge::from_handle;
using forge::guarded;
using forge::to_handle;
using torch::autograd::variable_list;

namespace {

variable_list gather(void** handles, int count) {
    variable_list tensors;
    tensors.reserve(count);
    for (int i = 0; i < count; i++) {
        tensors.push_back(handles[i] == nullptr ? at::Tensor() : *static_cast<at::Tensor*>(handles[i]));
    }
    return tensors;
}

} // namespace

FORGE_API int forge_grad_mode() { return c10::GradMode::is_enabled(); }
FORGE_API void forge_set_grad_mode(int enabled) { c10::GradMode::set_enabled(enabled != 0); }
FORGE_API int forge_inference_mode() { return c10::InferenceMode::is_enabled(); }
FORGE_API void* forge_enter_inference_mode(int enabled) { return new c10::InferenceMode(enabled != 0); }
FORGE_API void forge_leave_inference_mode(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }

FORGE_API void forge_set_anomaly_detection(int enabled, int check_nan) {
    torch::autograd::AnomalyMode::set_enabled(enabled != 0, check_nan != 0);
}

FORGE_API int forge_tensor_requires_grad(void* tensor) { return static_cast<at::Tensor*>(tensor)->requires_grad(); }
FORGE_API int forge_tensor_is_leaf(void* tensor) { return static_cast<at::Tensor*>(tensor)->is_leaf(); }

FORGE_API int forge_tensor_set_requires_grad(void* tensor, int required) {
    return guarded([&] { from_handle(tensor).set_requires_grad(required != 0); return 0; });
}

FORGE_API int forge_tensor_retain_grad(void* tensor) {
    return guarded([&] { from_handle(tensor).retain_grad(); return 0; });
}

FORGE_API int forge_tensor_grad(void* tensor, void** result) {
    return guarded([&] { *result = to_handle(from_handle(tensor).grad()); return 0; });
}

FORGE_API int forge_tensor_set_grad(void* tensor, void* gradient) {
    return guarded([&] {
        from_handle(tensor).mutable_grad() = gradient == nullptr ? at::Tensor() : from_handle(gradient);
        return 0;
    });
}

// Tri-state `retain_graph`: -1 follows `create_graph`. `gradients` and `inputs` may be empty.
FORGE_API int forge_backward(
    void** tensors, int count, void** gradients, int gradient_count, int retain_graph, int create_graph, void** inputs, int input_count) {
    return guarded([&] {
        auto retain = retain_graph < 0 ? create_graph != 0 : retain_graph != 0;
        torch::autograd::backward(
            gather(tensors, count), gather(gradients, gradient_count), retain, create_graph != 0, gather(inputs, input_count));
        return 0;
    });
}

// Writes one handle per input, null where the gradient is undefined.
FORGE_API int forge_grad(
    void** outputs, int count, void** inputs, int input_count, void** gradients, int gradient_count,
    int retain_graph, int create_graph, int allow_unused, void** results) {
    return guarded([&] {
        auto grads = torch::autograd::grad(
            gather(outputs, count), gather(inputs, input_count), gather(gradients, gradient_count),
            retain_graph != 0, create_graph != 0, allow_unused != 0);
        for (size_t i = 0; i < grads.size(); i++) {
            results[i] = to_handle(grads[i]);
        }
        return static_cast<int>(grads.size());
    });
}

// --- custom functions ---------------------------------------------------------------------------------------------------------------

// Runs the caller's backward: reads `count` gradients (new handles that the callee owns; null = undefined), writes `capacity` handles
// (new ones, given to us; null = no gradient). Any thread may call it: CUDA's graph runs on the engine's threads. On failure it writes the reason
// into `error` and returns FORGE_ERROR.
using BackwardCallback =
    int (*)(void* context, void* node, void** gradients, int count, void** results, int capacity, char* error, int error_capacity);
using ReleaseCallback = void (*)(void* context);

namespace {

struct CallerNode final : torch::autograd::Node {
    void* context = nullptr;
    BackwardCallback callback = nullptr;
    ReleaseCallback release = nullptr;
    std::string label;
    bool materialize = true;
    std::vector<torch::autograd::SavedVariable> saved;

    ~CallerNode() override {
        if (release != nullptr) {
            release(context);
        }
    }

    std::string name() const override { return label; }

    void release_variables() override {
        for (auto& variable : saved) {
            variable.reset_data();
        }
    }

    variable_list apply(variable_list&& gradients) override {
        std::vector<void*> given(gradients.size());
        for (size_t i = 0; i < gradients.size(); i++) {
            auto gradient = gradients[i].defined() || !materialize ? gradients[i] : input_metadata(i).zeros_like();
            given[i] = to_handle(std::move(gradient));
        }
        std::vector<void*> wanted(num_outputs(), nullptr);
        std::array<char, 2048> error{};
        if (callback(context, this, given.data(), static_cast<int>(given.size()), wanted.data(), static_cast<int>(wanted.size()),
                error.data(), static_cast<int>(error.size())) < 0) {
            throw std::runtime_error(error.data());
        }
        variable_list results;
        for (size_t i = 0; i < wanted.size(); i++) {
            results.push_back(wanted[i] == nullptr ? at::Tensor() : std::move(*static_cast<at::Tensor*>(wanted[i])));
            forge_tensor_free(wanted[i]);
        }
        return results;
    }
};

} // namespace

// Everything about one application of a custom function, after its forward ran without grad mode.
struct FunctionCall {
    void* context;             // the caller's, kept until `release`; null when no gradient is needed
    BackwardCallback backward;
    ReleaseCallback release;
    const char* name;
    void** inputs;             // the tensors among the arguments
    void** outputs;
    void** non_differentiable; // some of the outputs
    void** dirty;              // inputs that were changed in place
    void** saved;              // for backward
    int32_t input_count;
    int32_t output_count;
    int32_t non_differentiable_count;
    int32_t dirty_count;
    int32_t saved_count;
    int32_t materialize;       // undefined incoming gradients become zeros
    int32_t executable;        // grad mode was on and an input requires grad
};

namespace {

std::unordered_set<at::TensorImpl*> as_set(void** handles, int count) {
    std::unordered_set<at::TensorImpl*> result;
    for (int i = 0; i < count; i++) {
        result.insert(from_handle(handles[i]).unsafeGetTensorImpl());
    }
    return result;
}

// _wrap_outputs has grown parameters from version to version: call the longest form that this libtorch has.
template <typename Wrap, typename... Common>
auto wrap_with(Wrap wrap, const Common&... common) {
    using Set = std::unordered_set<at::TensorImpl*>;
    using View = std::function<at::Tensor(at::Tensor)>;
    View view = [](const at::Tensor& tensor) { return tensor.view_as(tensor); };
    if constexpr (std::is_invocable_v<Wrap, const Common&..., Set, View, bool>) {
        return wrap(common..., Set(), view, false);
    } else if constexpr (std::is_invocable_v<Wrap, const Common&..., Set, View>) {
        return wrap(common..., Set(), view);
    } else if constexpr (std::is_invocable_v<Wrap, const Common&..., Set>) {
        return wrap(common..., Set());
    } else {
        return wrap(common...);
    }
}

// A list of this libtorch's optional tensors: c10's own class before 2.3, the standard one since.
template <typename Result, typename... Parameters>
Result result_of(Result (*)(Parameters...));
using Outputs = decltype(result_of(&torch::autograd::_wrap_outputs));

auto wrap(const FunctionCall& call, const std::shared_ptr<torch::autograd::Node>& node) {
    auto inputs = gather(call.inputs, call.input_count);
    auto dirty = as_set(call.dirty, call.dirty_count);
    for (auto impl : dirty) {
        impl->bump_version();
    }
    Outputs outputs;
    for (auto& output : gather(call.outputs, call.output_count)) {
        outputs.emplace_back(output);
    }
    torch::autograd::_jvp_fn_t no_jvp = [](const variable_list&, const variable_list&) -> variable_list {
        throw std::runtime_error("Forward-mode differentiation is not offered by custom functions.");
    };
    auto raw = at::ArrayRef<Outputs::value_type>(outputs);
    auto fixed = as_set(call.non_differentiable, call.non_differentiable_count);
    return wrap_with(&torch::autograd::_wrap_outputs, inputs, fixed, dirty, raw, node, no_jvp);
}

} // namespace

// Attaches a custom function's outputs to the graph and writes one new handle per output.
FORGE_API int forge_function_apply(const FunctionCall* call, void** results) {
    auto owned = std::shared_ptr<CallerNode>();
    return guarded([&] {
        if (call->executable != 0) {
            owned = std::shared_ptr<CallerNode>(new CallerNode(), torch::autograd::deleteNode);
            owned->context = call->context;
            owned->callback = call->backward;
            owned->release = call->release;
            owned->label = call->name;
            owned->materialize = call->materialize != 0;
            owned->set_next_edges(torch::autograd::collect_next_edges(gather(call->inputs, call->input_count)));
        }
        auto wrapped = wrap(*call, owned);
        if (owned != nullptr) {
            for (auto& variable : gather(call->saved, call->saved_count)) {
                auto is_output = variable.defined() && variable.grad_fn().get() == owned.get();
                owned->saved.emplace_back(variable, is_output);
            }
        }
        for (size_t i = 0; i < wrapped.size(); i++) {
            results[i] = wrapped[i].has_value() ? to_handle(*wrapped[i]) : nullptr;
        }
        return static_cast<int>(wrapped.size());
    });
}

// The tensors saved for backward (new handles), only inside the node's backward. Returns their number.
FORGE_API int forge_function_saved(void* node, void** results, int capacity) {
    return guarded([&] {
        auto& owner = *static_cast<CallerNode*>(node);
        if (static_cast<int>(owner.saved.size()) > capacity) {
            throw std::invalid_argument("More tensors were saved than asked for.");
        }
        for (size_t i = 0; i < owner.saved.size(); i++) {
            results[i] = to_handle(owner.saved[i].unpack(owner.shared_from_this()));
        }
        return static_cast<int>(owner.saved.size());
    });
}
