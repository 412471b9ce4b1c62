// The direct C++ call that the managed side's overhead is measured against.
#include "forge_torch.h"

#include <ATen/ops/add.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/mul.h>

#include <chrono>
#include <stdexcept>
#include <string>

// Nanoseconds a call of `name` ("mul", "add" or "matmul") from C++, averaged over `iterations`.
FORGE_API int forge_bench_direct(const char* name, void* left, void* right, int64_t iterations, double* nanoseconds) {
    return forge::guarded([&] {
        const auto& a = forge::from_handle(left);
        const auto& b = forge::from_handle(right);
        std::string op = name;
        auto run = [&](auto&& call) {
            auto start = std::chrono::steady_clock::now();
            for (int64_t i = 0; i < iterations; i++) {
                auto result = call();
                (void)result;
            }
            std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
            *nanoseconds = spent.count() / static_cast<double>(iterations);
        };
        if (op == "mul") {
            run([&] { return at::mul(a, b); });
        } else if (op == "add") {
            run([&] { return at::add(a, b); });
        } else if (op == "matmul") {
            run([&] { return at::matmul(a, b); });
        } else {
            throw std::invalid_argument("No direct loop is written for '" + op + "'.");
        }
        return 0;
    });
}
