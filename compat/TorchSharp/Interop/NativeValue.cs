using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>The 16-byte tagged value that crosses the border, laid out as <c>forge::Value</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeValue
{
    public NativeTag Tag;
    public int Count;
    public long Bits;
}
