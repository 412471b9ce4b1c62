#include "decoder_gemm.h"

#include <algorithm>
#include <cstddef>

#include "decoder_vec.h"

namespace forge::decode {

namespace {

// One pass over K keeps a panel within the first-level cache; longer products continue from C.
constexpr int DepthBlock = 512;

#if defined(__AVX512F__)
constexpr int MaximumRows = 12;  // 24 accumulators of 32 registers
#else
constexpr int MaximumRows = 3;   // 12 accumulators of 16 registers
#endif

// MR rows × NP panels in registers: MR·NP·2 accumulators.
template <int MR, int NP>
void tile(const float* b, ptrdiff_t panel_stride, int depth, const float* a, ptrdiff_t lda, float* c, ptrdiff_t ldc, bool resume) {
    Vec acc[MR][NP * 2];
#pragma GCC unroll 12
    for (int m = 0; m < MR; m++) {
#pragma GCC unroll 8
        for (int j = 0; j < NP * 2; j++) {
            acc[m][j] = resume ? vload(c + m * ldc + j * Lanes) : vzero();
        }
    }
    for (int k = 0; k < depth; k++) {
        Vec w[NP * 2];
#pragma GCC unroll 8
        for (int j = 0; j < NP * 2; j++) {
            w[j] = vload(b + (j / 2) * panel_stride + static_cast<ptrdiff_t>(k) * PanelWidth + (j % 2) * Lanes);
        }
#pragma GCC unroll 12
        for (int m = 0; m < MR; m++) {
            Vec x = vset(a[m * lda + k]);
#pragma GCC unroll 8
            for (int j = 0; j < NP * 2; j++) {
                acc[m][j] = vfma(x, w[j], acc[m][j]);
            }
        }
    }
#pragma GCC unroll 12
    for (int m = 0; m < MR; m++) {
#pragma GCC unroll 8
        for (int j = 0; j < NP * 2; j++) {
            vstore(c + m * ldc + j * Lanes, acc[m][j]);
        }
    }
}

using Tile = void (*)(const float*, ptrdiff_t, int, const float*, ptrdiff_t, float*, ptrdiff_t, bool);

template <int NP>
Tile tile_for(int rows) {
    static constexpr Tile tiles[] = {tile<1, NP>, tile<2, NP>, tile<3, NP>,
#if defined(__AVX512F__)
                                     tile<4, NP>, tile<5, NP>, tile<6, NP>, tile<7, NP>, tile<8, NP>, tile<9, NP>, tile<10, NP>, tile<11, NP>, tile<12, NP>,
#endif
    };
    return tiles[rows - 1];
}

// Few rows take more panels at once, or the chains of additions would be too few to hide their latency.
int panels_at_once(int rows) {
#if defined(__AVX512F__)
    return rows <= 3 ? 4 : rows <= 6 ? 2 : 1;
#else
    return rows == 1 ? 2 : 1;
#endif
}

Tile choose(int rows, int panels) {
    return panels == 4 ? tile_for<4>(rows) : panels == 2 ? tile_for<2>(rows) : tile_for<1>(rows);
}

}  // namespace

void gemm(const Packed& weight, int first, int last, const float* a, int lda, int m, float* c, int ldc) {
    const int blocks = (m + MaximumRows - 1) / MaximumRows;
    const int at_once = panels_at_once((m + blocks - 1) / blocks);
    const ptrdiff_t panel_stride = static_cast<ptrdiff_t>(weight.k) * PanelWidth;
    for (int k0 = 0; k0 < weight.k; k0 += DepthBlock) {
        const int depth = std::min(DepthBlock, weight.k - k0);
        for (int panel = first; panel < last;) {
            const int left = last - panel;
            const int count = left >= at_once ? at_once : left >= 2 && at_once >= 2 ? 2 : 1;
            const float* b = weight.data + panel * panel_stride + static_cast<ptrdiff_t>(k0) * PanelWidth;
            int row = 0;
            for (int block = 0; block < blocks; block++) {
                const int rows = m / blocks + (block < m % blocks ? 1 : 0);
                choose(rows, count)(b, panel_stride, depth, a + static_cast<ptrdiff_t>(row) * lda + k0, lda,
                                    c + static_cast<ptrdiff_t>(row) * ldc + panel * PanelWidth, ldc, k0 > 0);
                row += rows;
            }
            panel += count;
        }
    }
}

}  // namespace forge::decode
