using System.Runtime.InteropServices;
using System.Text;
using TorchSharp.Interop;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>The managed half of a custom function's node in the graph; the native half calls in from whichever thread runs backward.</summary>
internal sealed class FunctionNode(
    autograd.AutogradContext context, Func<autograd.AutogradContext, List<Tensor>, List<Tensor>> backward, string name)
{
    private readonly Lock _lock = new();

    [UnmanagedCallersOnly]
    internal static void Release(IntPtr self) => GCHandle.FromIntPtr(self).Free();

    /// <summary>Dispose scopes belong to a thread, and this may be one of the engine's own: what backward makes lives in a scope of its own.</summary>
    [UnmanagedCallersOnly]
    internal static unsafe int RunBackward(
        IntPtr self, IntPtr node, IntPtr* gradients, int count, IntPtr* results, int capacity, byte* error, int errorCapacity)
    {
        try
        {
            using var scope = NewDisposeScope();
            var owner = (FunctionNode)GCHandle.FromIntPtr(self).Target!;
            var given = new List<Tensor>(count);
            for (var i = 0; i < count; i++)
            {
                given.Add(gradients[i] == 0 ? null! : new Tensor(gradients[i]));
            }

            owner.Write(owner.Run(node, given), results, capacity);
            return 0;
        }
        catch (Exception failure)
        {
            var text = Encoding.UTF8.GetBytes(failure.Message);
            var length = Math.Min(text.Length, errorCapacity - 1);
            text.AsSpan(0, length).CopyTo(new Span<byte>(error, length));
            error[length] = 0;
            return -1;
        }
    }

    private List<Tensor> Run(IntPtr node, List<Tensor> gradients)
    {
        lock (_lock)
        {
            return context.Inside(node, () => backward(context, gradients));
        }
    }

    /// <summary>Writes one handle per tensor argument of forward; the list has one entry per argument.</summary>
    private unsafe void Write(List<Tensor> gradients, IntPtr* results, int capacity)
    {
        var expected = context.IsTensor;
        if (gradients.Count < expected.Length || gradients.Skip(expected.Length).Any(extra => extra is not null))
        {
            throw new InvalidOperationException(
                $"Function {name} returned an incorrect number of gradients (expected {expected.Length}, got {gradients.Count}).");
        }

        var next = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            if (expected[i])
            {
                results[next++] = gradients[i] is { } gradient ? Share(gradient) : 0;
            }
            else if (gradients[i] is not null)
            {
                throw new InvalidOperationException(
                    $"Function {name} returned a gradient at position {i + 1}, but that argument of forward was not a tensor.");
            }
        }

        if (next != capacity)
        {
            throw new InvalidOperationException($"Function {name} has {next} tensor arguments, its node {capacity}.");
        }
    }

    private static IntPtr Share(Tensor tensor)
    {
        Native.Check(Native.forge_tensor_share(tensor.Handle, out var result));
        return result;
    }
}
