// C = A · Wᵀ with W packed into panels of 32 output columns: panel p holds, for each k, the 32 weights of columns
// 32p..32p+31. Each output element is one chain of fused multiply-adds over k = 0..K-1, whatever M is.
#pragma once

namespace forge::decode {

constexpr int PanelWidth = 32;

/// A packed weight matrix; `data` holds panels × k × 32 floats, columns past n are zero.
struct Packed {
    const float* data = nullptr;
    int n = 0;
    int k = 0;

    int panels() const { return (n + PanelWidth - 1) / PanelWidth; }
};

/// Writes columns 32·first .. 32·last-1 of C (row stride ldc ≥ 32·panels, so that whole panels can be stored)
/// for m ≥ 1 rows of A (row stride lda).
void gemm(const Packed& weight, int first, int last, const float* a, int lda, int m, float* c, int ldc);

}  // namespace forge::decode
