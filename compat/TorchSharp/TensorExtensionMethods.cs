using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp;

public static class TensorExtensionMethods
{
    public static Parameter AsParameter(this Tensor tensor) => new(tensor, tensor.requires_grad);

    public static int ElementSize(this ScalarType type) => (int)SizeOf(type);

    public static long TotalSize(this IEnumerable<long> shape) => shape.Aggregate(1L, (product, extent) => product * extent);

    public static float ToSingle(this Tensor value) => (float)Number(value).AsDouble();

    public static double ToDouble(this Tensor value) => Number(value).AsDouble();

    public static Half ToHalf(this Tensor value) => (Half)Number(value).AsDouble();

    public static BFloat16 ToBFloat16(this Tensor value) => (BFloat16)Number(value).AsDouble();

    public static sbyte ToSByte(this Tensor value) => (sbyte)Number(value).AsInt64();

    public static byte ToByte(this Tensor value) => (byte)Number(value).AsInt64();

    public static short ToInt16(this Tensor value) => (short)Number(value).AsInt64();

    public static int ToInt32(this Tensor value) => (int)Number(value).AsInt64();

    public static long ToInt64(this Tensor value) => Number(value).AsInt64();

    public static bool ToBoolean(this Tensor value) => Number(value).AsBoolean();

    public static Tensor ToTensor<T>(this T[] rawArray, long[] dimensions, bool doCopy = false, bool requires_grad = false)
        where T : unmanaged
    {
        using var scope = NewDisposeScope();
        return from_array(rawArray).reshape(dimensions).requires_grad_(requires_grad).MoveToOuterDisposeScope();
    }

    public static Tensor ToTensor<T>(this T scalar, Device? device = null, bool requires_grad = false)
        where T : unmanaged
    {
        using var scope = NewDisposeScope();
        return from_array(new[] { scalar }, null, device).reshape().requires_grad_(requires_grad).MoveToOuterDisposeScope();
    }

    public static string str(
        this Tensor tensor, string? fltFormat = null, int? width = null, string? newLine = null,
        System.Globalization.CultureInfo? cultureInfo = null, TensorStringStyle style = TensorStringStyle.Default)
        => tensor.ToString(style, fltFormat, width, cultureInfo, newLine);

    private static Scalar Number(Tensor value)
        => value.numel() == 1
            ? value.ToScalar()
            : throw new ArgumentException($"Only a tensor of one element becomes a number; this one has the shape [{string.Join(", ", value.shape)}].");
}
