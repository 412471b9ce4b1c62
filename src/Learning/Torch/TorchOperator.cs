using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Forge.Learning.Torch;

/// <summary>Calls any operator of libtorch by name, through the dispatcher's boxed path and so with autograd.</summary>
/// <remarks>
/// For what the tensor API has no method for: flash attention with its log-sum-exp, grouped products, fused optimizers.
/// Arguments follow the schema in order; those left out take the schema's defaults, so that one call serves every
/// version.
/// </remarks>
public sealed unsafe class TorchOperator
{
    private const int MostResults = 16;

    private readonly IntPtr _handle;

    private TorchOperator(string name, IntPtr handle)
    {
        Name = name;
        _handle = handle;
    }

    /// <summary>Such as <c>aten::sum.dim_IntList</c>.</summary>
    public string Name { get; }

    /// <summary>The operator's schema in this libtorch, as text.</summary>
    public string Schema
    {
        get
        {
            TorchBorder.Check(TorchBorder.forge_operator_schema(_handle, out var text));
            var schema = Marshal.PtrToStringUTF8((IntPtr)text)!;
            TorchBorder.forge_free(text);
            return schema;
        }
    }

    /// <summary>Finds an operator by its full name; keep the result, finding takes microseconds.</summary>
    /// <param name="name">With namespace and overload: <c>aten::sum.dim_IntList</c>,
    /// <c>aten::_flash_attention_forward</c>.</param>
    /// <exception cref="InvalidOperationException">This libtorch has no such operator.</exception>
    public static TorchOperator Find(string name)
    {
        var (plain, overload) = Split(name);
        TorchBorder.Check(TorchBorder.forge_operator_find(plain, overload, out var handle));
        return new TorchOperator(name, handle);
    }

    /// <summary>Says whether this libtorch has the operator.</summary>
    public static bool Exists(string name)
    {
        var (plain, overload) = Split(name);
        return TorchBorder.forge_operator_find(plain, overload, out _) >= 0;
    }

    /// <summary>Calls an operator with one tensor as its result.</summary>
    /// <exception cref="InvalidOperationException">libtorch's own reason: shapes that do not match, a kernel that
    /// is missing, …</exception>
    public Tensor Call(params ReadOnlySpan<TorchArgument> arguments) => CallMany(arguments)[0];

    /// <summary>
    /// Calls an operator with several results; a list among them is spread out, what is not a tensor is left out.
    /// </summary>
    public Tensor[] CallMany(params ReadOnlySpan<TorchArgument> arguments)
    {
        var results = stackalloc TorchValue[MostResults];
        var count = Invoke(arguments, results, MostResults);
        var tensors = new List<Tensor>(count);
        for (var i = 0; i < count; i++)
        {
            Take(results[i], tensors);
        }

        return [.. tensors];
    }

    /// <summary>Calls an operator for its effect on its arguments.</summary>
    public void Run(params ReadOnlySpan<TorchArgument> arguments) => Invoke(arguments, null, 0);

    private static (string Name, string Overload) Split(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? (name, "") : (name[..dot], name[(dot + 1)..]);
    }

    private int Invoke(ReadOnlySpan<TorchArgument> arguments, TorchValue* results, int capacity)
    {
        var values = stackalloc TorchValue[arguments.Length];
        var pins = new GCHandle[arguments.Length];
        try
        {
            for (var i = 0; i < arguments.Length; i++)
            {
                values[i] = arguments[i].Pin(out pins[i]);
            }

            return TorchBorder.Check(
                TorchBorder.forge_operator_call(_handle, values, arguments.Length, results, capacity));
        }
        finally
        {
            for (var i = 0; i < pins.Length; i++)
            {
                arguments[i].KeepAlive();
                if (pins[i].IsAllocated)
                {
                    pins[i].Free();
                }
            }
        }
    }

    private static void Take(TorchValue value, List<Tensor> tensors)
    {
        if (value.Tag == TorchTag.Tensor && value.Bits != 0)
        {
            tensors.Add(Tensor.UnsafeCreateTensor(checked((IntPtr)value.Bits)));
        }
        else if (value.Tag is TorchTag.TensorList or TorchTag.IntList)
        {
            var handles = (IntPtr*)value.Bits;
            for (var i = 0; value.Tag == TorchTag.TensorList && i < value.Count; i++)
            {
                tensors.Add(Tensor.UnsafeCreateTensor(handles[i]));
            }

            TorchBorder.forge_free(handles);
        }
    }
}
