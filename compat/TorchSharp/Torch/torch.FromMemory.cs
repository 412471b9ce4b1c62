using System.Runtime.InteropServices;
using TorchSharp.Interop;

namespace TorchSharp;

// New tensors from managed memory: the ways in that the overloads of tensor() share.
public static unsafe partial class torch
{
    /// <summary>Copies an array of any rank.</summary>
    public static Tensor from_array(Array rawArray, Device? device = null) => from_array(rawArray, null, device);

    public static Tensor from_array(
        Array rawArray, ScalarType? dtype, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        var sizes = Enumerable.Range(0, rawArray.Rank).Select(rawArray.GetLongLength).ToArray();
        var pin = GCHandle.Alloc(rawArray, GCHandleType.Pinned);
        try
        {
            var type = ScalarTypeOf(rawArray.GetType().GetElementType()!);
            return Copied((void*)pin.AddrOfPinnedObject(), type, sizes, dtype, device, requires_grad);
        }
        finally
        {
            pin.Free();
        }
    }

    /// <summary>A tensor over an array's own memory: both see each other's changes; the array stays pinned as long as it is used.</summary>
    /// <param name="count">How many elements of type <paramref name="dtype"/>; -1 is all.</param>
    /// <param name="offset">Where to begin, in bytes.</param>
    public static Tensor frombuffer(Array rawArray, ScalarType dtype, long count = -1, long offset = 0, bool requires_grad = false)
    {
        var elementSize = SizeOf(dtype);
        var total = rawArray.LongLength * SizeOf(ScalarTypeOf(rawArray.GetType().GetElementType()!));
        var sizes = stackalloc long[] { count >= 0 ? count : (total - offset) / elementSize };
        if (offset < 0 || offset + (*sizes * elementSize) > total)
        {
            throw new ArgumentException($"{*sizes} elements of {dtype} from byte {offset} do not fit into {total} bytes.");
        }

        var pin = GCHandle.Alloc(rawArray, GCHandleType.Pinned);
        var data = (byte*)pin.AddrOfPinnedObject() + offset;
        if (Native.forge_tensor_over_host(data, (int)dtype, sizes, 1, &Unpin, GCHandle.ToIntPtr(pin), out var handle) < 0)
        {
            pin.Free();
            throw Native.Failure();
        }

        return new Tensor(handle).requires_grad_(requires_grad);
    }

    private static Tensor Copied<T>(
        ReadOnlySpan<T> values, ReadOnlySpan<long> sizes, ScalarType? dtype, Device? device, bool requires_grad)
        where T : unmanaged
    {
        long expected = 1;
        foreach (var size in sizes)
        {
            expected *= size;
        }

        if (expected != values.Length)
        {
            throw new ArgumentException($"{values.Length} values do not fill the shape [{string.Join(", ", sizes.ToArray())}].");
        }

        fixed (T* data = values)
        {
            return Copied(data, ScalarTypeOf(typeof(T)), sizes, dtype, device, requires_grad);
        }
    }

    private static Tensor Copied(
        void* data, ScalarType type, ReadOnlySpan<long> sizes, ScalarType? dtype, Device? device, bool requires_grad)
    {
        IntPtr handle;
        fixed (long* shape = sizes)
        {
            Native.Check(Native.forge_tensor_from_host(data, (int)type, shape, sizes.Length, 0, out handle));
        }

        var result = new Tensor(handle);
        var target = InitializeDevice(device);
        if ((dtype is { } wanted && wanted != type) || target.type != DeviceType.CPU)
        {
            result = result.to(dtype ?? type, target, disposeAfter: true);
        }

        return result.requires_grad_(requires_grad);
    }

    private static ReadOnlySpan<T> Values<T>(IList<T> source)
        => source switch
        {
            T[] array => array,
            List<T> list => CollectionsMarshal.AsSpan(list),
            _ => source.ToArray(),
        };

    [UnmanagedCallersOnly]
    private static void Unpin(IntPtr pin) => GCHandle.FromIntPtr(pin).Free();
}
