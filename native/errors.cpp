#include "forge_native.h"

#include <string>

namespace {
thread_local std::string last_error;
}

namespace forge {

int fail(const char* text) noexcept {
    try {
        last_error = text;
    } catch (...) {
        last_error.clear();
    }
    return FORGE_ERROR;
}

} // namespace forge

FORGE_API const char* forge_last_error() { return last_error.c_str(); }
