// Working memory that is kept between calls, so that a training step allocates nothing once it has been through all its
// shapes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

#include <sys/mman.h>

namespace forge::cpu {

// Hands out 64-byte aligned pieces until it is rewound. Pieces never move; a rewind merges the blocks of a first pass
// into one.
class Scratch {
public:
    Scratch() = default;
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() { release(); }

    // Room for `count` elements, with a vector's width to spare behind them; contents are undefined.
    template <class T> T* take(size_t count) {
        const size_t bytes = (count * sizeof(T) + 2 * Alignment - 1) / Alignment * Alignment;
        if (blocks_.empty() || blocks_.back().size - used_ < bytes) add_block(bytes);
        T* piece = reinterpret_cast<T*>(blocks_.back().start + used_);
        used_ += bytes;
        return piece;
    }

    // Takes every piece back.
    void rewind() {
        if (blocks_.size() > 1) {
            size_t total = 0;
            for (const Block& block : blocks_) total += block.size;
            release();
            add_block(total);
        }
        used_ = 0;
    }

private:
    struct Block {
        char* start;
        size_t size;
    };
    static constexpr size_t Alignment = 64, HugePage = size_t{2} << 20;

    void add_block(size_t bytes) {
        bytes = (bytes + HugePage - 1) / HugePage * HugePage;
        void* start = std::aligned_alloc(HugePage, bytes);
        if (start == nullptr) throw std::bad_alloc();
        madvise(start, bytes, MADV_HUGEPAGE);
        blocks_.push_back({static_cast<char*>(start), bytes});
        used_ = 0;
    }

    void release() {
        for (const Block& block : blocks_) std::free(block.start);
        blocks_.clear();
    }

    std::vector<Block> blocks_;
    size_t used_ = 0;
};

// Borrows a scratch for one call. There are as many as calls ever ran at once, whatever the threads that they ran on.
class ScratchLease {
public:
    ScratchLease() {
        std::lock_guard<std::mutex> lock(pool().mutex);
        if (pool().idle.empty()) pool().idle.push_back(std::make_unique<Scratch>());
        scratch_ = std::move(pool().idle.back());
        pool().idle.pop_back();
        scratch_->rewind();
    }

    ScratchLease(const ScratchLease&) = delete;
    ScratchLease& operator=(const ScratchLease&) = delete;

    ~ScratchLease() {
        std::lock_guard<std::mutex> lock(pool().mutex);
        pool().idle.push_back(std::move(scratch_));
    }

    template <class T> T* take(size_t count) { return scratch_->take<T>(count); }

private:
    struct Pool {
        std::mutex mutex;
        std::vector<std::unique_ptr<Scratch>> idle; // the last one returned is the next one lent: its memory is warm
    };

    static Pool& pool() {
        static Pool* const shared = new Pool; // never destroyed: a call may still run while the process ends
        return *shared;
    }

    std::unique_ptr<Scratch> scratch_;
};

} // namespace forge::cpu
