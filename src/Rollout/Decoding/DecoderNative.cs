using System.Runtime.InteropServices;
using Forge.Learning.Torch;

namespace Forge.Rollout.Decoding;

/// <summary>The C ABI of <c>native/cpu/decoder_api.h</c>; every function returns a negative number on failure.</summary>
internal static unsafe partial class DecoderNative
{
    private const string Library = "forge_native";

    static DecoderNative()
    {
        NativeLibraryResolver.Register(typeof(DecoderNative).Assembly);
    }

    [LibraryImport(Library, EntryPoint = "forge_decoder_create")]
    public static partial int Create(in NativeConfig config, out IntPtr decoder);

    [LibraryImport(Library, EntryPoint = "forge_decoder_destroy")]
    public static partial void Destroy(IntPtr decoder);

    [LibraryImport(Library, EntryPoint = "forge_decoder_stage")]
    public static partial int Stage(IntPtr decoder);

    [LibraryImport(Library, EntryPoint = "forge_decoder_set_weight", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetWeight(IntPtr decoder, string name, void* data, int dtype, long rows, long columns);

    [LibraryImport(Library, EntryPoint = "forge_decoder_check_staged")]
    public static partial int CheckStaged(IntPtr decoder);

    [LibraryImport(Library, EntryPoint = "forge_decoder_publish")]
    public static partial int Publish(IntPtr decoder);

    [LibraryImport(Library, EntryPoint = "forge_decoder_step")]
    public static partial int Step(IntPtr decoder, in NativeBatch batch);

    [LibraryImport(Library, EntryPoint = "forge_decoder_copy_slot")]
    public static partial int CopySlot(IntPtr decoder, int from, int to, int count);

    [LibraryImport(Library, EntryPoint = "forge_sample")]
    public static partial int Sample(float* logits, int vocabulary, in TokenSampling sampling, out SampledToken result);

    /// <summary>The calling thread's last error.</summary>
    public static string LastError() => Marshal.PtrToStringUTF8(LastErrorText()) ?? "";

    [LibraryImport(Library, EntryPoint = "forge_last_error")]
    private static partial IntPtr LastErrorText();
}
