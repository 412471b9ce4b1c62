using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>Calls one operator of libtorch by name, found once at its first use.</summary>
/// <remarks>
/// Written as a string: <c>"sum.dim_IntList"</c> is operator <c>aten::sum</c>, overload <c>dim_IntList</c>. Arguments follow the
/// operator's schema; trailing ones may be left out. Calls allocate nothing on the managed heap but the result.
/// </remarks>
internal sealed unsafe class Op(string name)
{
    // Lists of up to this many numbers in total travel on the stack; longer ones through a native block.
    private const int StackWords = 64;

    private IntPtr _handle;

    public static implicit operator Op(string name) => new(name);

    /// <summary>Calls and returns the first result as a new tensor.</summary>
    internal Tensor Call(params ReadOnlySpan<Arg> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        return Take(result);
    }

    /// <summary>Calls an operator that changes its first argument in place, and returns that argument.</summary>
    internal Tensor Self(params ReadOnlySpan<Arg> arguments)
    {
        Invoke(arguments, null, 0);
        return Unsafe.As<Tensor>(arguments[0].Owner!);
    }

    internal (Tensor, Tensor) Call2(params ReadOnlySpan<Arg> arguments)
    {
        var results = stackalloc NativeValue[2];
        Invoke(arguments, results, 2);
        return (Take(results[0]), Take(results[1]));
    }

    internal (Tensor, Tensor, Tensor) Call3(params ReadOnlySpan<Arg> arguments)
    {
        var results = stackalloc NativeValue[3];
        Invoke(arguments, results, 3);
        return (Take(results[0]), Take(results[1]), Take(results[2]));
    }

    /// <summary>Calls an operator that returns a list of tensors.</summary>
    internal Tensor[] CallList(params ReadOnlySpan<Arg> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        var handles = (IntPtr*)result.Bits;
        var tensors = new Tensor[result.Count];
        for (var i = 0; i < tensors.Length; i++)
        {
            tensors[i] = new Tensor(handles[i]);
        }

        Native.forge_free(handles);
        return tensors;
    }

    /// <summary>Calls an operator that returns a number or a truth value.</summary>
    internal long CallNumber(params ReadOnlySpan<Arg> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        return result.Bits;
    }

    private static Tensor Take(in NativeValue result)
        => result.Tag == NativeTag.Tensor
            ? new Tensor((IntPtr)result.Bits)
            : throw new InvalidOperationException($"The operator returned a {result.Tag}, not a tensor.");

    [SkipLocalsInit]
    private void Invoke(ReadOnlySpan<Arg> arguments, NativeValue* results, int capacity)
    {
        var values = stackalloc NativeValue[arguments.Length];
        var stack = stackalloc long[StackWords];
        var wanted = 0;
        foreach (ref readonly var argument in arguments)
        {
            wanted += argument.Words;
        }

        if (wanted > StackWords)
        {
            InvokeWithBlock(arguments, values, wanted, results, capacity);
            return;
        }

        InvokeWith(arguments, values, stack, results, capacity);
    }

    private void InvokeWithBlock(ReadOnlySpan<Arg> arguments, NativeValue* values, int words, NativeValue* results, int capacity)
    {
        var block = (long*)NativeMemory.Alloc((nuint)words, sizeof(long));
        try
        {
            InvokeWith(arguments, values, block, results, capacity);
        }
        finally
        {
            NativeMemory.Free(block);
        }
    }

    private void InvokeWith(ReadOnlySpan<Arg> arguments, NativeValue* values, long* words, NativeValue* results, int capacity)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i].Write(values + i, words);
            words += arguments[i].Words;
        }

        if (Native.forge_operator_call(Find(), values, arguments.Length, results, capacity) < 0)
        {
            throw Native.Failure();
        }

        // The tensors among the arguments must outlive the call, whatever the caller does with them afterwards.
        foreach (ref readonly var argument in arguments)
        {
            GC.KeepAlive(argument.Owner);
        }
    }

    internal IntPtr Find() => _handle != 0 ? _handle : Resolve();

    private IntPtr Resolve()
    {
        var qualified = name.Contains("::", StringComparison.Ordinal) ? name : "aten::" + name;
        var dot = qualified.IndexOf('.', StringComparison.Ordinal);
        var (plain, overload) = dot < 0 ? (qualified, "") : (qualified[..dot], qualified[(dot + 1)..]);
        Native.Check(Native.forge_operator_find(plain, overload, out var handle));
        return _handle = handle;
    }
}
