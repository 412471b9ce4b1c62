using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>Carries what a custom function's forward leaves for its backward.</summary>
        public sealed class AutogradContext : IDisposable
        {
            private readonly Dictionary<string, object> _data = [];
            private IntPtr _node;

            internal AutogradContext()
            {
            }

            public bool MaterializeGrads { get; private set; } = true;

            internal List<Tensor> Saved { get; private set; } = [];

            internal List<Tensor> Dirty { get; private set; } = [];

            internal List<Tensor> NonDifferentiable { get; private set; } = [];

            /// <summary>For each argument of forward, whether it was a tensor.</summary>
            internal bool[] IsTensor { get; set; } = [];

            /// <summary>Keeps tensors for backward, inputs and outputs included. Call it once, in forward.</summary>
            public void save_for_backward(List<Tensor> tensors) => Saved = tensors;

            /// <summary>The tensors kept by <see cref="save_for_backward"/>, in its order. Only inside backward.</summary>
            public unsafe List<Tensor> get_saved_variables()
            {
                if (_node == 0)
                {
                    throw new InvalidOperationException("get_saved_variables() is only valid inside backward.");
                }

                var handles = new IntPtr[SavedCount];
                fixed (IntPtr* results = handles)
                {
                    Native.Check(Native.forge_function_saved(_node, results, handles.Length));
                }

                return [.. handles.Select(handle => handle == 0 ? null! : new Tensor(handle))];
            }

            public void save_data(string key, object value) => _data[key] = value;

            public object get_data(string key) => _data[key];

            public void mark_dirty(List<Tensor> tensors) => Dirty = [.. tensors];

            public void mark_non_differentiable(List<Tensor> tensors) => NonDifferentiable = [.. tensors];

            public void set_materialize_grads(bool value) => MaterializeGrads = value;

            public void Dispose()
            {
                // The native node owns the saved tensors; plain data needs no release.
            }

            internal int SavedCount { get; private set; }

            /// <summary>Lets go of forward's tensors once the native node holds them.</summary>
            internal void HandOver()
            {
                SavedCount = Saved.Count;
                Saved = [];
                Dirty = [];
                NonDifferentiable = [];
            }

            /// <summary>Binds the context to its node while <paramref name="body"/> runs.</summary>
            internal List<Tensor> Inside(IntPtr node, Func<List<Tensor>> body)
            {
                _node = node;
                try
                {
                    return body();
                }
                finally
                {
                    _node = 0;
                }
            }
        }
    }
}
