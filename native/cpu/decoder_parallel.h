// Meeting points and work lists for the few threads of one step.
#pragma once

#include <atomic>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace forge::decode {

/// A reusable barrier. Waiters spin for some microseconds, then sleep in the kernel: a thread whose partner was
/// descheduled must not burn the core that somebody else (the trainer) could use.
class Barrier {
public:
    void wait(int threads) {
        if (threads == 1) {
            return;
        }
        const int phase = phase_.load(std::memory_order_relaxed);
        if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads) {
            arrived_.store(0, std::memory_order_relaxed);
            phase_.store(phase + 1, std::memory_order_seq_cst);
            if (sleepers_.load(std::memory_order_seq_cst) > 0) {
                syscall(SYS_futex, address(), FUTEX_WAKE_PRIVATE, threads, nullptr, nullptr, 0);
            }
            return;
        }
        for (int spin = 0; spin < Spins; spin++) {
            if (phase_.load(std::memory_order_acquire) != phase) {
                return;
            }
#if defined(__x86_64__)
            _mm_pause();
#endif
        }
        sleepers_.fetch_add(1, std::memory_order_seq_cst);
        while (phase_.load(std::memory_order_seq_cst) == phase) {
            syscall(SYS_futex, address(), FUTEX_WAIT_PRIVATE, phase, nullptr, nullptr, 0);
        }
        sleepers_.fetch_sub(1, std::memory_order_relaxed);
    }

private:
    static constexpr int Spins = 2000;

    int* address() { return reinterpret_cast<int*>(&phase_); }

    alignas(64) std::atomic<int> arrived_{0};
    alignas(64) std::atomic<int> phase_{0};
    std::atomic<int> sleepers_{0};
};

/// Hands out 0, 1, 2, … to whoever asks.
struct alignas(64) Counter {
    std::atomic<int> next{0};

    int take() { return next.fetch_add(1, std::memory_order_relaxed); }
};

}  // namespace forge::decode
