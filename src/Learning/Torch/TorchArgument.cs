using System.Runtime.InteropServices;
using System.Text;
using static TorchSharp.torch;

namespace Forge.Learning.Torch;

/// <summary>
/// One argument of a <see cref="TorchOperator"/> call. Tensors, numbers, types, devices, texts and lists convert to
/// it.
/// </summary>
public readonly struct TorchArgument
{
    private readonly TorchTag _tag;
    private readonly long _bits;
    private readonly object? _owner;

    private TorchArgument(TorchTag tag, long bits, object? owner = null)
    {
        _tag = tag;
        _bits = bits;
        _owner = owner;
    }

    /// <summary>Not given: the operator's own default.</summary>
    public static TorchArgument Default => default;

    /// <summary>An absent optional.</summary>
    public static TorchArgument None => new(TorchTag.None, 0);

    public static implicit operator TorchArgument(Tensor? value)
        => value is null ? None : new(TorchTag.Tensor, value.Handle, value);

    public static implicit operator TorchArgument(long value) => new(TorchTag.Int, value);

    public static implicit operator TorchArgument(double value)
        => new(TorchTag.Float, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator TorchArgument(bool value) => new(TorchTag.Bool, value ? 1 : 0);

    public static implicit operator TorchArgument(ScalarType value) => new(TorchTag.Int, (long)value);

    public static implicit operator TorchArgument(Device value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new TorchArgument(TorchTag.Device, ((long)value.type << 32) | (uint)value.index);
    }

    public static implicit operator TorchArgument(string text)
        => new(TorchTag.String, 0, Encoding.UTF8.GetBytes(text));

    public static implicit operator TorchArgument(long[] values) => new(TorchTag.IntList, 0, values);

    public static implicit operator TorchArgument(double[] values) => new(TorchTag.FloatList, 0, values);

    /// <summary>A list of tensors; a null entry is an absent tensor.</summary>
    public static implicit operator TorchArgument(Tensor?[] tensors)
        => new(TorchTag.TensorList, 0, tensors);

    /// <summary>
    /// Writes the argument and pins its list, if it has one, until the caller frees <paramref name="pin"/>.
    /// </summary>
    internal TorchValue Pin(out GCHandle pin)
    {
        pin = default;
        var list = _tag == TorchTag.TensorList
            ? Array.ConvertAll((Tensor?[])_owner!, tensor => tensor?.Handle ?? 0)
            : _owner as Array;
        if (list is null)
        {
            return new TorchValue { Tag = _tag, Bits = _bits };
        }

        pin = GCHandle.Alloc(list, GCHandleType.Pinned);
        return new TorchValue { Tag = _tag, Count = list.Length, Bits = pin.AddrOfPinnedObject() };
    }

    /// <summary>Holds what the argument refers to until here.</summary>
    internal void KeepAlive() => GC.KeepAlive(_owner);
}
