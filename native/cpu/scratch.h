// Working memory that a calling thread keeps between calls, so that a training step allocates nothing once it has been
// through all its shapes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <vector>

#include <sys/mman.h>

namespace forge::cpu {

// Hands out 64-byte aligned pieces until it is rewound. Pieces never move; a rewind merges the blocks of a first pass
// into one.
class Scratch {
public:
    // The calling thread's own scratch, rewound. The pieces of the previous call are gone.
    static Scratch& of_this_thread() {
        thread_local Scratch scratch;
        scratch.rewind();
        return scratch;
    }

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

private:
    struct Block {
        char* start;
        size_t size;
    };
    static constexpr size_t Alignment = 64, HugePage = size_t{2} << 20;

    Scratch() = default;

    void rewind() {
        if (blocks_.size() > 1) {
            size_t total = 0;
            for (const Block& block : blocks_) total += block.size;
            release();
            add_block(total);
        }
        used_ = 0;
    }

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

} // namespace forge::cpu
