using TorchSharp.Interop;

namespace TorchSharp;

// Modes of the calling thread, each a disposable that puts the earlier one back; and threads.
public static partial class torch
{
    public static DisposeScope? CurrentDisposeScope => DisposeScopeManager.ThreadSingleton.Current;

    /// <summary>The libtorch underneath, such as "1.13.1".</summary>
    public static string __version__
        => System.Runtime.InteropServices.Marshal.PtrToStringUTF8(Native.forge_libtorch_version())!;

    public static DisposeScope NewDisposeScope() => DisposeScopeManager.NewDisposeScope();

    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using var scope = NewDisposeScope();
        return expr().MoveToOuterDisposeScope();
    }

    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    public static bool is_grad_enabled() => Native.forge_grad_mode() != 0;

    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    public static bool is_inference_mode_enabled() => Native.forge_inference_mode() != 0;

    public static void set_num_threads(int num) => Native.Check(Native.forge_set_num_threads(num));

    public static int get_num_threads() => Native.forge_num_threads();

    public static void set_num_interop_threads(int num) => Native.Check(Native.forge_set_num_interop_threads(num));

    public static int get_num_interop_threads() => Native.forge_num_interop_threads();

    public static IDisposable use_deterministic_algorithms(bool mode = true, bool warn_only = false)
        => new DeterministicMode(mode, warn_only);

    public static bool are_deterministic_algorithms_enabled() => Native.forge_deterministic() != 0;

    public static void CheckForErrors()
    {
        // Every call here throws at once; the outside API collects errors and asks for them.
    }

    private sealed class GradMode : IDisposable
    {
        private readonly int _earlier = Native.forge_grad_mode();

        internal GradMode(bool enabled) => Native.forge_set_grad_mode(enabled ? 1 : 0);

        public void Dispose() => Native.forge_set_grad_mode(_earlier);
    }

    private sealed class DeterministicMode : IDisposable
    {
        private readonly int _earlier = Native.forge_deterministic();

        internal DeterministicMode(bool mode, bool warnOnly) => Native.forge_set_deterministic(mode ? 1 : 0, warnOnly ? 1 : 0);

        public void Dispose() => Native.forge_set_deterministic(_earlier, 0);
    }

    private sealed class InferenceMode(bool enabled) : IDisposable
    {
        private IntPtr _guard = Native.forge_enter_inference_mode(enabled ? 1 : 0);

        public void Dispose()
        {
            if (_guard != 0)
            {
                Native.forge_leave_inference_mode(_guard);
                _guard = 0;
            }
        }
    }
}
