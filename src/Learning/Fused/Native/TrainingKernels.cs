using System.Runtime.InteropServices;
using Forge.Learning.Torch;

namespace Forge.Learning.Fused.Native;

/// <summary>Calls the fused CPU kernels of <c>native/cpu/train.h</c>.</summary>
internal static partial class TrainingKernels
{
    private const string Library = "forge_native";

    static TrainingKernels() => NativeLibraryResolver.Register(typeof(TrainingKernels).Assembly);

    [LibraryImport(Library, EntryPoint = "forge_attention_block_saved_bytes")]
    public static partial long SavedBytes(in AttentionBlockCall call);

    [LibraryImport(Library, EntryPoint = "forge_attention_block_forward")]
    public static partial int Forward(in AttentionBlockCall call);

    [LibraryImport(Library, EntryPoint = "forge_attention_block_backward")]
    public static partial int Backward(in AttentionBlockCall call);

    [LibraryImport(Library, EntryPoint = "forge_expert_block_saved_bytes")]
    public static partial long SavedBytes(in ExpertBlockCall call);

    [LibraryImport(Library, EntryPoint = "forge_expert_block_forward")]
    public static partial int Forward(in ExpertBlockCall call);

    [LibraryImport(Library, EntryPoint = "forge_expert_block_backward")]
    public static partial int Backward(in ExpertBlockCall call);

    [LibraryImport(Library, EntryPoint = "forge_rms_norm_forward")]
    public static partial int Forward(in RmsNormCall call);

    [LibraryImport(Library, EntryPoint = "forge_rms_norm_backward")]
    public static partial int Backward(in RmsNormCall call);

    [LibraryImport(Library, EntryPoint = "forge_log_probs_saved_bytes")]
    public static partial long SavedBytes(in LogProbsCall call);

    [LibraryImport(Library, EntryPoint = "forge_log_probs_forward")]
    public static partial int Forward(in LogProbsCall call);

    [LibraryImport(Library, EntryPoint = "forge_log_probs_backward")]
    public static partial int Backward(in LogProbsCall call);

    [LibraryImport(Library, EntryPoint = "forge_embedding_backward")]
    public static partial int EmbeddingBackward(
        int elementBytes, int threads, int tokens, int hidden, int vocabulary, nint ids, nint outputGradient, nint tableGradient);

    [LibraryImport(Library, EntryPoint = "forge_adamw_step")]
    public static partial int AdamWStep(in AdamWCall call);

    /// <summary>Gives freed memory that the C library holds back for reuse to the system.</summary>
    [LibraryImport(Library, EntryPoint = "forge_trim_heap")]
    public static partial void TrimHeap();

    /// <summary>Throws what the calling thread's last kernel reported, if it failed.</summary>
    public static void Check(int result)
    {
        if (result < 0)
        {
            throw new InvalidOperationException(Marshal.PtrToStringUTF8(LastError()));
        }
    }

    [LibraryImport(Library, EntryPoint = "forge_last_error")]
    private static partial nint LastError();
}
