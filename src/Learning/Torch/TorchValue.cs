using System.Runtime.InteropServices;

namespace Forge.Learning.Torch;

/// <summary>The 16-byte tagged value that crosses the border, laid out as <c>forge::Value</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TorchValue
{
    public TorchTag Tag;
    public int Count;
    public long Bits;
}
