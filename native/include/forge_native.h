// The border of libforge_native.so. Every exported function is `forge_*`, has C linkage and plain C types, and never lets an exception out:
// functions that can fail return an int (>= 0 is success, often a count; FORGE_ERROR is failure) and leave the reason in forge_last_error().
#pragma once

#include <cstdint>
#include <exception>

#define FORGE_API extern "C" __attribute__((visibility("default")))
#define FORGE_ERROR (-1)

// The reason of the calling thread's last failure, UTF-8; valid until its next failure. Never null.
FORGE_API const char* forge_last_error();

namespace forge {

// Keeps a copy of `text` as the calling thread's last error and returns FORGE_ERROR.
int fail(const char* text) noexcept;

// Runs `body` (which returns an int) and turns every exception into the thread's last error.
template <typename Body>
int guarded(Body&& body) noexcept {
    try {
        return body();
    } catch (const std::exception& error) {
        return fail(error.what());
    } catch (...) {
        return fail("An unknown native exception was thrown.");
    }
}

} // namespace forge
