// Causal grouped-query attention over packed rows, forward and backward, blocked: no N x N matrix is ever stored.
//
// Visibility is that of a prefix tree laid out in preorder: within one tree (rows [start, end)), query q sees key k iff
// k <= q < key_end[k], where key_end[k] is one past k's last descendant. A plain sequence is a tree without branches:
// key_end is null and means `end` for every key. The keys that q sees are thus its path from the root, one at every
// depth up to its own; a tree may begin with the path of an earlier chunk (`past` rows, numbered from -past).
//
// One task (attention_plan.h) = a run of rows and one key/value head with the group of query heads that share it. It
// gathers the current path (attention_path.h) and takes its rows in blocks that stay on one path, so its products grow
// with the visible pairs. Tasks are independent, and all sums have an order that the forest alone decides: results
// don't depend on the number of threads.
#pragma once

#include "gemm.h"

#include <limits>

namespace forge::cpu {

// Where the heads of packed rows lie: head h of row n starts at base + n * stride + h * head_dim.
template <class P> struct HeadRows {
    P* base;
    int stride;
    P* row(int n, int head, int head_dim) const {
        return base + static_cast<size_t>(n) * stride + static_cast<size_t>(head) * head_dim;
    }
};

template <class T> struct AttentionProblem {
    int heads, kv_heads, head_dim;
    T scale;
    HeadRows<const T> q, k, v;
    int past;
    HeadRows<const T> past_k, past_v;
    const int32_t* depths; // [N] keys that a row sees before itself
    int longest_path;

    int group() const { return heads / kv_heads; }
    int padded_dim() const { return (head_dim + Width<T> - 1) / Width<T> * Width<T>; }
    const T* key(int row, int head) const {
        return row < 0 ? past_k.row(row + past, head, head_dim) : k.row(row, head, head_dim);
    }
    const T* value(int row, int head) const {
        return row < 0 ? past_v.row(row + past, head, head_dim) : v.row(row, head, head_dim);
    }
};

// Rows of a query block: whole positions with all heads of the group, about 48 rows = eight register tiles.
constexpr int QueryBlockRows = 48;
template <class T> constexpr int KeyBlock = PanelColumns<T>;

constexpr int MaxTiles = 64; // register tiles of a query block: up to 384 query heads per key/value head

inline int query_block_positions(int group) { return std::max(1, QueryBlockRows / group); }
inline int query_block_rows(int group) { return query_block_positions(group) * group; }

// Rows from `first` on, at most a block of them, that each hang below the one before.
template <class T> int positions_on_one_path(const AttentionProblem<T>& p, int first, int last) {
    const int most = std::min(last - first, query_block_positions(p.group()));
    int positions = 1;
    while (positions < most && p.depths[first + positions] == p.depths[first] + positions) ++positions;
    return positions;
}

// A block of a path's slots. Queries and slots are both counted by depth.
struct KeyBlockView {
    int first, count;
};

// Slots of the block that the query at this depth sees.
inline int causal_count(const KeyBlockView& view, int query) {
    return std::max(0, std::min(view.count, query + 1 - view.first));
}

// Copies a query block to [positions * group][padded_dim]: row = position, then head of the group.
template <class T>
void copy_query_block(const HeadRows<const T>& rows, int first, int positions, int first_head, int group, int head_dim,
                      int padded_dim, T* to) {
    for (int n = first; n < first + positions; ++n) {
        for (int head = first_head; head < first_head + group; ++head, to += padded_dim) {
            std::memcpy(to, rows.row(n, head, head_dim), sizeof(T) * head_dim);
            std::memset(to + head_dim, 0, sizeof(T) * (padded_dim - head_dim));
        }
    }
}

// scores[rows][KeyBlock] = queries . keys for one key block; each register tile computes only the columns that its
// latest row may see. `visible[t]` gets tile t's number of columns.
template <class T>
void score_block(const KeyBlockView& view, int first_query, int rows, int group, int head_dim, int padded_dim,
                 const T* queries, const T* packed_keys, T* scores, int* visible) {
    for (int r0 = 0; r0 < rows; r0 += TileRows) {
        const int count = std::min(TileRows, rows - r0);
        const int columns = causal_count(view, first_query + (r0 + count - 1) / group);
        visible[r0 / TileRows] = columns;
        if (columns == 0) continue;
        const T* a[TileRows];
        T* out[TileRows];
        for (int r = 0; r < count; ++r) {
            a[r] = queries + static_cast<size_t>(r0 + r) * padded_dim;
            out[r] = scores + static_cast<size_t>(r0 + r) * KeyBlock<T>;
        }
        const int padded = (columns + Width<T> - 1) / Width<T> * Width<T>; // whole vectors: what follows reads them
        multiply_any<T, Write::Replace>(count, a, 1, packed_keys, KeyBlock<T>, head_dim, out, padded);
    }
}

// Sets the scores of slots below the query to minus infinity, up to its tile's `columns` rounded up to whole vectors.
template <class T> inline void hide_keys(const KeyBlockView& view, int query, int columns, T* scores) {
    const int padded = (columns + Width<T> - 1) / Width<T> * Width<T>;
    for (int k = causal_count(view, query); k < padded; ++k) scores[k] = -std::numeric_limits<T>::infinity();
}

} // namespace forge::cpu
