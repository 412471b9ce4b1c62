using TorchSharp.Interop;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>A number that an operator takes beside tensors; it does not decide the result's type as a tensor would.</summary>
public sealed class Scalar : IDisposable
{
    internal readonly NativeTag Tag;
    internal readonly long Bits;

    private Scalar(NativeTag tag, long bits, ScalarType type)
    {
        Tag = tag;
        Bits = bits;
        Type = type;
    }

    public ScalarType Type { get; }

    public static implicit operator Scalar(byte value) => Integral(value, ScalarType.Int64);

    public static implicit operator Scalar(sbyte value) => Integral(value, ScalarType.Int64);

    public static implicit operator Scalar(short value) => Integral(value, ScalarType.Int64);

    public static implicit operator Scalar(int value) => Integral(value, ScalarType.Int64);

    public static implicit operator Scalar(long value) => Integral(value, ScalarType.Int64);

    public static implicit operator Scalar(Half value) => Real((double)value);

    public static implicit operator Scalar(BFloat16 value) => Real((float)value);

    public static implicit operator Scalar(float value) => Real(value);

    public static implicit operator Scalar(double value) => Real(value);

    public static implicit operator Scalar(bool value) => new(NativeTag.Bool, value ? 1 : 0, ScalarType.Bool);

    public void Dispose()
    {
        // The value is plain data here; the type is disposable because the outside API's is.
    }

    internal static Scalar From(in NativeValue value)
        => value.Tag switch
        {
            NativeTag.Bool => value.Bits != 0,
            NativeTag.Int => value.Bits,
            _ => BitConverter.Int64BitsToDouble(value.Bits),
        };

    internal double AsDouble() => Tag == NativeTag.Float ? BitConverter.Int64BitsToDouble(Bits) : Bits;

    internal long AsInt64() => Tag == NativeTag.Float ? (long)BitConverter.Int64BitsToDouble(Bits) : Bits;

    internal bool AsBoolean() => Tag == NativeTag.Float ? BitConverter.Int64BitsToDouble(Bits) != 0 : Bits != 0;

    private static Scalar Integral(long value, ScalarType type) => new(NativeTag.Int, value, type);

    private static Scalar Real(double value) => new(NativeTag.Float, BitConverter.DoubleToInt64Bits(value), ScalarType.Float64);
}
