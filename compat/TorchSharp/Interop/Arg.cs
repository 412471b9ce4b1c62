using System.Runtime.CompilerServices;
using System.Text;
using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>One argument of an operator call; whatever an API method receives converts to it.</summary>
internal readonly struct Arg
{
    internal readonly NativeTag Tag;
    internal readonly long Bits;

    /// <summary>What the argument refers to: a tensor, an array, or nothing.</summary>
    internal readonly object? Owner;

    private Arg(NativeTag tag, long bits, object? owner = null)
    {
        Tag = tag;
        Bits = bits;
        Owner = owner;
    }

    /// <summary>Not given: the operator's own default.</summary>
    internal static Arg Default => default;

    internal static Arg None => new(NativeTag.None, 0);

    internal static Arg Tensors(IEnumerable<Tensor?> tensors)
        => new(NativeTag.TensorList, 0, tensors as Tensor?[] ?? [.. tensors]);

    internal static Arg Floats(double[] values) => new(NativeTag.FloatList, 0, values);

    internal static Arg Ints(ReadOnlySpan<long> values) => new(NativeTag.IntList, 0, values.ToArray());

    public static implicit operator Arg(Tensor? value)
        => value is null ? None : new(NativeTag.Tensor, 0, value);

    public static implicit operator Arg(long value) => new(NativeTag.Int, value);

    public static implicit operator Arg(long? value) => value is { } number ? number : None;

    public static implicit operator Arg(double value) => new(NativeTag.Float, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Arg(double? value) => value is { } number ? number : None;

    public static implicit operator Arg(bool value) => new(NativeTag.Bool, value ? 1 : 0);

    public static implicit operator Arg(bool? value) => value is { } flag ? flag : None;

    public static implicit operator Arg(Scalar? value)
        => value is null ? None : new(value.Tag, value.Bits);

    public static implicit operator Arg(ScalarType value) => new(NativeTag.Int, (long)value);

    public static implicit operator Arg(ScalarType? value) => value is { } type ? type : None;

    public static implicit operator Arg(Device? value)
        => value is null ? None : new(NativeTag.Device, value.Packed);

    public static implicit operator Arg(Generator? value)
        => value is null ? None : new(NativeTag.Generator, value.Handle, value);

    public static implicit operator Arg(long[]? values)
        => values is null ? None : new(NativeTag.IntList, 0, values);

    public static implicit operator Arg(Size size) => new(NativeTag.IntList, 0, size.Shape);

    public static implicit operator Arg(string? text)
        => text is null ? None : new(NativeTag.String, 0, Encoding.UTF8.GetBytes(text));

    /// <summary>How many 8-byte words the argument's list needs.</summary>
    internal int Words => Tag switch
    {
        NativeTag.IntList => Unsafe.As<long[]>(Owner!).Length,
        NativeTag.TensorList => Unsafe.As<Tensor[]>(Owner!).Length,
        NativeTag.FloatList => Unsafe.As<double[]>(Owner!).Length,
        NativeTag.String => (Unsafe.As<byte[]>(Owner!).Length + 7) / 8,
        _ => 0,
    };

    /// <summary>Writes the argument; lists are copied into <paramref name="words"/>, which has room for <see cref="Words"/>.</summary>
    internal unsafe void Write(NativeValue* value, long* words)
    {
        value->Tag = Tag;
        value->Count = 0;
        value->Bits = Bits;
        switch (Tag)
        {
            case NativeTag.Tensor:
                value->Bits = Unsafe.As<Tensor>(Owner!).Handle;
                break;
            case NativeTag.IntList:
                Copy<long>(value, words);
                break;
            case NativeTag.FloatList:
                Copy<double>(value, words);
                break;
            case NativeTag.String:
                Copy<byte>(value, words);
                break;
            case NativeTag.TensorList:
                WriteHandles(value, words);
                break;
        }
    }

    private unsafe void Copy<T>(NativeValue* value, long* words)
        where T : unmanaged
    {
        var source = Unsafe.As<T[]>(Owner!);
        source.CopyTo(new Span<T>(words, source.Length));
        value->Count = source.Length;
        value->Bits = (long)words;
    }

    private unsafe void WriteHandles(NativeValue* value, long* words)
    {
        var tensors = Unsafe.As<Tensor?[]>(Owner!);
        for (var i = 0; i < tensors.Length; i++)
        {
            words[i] = tensors[i] is { } tensor ? tensor.Handle : 0;
        }

        value->Count = tensors.Length;
        value->Bits = (long)words;
    }
}
