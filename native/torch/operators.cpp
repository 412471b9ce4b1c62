// The generic operator call: any registered operator by name, through the dispatcher's boxed path (autograd included).
// Arguments follow the operator's schema; those not given take the schema's defaults, because schemas grow between versions.
#include "forge_torch.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/jit_type.h>
#include <ATen/core/stack.h>

#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace {

using forge::Tag;
using forge::Value;
using c10::IValue;
using c10::TypeKind;

// A schema's argument with its optional wrapper taken off.
struct Parameter {
    TypeKind kind;
    TypeKind element; // of a list
    bool optional;
    bool optional_element;
    c10::TypePtr element_type;
    std::string name;
    bool has_default;
    IValue fallback;
};

struct Operator {
    c10::OperatorHandle handle;
    std::string name;
    std::vector<Parameter> parameters;
};

Parameter describe(const c10::Argument& argument) {
    Parameter parameter{TypeKind::AnyType, TypeKind::AnyType, false, false, nullptr, argument.name(), false, IValue()};
    auto type = argument.type();
    if (auto optional = type->cast<c10::OptionalType>()) {
        parameter.optional = true;
        type = optional->getElementType();
    }
    parameter.kind = type->kind();
    if (auto list = type->cast<c10::ListType>()) {
        auto element = list->getElementType();
        if (auto optional = element->cast<c10::OptionalType>()) {
            parameter.optional_element = true;
            element = optional->getElementType();
        }
        parameter.element = element->kind();
        parameter.element_type = list->getElementType();
    }
    if (argument.default_value().has_value()) {
        parameter.has_default = true;
        parameter.fallback = *argument.default_value();
    } else if (parameter.optional) {
        parameter.has_default = true;
    }
    return parameter;
}

[[noreturn]] void refuse(const Operator& op, const Parameter& parameter, const char* reason) {
    throw std::invalid_argument(op.name + ", argument '" + parameter.name + "': " + reason);
}

IValue scalar(const Value& value) {
    switch (value.tag) {
        case Tag::Int: return IValue(value.integer);
        case Tag::Float: return IValue(value.real);
        case Tag::Bool: return IValue(value.integer != 0);
        default: throw std::invalid_argument("A list of scalars holds something that is not a number.");
    }
}

// One number where the schema wants `wanted`.
IValue number(TypeKind wanted, const Value& value) {
    switch (wanted) {
        case TypeKind::FloatType: return IValue(value.tag == Tag::Float ? value.real : static_cast<double>(value.integer));
        case TypeKind::BoolType: return IValue(value.tag == Tag::Float ? value.real != 0 : value.integer != 0);
        default: return scalar(value);
    }
}

IValue tensors(const Parameter& parameter, const Value& value) {
    auto handles = static_cast<at::Tensor**>(value.pointer);
    if (parameter.optional_element) {
        c10::impl::GenericList list(parameter.element_type);
        list.reserve(value.count);
        for (int32_t i = 0; i < value.count; i++) {
            list.push_back(handles[i] == nullptr ? IValue() : IValue(*handles[i]));
        }
        return IValue(std::move(list));
    }
    c10::List<at::Tensor> list;
    list.reserve(value.count);
    for (int32_t i = 0; i < value.count; i++) {
        list.push_back(forge::from_handle(handles[i]));
    }
    return IValue(std::move(list));
}

IValue integers(const Parameter& parameter, const Value& value) {
    auto numbers = static_cast<int64_t*>(value.pointer);
    if (parameter.element == TypeKind::FloatType) {
        return IValue(std::vector<double>(numbers, numbers + value.count));
    }
    return IValue(c10::IntArrayRef(numbers, value.count));
}

IValue booleans(const Value& value) {
    auto flags = static_cast<uint8_t*>(value.pointer);
    c10::List<bool> list;
    list.reserve(value.count);
    for (int32_t i = 0; i < value.count; i++) {
        list.push_back(flags[i] != 0);
    }
    return IValue(std::move(list));
}

IValue listed(const Parameter& parameter, const Value& value, IValue (*convert)(const Value&)) {
    auto values = static_cast<Value*>(value.pointer);
    c10::impl::GenericList list(parameter.element_type != nullptr ? parameter.element_type : c10::AnyType::get());
    list.reserve(value.count);
    for (int32_t i = 0; i < value.count; i++) {
        list.push_back(convert(values[i]));
    }
    return IValue(std::move(list));
}

IValue text(const Value& value) {
    return IValue(std::string(static_cast<const char*>(value.pointer), value.count));
}

IValue convert(const Operator& op, const Parameter& parameter, const Value& value) {
    switch (value.tag) {
        case Tag::Default:
            if (!parameter.has_default) {
                refuse(op, parameter, "it was not given and has no default.");
            }
            return parameter.fallback;
        case Tag::None: // some schemas say Tensor and take an undefined one
            return parameter.kind == TypeKind::TensorType && !parameter.optional ? IValue(at::Tensor()) : IValue();
        case Tag::Tensor:
            if (value.pointer == nullptr && !parameter.optional) {
                refuse(op, parameter, "the tensor is null or disposed.");
            }
            return value.pointer == nullptr ? IValue() : IValue(*static_cast<at::Tensor*>(value.pointer));
        case Tag::Int:
            if (parameter.kind == TypeKind::ListType) { // a single number stands for a list of one, as in Python
                auto one = value.integer;
                return integers(parameter, Value{Tag::IntList, 1, {reinterpret_cast<int64_t>(&one)}});
            }
            return number(parameter.kind, value);
        case Tag::Float:
        case Tag::Bool: return number(parameter.kind, value);
        case Tag::String: return text(value);
        case Tag::Device: return IValue(forge::unpack_device(value.integer));
        case Tag::Generator: return value.pointer == nullptr ? IValue() : IValue(*static_cast<at::Generator*>(value.pointer));
        case Tag::TensorList: return tensors(parameter, value);
        case Tag::IntList: return integers(parameter, value);
        case Tag::FloatList:
            return IValue(c10::ArrayRef<double>(static_cast<double*>(value.pointer), value.count));
        case Tag::BoolList: return booleans(value);
        case Tag::ScalarList: return listed(parameter, value, scalar);
        case Tag::StringList: return listed(parameter, value, text);
    }
    refuse(op, parameter, "its tag is unknown.");
}

Value give_tensors(const std::vector<at::Tensor>& source) {
    auto handles = static_cast<void**>(std::malloc(sizeof(void*) * (source.size() + 1)));
    for (size_t i = 0; i < source.size(); i++) {
        handles[i] = forge::to_handle(source[i]);
    }
    return Value{Tag::TensorList, static_cast<int32_t>(source.size()), {reinterpret_cast<int64_t>(handles)}};
}

Value give_integers(const std::vector<int64_t>& source) {
    auto numbers = static_cast<int64_t*>(std::malloc(sizeof(int64_t) * (source.size() + 1)));
    std::copy(source.begin(), source.end(), numbers);
    return Value{Tag::IntList, static_cast<int32_t>(source.size()), {reinterpret_cast<int64_t>(numbers)}};
}

Value give(const Operator& op, IValue& value) {
    Value result{Tag::None, 0, {0}};
    if (value.isTensor()) {
        result.tag = Tag::Tensor;
        result.pointer = forge::to_handle(std::move(value).toTensor());
    } else if (value.isBool()) {
        result.tag = Tag::Bool;
        result.integer = value.toBool();
    } else if (value.isInt()) {
        result.tag = Tag::Int;
        result.integer = value.toInt();
    } else if (value.isDouble()) {
        result.tag = Tag::Float;
        result.real = value.toDouble();
    } else if (value.isTensorList()) {
        result = give_tensors(value.toTensorVector());
    } else if (value.isIntList()) {
        result = give_integers(value.toIntVector());
    } else if (!value.isNone()) {
        throw std::invalid_argument(op.name + " returned a " + value.tagKind() + ", which has no form at this border.");
    }
    return result;
}

// A stack of this thread that keeps its memory between calls. A call inside a call (a C# backward) finds none and makes its own.
struct BorrowedStack {
    torch::jit::Stack stack;
    BorrowedStack() { stack.swap(spare()); }
    ~BorrowedStack() {
        stack.clear();
        spare().swap(stack);
    }
    static torch::jit::Stack& spare() {
        static thread_local torch::jit::Stack kept;
        return kept;
    }
};

} // namespace

// Finds an operator such as ("aten::sum", "dim_IntList"); the pointer is valid for the life of the process.
FORGE_API int forge_operator_find(const char* name, const char* overload, void** result) {
    return forge::guarded([&] {
        auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
        if (!handle.has_value()) {
            throw std::invalid_argument(std::string("This libtorch has no operator '") + name + (*overload ? "." : "") + overload + "'.");
        }
        auto op = new Operator{*handle, std::string(name) + (*overload ? "." : "") + overload, {}};
        for (const auto& argument : handle->schema().arguments()) {
            op->parameters.push_back(describe(argument));
        }
        *result = op;
        return 0;
    });
}

// The schema as text, e.g. "aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor"; freed with forge_free.
FORGE_API int forge_operator_schema(void* op, char** result) {
    return forge::guarded([&] {
        std::ostringstream schema;
        schema << static_cast<Operator*>(op)->handle.schema();
        *result = strdup(schema.str().c_str());
        return 0;
    });
}

// Calls an operator. Returns the number of results written; capacity 0 drops them (in-place operators).
// Tensors in results are new handles; lists are arrays to be freed with forge_free.
FORGE_API int forge_operator_call(void* op, const Value* arguments, int count, Value* results, int capacity) {
    return forge::guarded([&] {
        const auto& target = *static_cast<Operator*>(op);
        const auto& parameters = target.parameters;
        if (count > static_cast<int>(parameters.size())) {
            throw std::invalid_argument(target.name + " takes at most " + std::to_string(parameters.size()) + " arguments, " + std::to_string(count) + " were given.");
        }
        BorrowedStack borrowed;
        auto& stack = borrowed.stack;
        stack.reserve(parameters.size());
        for (int i = 0; i < count; i++) {
            stack.push_back(convert(target, parameters[i], arguments[i]));
        }
        for (size_t i = count; i < parameters.size(); i++) {
            stack.push_back(convert(target, parameters[i], Value{Tag::Default, 0, {0}}));
        }
        target.handle.callBoxed(&stack);
        if (capacity == 0) {
            return 0;
        }
        if (static_cast<int>(stack.size()) > capacity) {
            throw std::invalid_argument(target.name + " returns " + std::to_string(stack.size()) + " values, " + std::to_string(capacity) + " were expected.");
        }
        for (size_t i = 0; i < stack.size(); i++) {
            results[i] = give(target, stack[i]);
        }
        return static_cast<int>(stack.size());
    });
}
