using System.Runtime.InteropServices;
using System.Text;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>A function with its own derivative. One instance serves all applications; state belongs in the context.</summary>
        public abstract class Function<T>
            where T : Function<T>, new()
        {
            private static readonly T Instance = new();

            protected Function()
            {
            }

            public abstract string Name { get; }

            public static unsafe List<Tensor> apply_internal(params object[] vars)
            {
                var inputs = vars.OfType<Tensor>().ToList();
                var executable = is_grad_enabled() && inputs.Exists(input => input.requires_grad);
                using var context = new AutogradContext { IsTensor = [.. vars.Select(one => one is Tensor)] };
                List<Tensor> outputs;
                using (no_grad())
                {
                    outputs = Instance.Forward(context, vars);
                }

                var results = Attach(context, inputs, outputs, executable);
                GC.KeepAlive(inputs);
                GC.KeepAlive(outputs);
                return results;
            }

            internal abstract List<Tensor> Forward(AutogradContext context, object[] vars);

            internal abstract List<Tensor> Backward(AutogradContext context, List<Tensor> gradients);

            private static unsafe List<Tensor> Attach(
                AutogradContext context, List<Tensor> inputs, List<Tensor> outputs, bool executable)
            {
                var name = Encoding.UTF8.GetBytes(Instance.Name + '\0');
                IntPtr[] ins = Handles(inputs), outs = Handles(outputs), saved = Handles(context.Saved);
                IntPtr[] fixedOnes = Handles(context.NonDifferentiable), dirty = Handles(context.Dirty);
                var results = new IntPtr[outs.Length];
                var kept = context.Saved;
                fixed (byte* n = name)
                fixed (IntPtr* i = ins, o = outs, s = saved, f = fixedOnes, d = dirty, r = results)
                {
                    var call = new NativeFunctionCall
                    {
                        Name = n,
                        Inputs = i,
                        InputCount = ins.Length,
                        Outputs = o,
                        OutputCount = outs.Length,
                        NonDifferentiable = f,
                        NonDifferentiableCount = fixedOnes.Length,
                        Dirty = d,
                        DirtyCount = dirty.Length,
                        Saved = s,
                        SavedCount = saved.Length,
                        Materialize = context.MaterializeGrads ? 1 : 0,
                        Executable = executable ? 1 : 0,
                    };
                    if (executable)
                    {
                        // From here on the native node owns the context, also when the call fails.
                        call.Context = GCHandle.ToIntPtr(GCHandle.Alloc(new FunctionNode(context, Instance.Backward, Instance.Name)));
                        call.Backward = &FunctionNode.RunBackward;
                        call.Release = &FunctionNode.Release;
                    }

                    Native.Check(Native.forge_function_apply(&call, r));
                }

                context.HandOver();
                GC.KeepAlive(kept);
                return [.. results.Select(handle => handle == 0 ? null! : new Tensor(handle))];
            }
        }
    }
}
