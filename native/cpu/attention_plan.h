// The split of packed prefix trees into attention tasks, and the path of rows above each task.
#pragma once

#include "train.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace forge::cpu {

// A run of rows of one tree that one thread carries through, for one key/value head.
struct AttentionTask {
    int first, last;
    int depth;        // of the first row, which has as many ancestors
    size_t ancestors; // where they begin in AttentionPlan::ancestors
};

// Depends on the forest alone, never on the number of threads; takes O(rows + ancestors of the tasks) time.
//
// A tree of up to WholeTree rows is one task. A larger one is cut into about TreeTasks runs of equal numbers of visible
// pairs, none shorter than an eighth of the path above it, which bounds the ancestors of all tasks by 8 per row.
class AttentionPlan {
public:
    std::vector<AttentionTask> tasks;
    std::vector<int32_t> ancestors; // rows by depth; rows of earlier chunks count from -past
    std::vector<int32_t> depths;    // [N] how many keys a row sees before itself
    int longest_path = 0;           // rows, the last one included

    explicit AttentionPlan(const ForgeAttentionBlock& block) : depths(block.tokens), block_(block) {
        for (int tree = 0; tree < block.trees; ++tree) {
            const int first = block.tree_starts[tree], last = block.tree_starts[tree + 1];
            // Only the first tree continues an earlier chunk's path.
            const int past = tree == 0 ? block.past : 0;
            const int64_t pairs = measure(first, last, past);
            split(first, last, past, pairs);
        }
    }

private:
    static constexpr int WholeTree = 1024, TreeTasks = 64, ShortestTask = 64, PathShare = 8;

    const ForgeAttentionBlock& block_;
    std::vector<int32_t> path_; // ancestors of the row that stands next

    // One past the last row that sees the given row as a key: the one place where visibility is decided.
    int key_end(int row, int tree_end) const {
        const int32_t* ends = row < 0 ? block_.past_key_end : block_.key_end;
        return ends == nullptr ? tree_end : ends[row < 0 ? row + block_.past : row];
    }

    void begin_path(int past) {
        path_.clear();
        for (int row = -past; row < 0; ++row) path_.push_back(row);
    }

    void leave_until(int row, int tree_end) {
        while (!path_.empty() && key_end(path_.back(), tree_end) <= row) path_.pop_back();
    }

    // Walking paths takes a tree: an ancestor outlives its descendants.
    void check_nested(int row, int tree_end) const {
        const int end = key_end(row, tree_end), bound = path_.empty() ? tree_end : key_end(path_.back(), tree_end);
        if (end <= row || end > bound) {
            throw std::invalid_argument("Row " + std::to_string(row) + " has key end " + std::to_string(end) +
                                        "; it must lie after the row and at most at its parent's key end " +
                                        std::to_string(bound) + ".");
        }
    }

    // Fills the tree's depths; the number of visible pairs.
    int64_t measure(int first, int last, int past) {
        int64_t pairs = 0;
        begin_path(past);
        for (int row = first; row < last; ++row) {
            leave_until(row, last);
            depths[row] = static_cast<int32_t>(path_.size());
            check_nested(row, last);
            path_.push_back(row);
            longest_path = std::max(longest_path, depths[row] + 1);
            pairs += depths[row] + 1;
        }
        return pairs;
    }

    void split(int first, int last, int past, int64_t pairs) {
        const int64_t share = last - first <= WholeTree ? pairs : pairs / TreeTasks;
        int64_t done = 0;
        begin_path(past);
        for (int row = first; row < last; ++row) {
            leave_until(row, last);
            if (row == first || (done >= share && is_long_enough(row))) {
                begin_task(row);
                done = 0;
            }
            path_.push_back(row);
            done += depths[row] + 1;
            tasks.back().last = row + 1;
        }
    }

    bool is_long_enough(int row) const {
        const AttentionTask& task = tasks.back();
        return row - task.first >= std::max(ShortestTask, task.depth / PathShare);
    }

    void begin_task(int row) {
        tasks.push_back({row, row, depths[row], ancestors.size()});
        ancestors.insert(ancestors.end(), path_.begin(), path_.end());
    }
};

} // namespace forge::cpu
