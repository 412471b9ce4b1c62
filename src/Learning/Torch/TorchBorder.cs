using System.Runtime.InteropServices;

namespace Forge.Learning.Torch;

/// <summary>
/// The C functions of <c>native/torch</c> that go beyond the tensor API; handles are <c>at::Tensor*</c>, as in
/// TorchSharp.
/// </summary>
internal static unsafe partial class TorchBorder
{
    private const string Library = "forge_native";

    static TorchBorder() => NativeLibraryResolver.Register(typeof(TorchBorder).Assembly);

    /// <summary>Passes a count through; a negative one becomes an exception with the native side's text.</summary>
    internal static int Check(int result)
        => result >= 0
            ? result
            : throw new InvalidOperationException(
                Marshal.PtrToStringUTF8(forge_last_error()) ?? "The native library gave no reason.");

    [LibraryImport(Library)] internal static partial IntPtr forge_last_error();
    [LibraryImport(Library)] internal static partial void forge_free(void* memory);
    [LibraryImport(Library)] internal static partial IntPtr forge_libtorch_version();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int forge_operator_find(string name, string overload, out IntPtr result);
    [LibraryImport(Library)] internal static partial int forge_operator_schema(IntPtr op, out byte* result);
    [LibraryImport(Library)]
    internal static partial int forge_operator_call(
        IntPtr op, TorchValue* arguments, int count, TorchValue* results, int capacity);

    [LibraryImport(Library)] internal static partial long forge_tensor_live_count();
    [LibraryImport(Library)] internal static partial int forge_num_threads();
    [LibraryImport(Library)] internal static partial int forge_set_num_threads(int threads);

    [LibraryImport(Library)] internal static partial int forge_cuda_memory(int device, out CudaMemory figures);
    [LibraryImport(Library)] internal static partial int forge_cuda_reset_peak(int device);
    [LibraryImport(Library)] internal static partial int forge_cuda_empty_cache();
    [LibraryImport(Library)]
    internal static partial int forge_cuda_stream_new(int device, int highPriority, out long id);
    [LibraryImport(Library)] internal static partial int forge_cuda_stream_current(int device, out long id);
    [LibraryImport(Library)] internal static partial int forge_cuda_stream_use(int device, long id);
    [LibraryImport(Library)] internal static partial int forge_cuda_stream_synchronize(int device, long id);
    [LibraryImport(Library)] internal static partial int forge_cuda_graph_begin(int device, out IntPtr graph);
    [LibraryImport(Library)] internal static partial int forge_cuda_graph_end(IntPtr graph);
    [LibraryImport(Library)] internal static partial int forge_cuda_graph_replay(IntPtr graph);
    [LibraryImport(Library)] internal static partial void forge_cuda_graph_free(IntPtr graph);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int forge_bench_direct(
        string name, IntPtr left, IntPtr right, long iterations, out double nanoseconds);
}
