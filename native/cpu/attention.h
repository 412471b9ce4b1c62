// Causal grouped-query attention over packed rows, forward and backward, blocked: no N x N matrix is ever stored.
//
// Visibility is that of a prefix tree laid out in preorder: within one tree (rows [start, end)), query q sees key k iff
// k <= q < key_end[k], where key_end[k] is one past k's last descendant. A plain sequence is a tree without branches:
// key_end is null and means `end` for every key. One task = one tree and one key/value head with the group of query
// heads that share it; tasks are independent, and the sums inside a task run in a fixed order, so the result does not
// depend on the number of threads.
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
    const int32_t* key_end; // [N], or null for plain sequences

    int group() const { return heads / kv_heads; }
    int padded_dim() const { return (head_dim + Width<T> - 1) / Width<T> * Width<T>; }
};

// Rows of a query block: whole positions with all heads of the group, about 48 rows = eight register tiles.
constexpr int QueryBlockRows = 48;
template <class T> constexpr int KeyBlock = PanelColumns<T>;

constexpr int MaxTiles = 64; // register tiles of a query block: up to 384 query heads per key/value head

inline int query_block_positions(int group) { return std::max(1, QueryBlockRows / group); }
inline int query_block_rows(int group) { return query_block_positions(group) * group; }

// One key block seen from one query block: which keys exist, and whether every query in the block outlives them.
struct KeyBlockView {
    int first, count;
    bool hidden; // no query of the block sees any of its keys
    bool open;   // key_end cuts nothing off here: only causality does
};

inline KeyBlockView view_key_block(const int32_t* key_end, int first, int count, int first_query, int last_query) {
    KeyBlockView view{first, count, false, true};
    if (key_end == nullptr) return view;
    int32_t earliest = std::numeric_limits<int32_t>::max(), latest = 0;
    for (int k = first; k < first + count; ++k) {
        earliest = std::min(earliest, key_end[k]);
        latest = std::max(latest, key_end[k]);
    }
    view.hidden = latest <= first_query;
    view.open = earliest > last_query;
    return view;
}

// Keys of the block that the row at `query` may see by causality alone.
inline int causal_count(const KeyBlockView& view, int query) {
    return std::max(0, std::min(view.count, query + 1 - view.first));
}

// Packs the keys (or values) of one head for products that reduce over the head dimension: per key block,
// [head_dim][KeyBlock].
template <class T>
void pack_heads_transposed(const HeadRows<const T>& rows, int start, int count, int head, int head_dim, T* packed) {
    for (int block = 0; block * KeyBlock<T> < count; ++block) {
        pack_panel_transposed(rows.row(start, head, head_dim), rows.stride, head_dim, count, block, packed);
    }
}

// Copies one head's rows to [count][padded_dim], the padding zero.
template <class T>
void copy_heads(const HeadRows<const T>& rows, int start, int count, int head, int head_dim, int padded_dim, T* to) {
    for (int n = 0; n < count; ++n, to += padded_dim) {
        std::memcpy(to, rows.row(start + n, head, head_dim), sizeof(T) * head_dim);
        std::memset(to + head_dim, 0, sizeof(T) * (padded_dim - head_dim));
    }
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

// Sets the scores of keys that the row may not see to minus infinity, up to its tile's `columns` rounded up to whole
// vectors.
template <class T>
inline void hide_keys(const KeyBlockView& view, const int32_t* key_end, int query, int columns, T* scores) {
    constexpr T Hidden = -std::numeric_limits<T>::infinity();
    if (!view.open) {
        const int32_t* end = key_end + view.first;
        for (int k = 0; k < columns; ++k) scores[k] = end[k] > query ? scores[k] : Hidden;
    }
    const int padded = (columns + Width<T> - 1) / Width<T> * Width<T>;
    for (int k = causal_count(view, query); k < padded; ++k) scores[k] = Hidden;
}

} // namespace forge::cpu
