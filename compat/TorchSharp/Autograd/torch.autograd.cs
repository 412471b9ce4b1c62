using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        public static void backward(
            IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null)
            => Run(tensors, grad_tensors, retain_graph, create_graph, inputs);

        public static void backward(
            Tensor tensor, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null)
            => Run([tensor], grad_tensors, retain_graph, create_graph, inputs);

        public static void backward(
            Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null)
            => Run([tensor], [grad_tensor], retain_graph, create_graph, inputs);

        /// <summary>The gradients of <paramref name="outputs"/> for <paramref name="inputs"/>, without touching any grad.</summary>
        public static unsafe IList<Tensor> grad(
            IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null,
            bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            var outputHandles = Handles(outputs);
            var inputHandles = Handles(inputs);
            var gradHandles = Handles(grad_outputs);
            var results = new IntPtr[inputs.Count];
            fixed (IntPtr* o = outputHandles, i = inputHandles, g = gradHandles, r = results)
            {
                Native.Check(Native.forge_grad(
                    o, outputHandles.Length, i, inputHandles.Length, g, gradHandles.Length,
                    retain_graph || create_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, r));
            }

            GC.KeepAlive(outputs);
            GC.KeepAlive(inputs);
            GC.KeepAlive(grad_outputs);
            return [.. results.Select(handle => handle == 0 ? null! : new Tensor(handle))];
        }

        public static IDisposable detect_anomaly(bool check_nan = true) => new AnomalyMode(true, check_nan);

        public static IDisposable set_detect_anomaly(bool mode, bool check_nan = true) => new AnomalyMode(mode, check_nan);

        internal static IntPtr[] Handles(IEnumerable<Tensor?>? tensors)
            => tensors is null ? [] : [.. tensors.Select(tensor => tensor?.Handle ?? 0)];

        private static unsafe void Run(
            IList<Tensor> tensors, IList<Tensor>? gradients, bool? retain, bool create, IList<Tensor>? inputs)
        {
            var tensorHandles = Handles(tensors);
            var gradientHandles = Handles(gradients);
            var inputHandles = Handles(inputs);
            fixed (IntPtr* t = tensorHandles, g = gradientHandles, i = inputHandles)
            {
                Native.Check(Native.forge_backward(
                    t, tensorHandles.Length, g, gradientHandles.Length, retain is { } keep ? (keep ? 1 : 0) : -1,
                    create ? 1 : 0, i, inputHandles.Length));
            }

            GC.KeepAlive(tensors);
            GC.KeepAlive(gradients);
            GC.KeepAlive(inputs);
        }

        private sealed class AnomalyMode : IDisposable
        {
            internal AnomalyMode(bool enabled, bool checkNan)
                => Native.forge_set_anomaly_detection(enabled ? 1 : 0, checkNan ? 1 : 0);

            public void Dispose() => Native.forge_set_anomaly_detection(0, 0);
        }
    }
}
