using System.Runtime.InteropServices;
using static TorchSharp.Interop.NativeLibraryLocator;

namespace TorchSharp.Interop;

/// <summary>The C functions of <c>native/</c> that this API stands on.</summary>
internal static unsafe partial class Native
{
    static Native() => Register();

    /// <summary>Passes a count through; a negative one becomes an exception with the native side's text.</summary>
    internal static int Check(int result) => result >= 0 ? result : throw Failure();

    internal static ExternalException Failure()
        => new(Marshal.PtrToStringUTF8(forge_last_error()) ?? "The native library gave no reason.");

    [LibraryImport(Name)] internal static partial IntPtr forge_last_error();
    [LibraryImport(Name)] internal static partial void forge_free(void* memory);

    [LibraryImport(Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int forge_operator_find(string name, string overload, out IntPtr result);
    [LibraryImport(Name)] internal static partial int forge_operator_schema(IntPtr op, out byte* result);
    [LibraryImport(Name)]
    internal static partial int forge_operator_call(IntPtr op, NativeValue* arguments, int count, NativeValue* results, int capacity);

    [LibraryImport(Name)] internal static partial void forge_tensor_free(IntPtr tensor);
    [LibraryImport(Name)] internal static partial long forge_tensor_live_count();
    [LibraryImport(Name)] internal static partial int forge_tensor_share(IntPtr tensor, out IntPtr result);
    [LibraryImport(Name), SuppressGCTransition] internal static partial long forge_tensor_ndim(IntPtr tensor);
    [LibraryImport(Name), SuppressGCTransition] internal static partial long forge_tensor_numel(IntPtr tensor);
    [LibraryImport(Name), SuppressGCTransition] internal static partial int forge_tensor_dtype(IntPtr tensor);
    [LibraryImport(Name), SuppressGCTransition] internal static partial long forge_tensor_device(IntPtr tensor);
    [LibraryImport(Name), SuppressGCTransition] internal static partial long forge_tensor_element_size(IntPtr tensor);
    [LibraryImport(Name), SuppressGCTransition] internal static partial int forge_tensor_is_sparse(IntPtr tensor);
    [LibraryImport(Name), SuppressGCTransition] internal static partial void forge_tensor_sizes(IntPtr tensor, long* sizes);
    [LibraryImport(Name)] internal static partial int forge_tensor_strides(IntPtr tensor, long* strides);
    [LibraryImport(Name)] internal static partial int forge_tensor_storage_offset(IntPtr tensor, out long offset);
    [LibraryImport(Name)] internal static partial int forge_tensor_is_contiguous(IntPtr tensor);
    [LibraryImport(Name)] internal static partial int forge_tensor_data(IntPtr tensor, out IntPtr data);
    [LibraryImport(Name)]
    internal static partial int forge_tensor_from_host(void* data, int dtype, long* sizes, int ndim, int pinned, out IntPtr result);
    [LibraryImport(Name)]
    internal static partial int forge_tensor_over_host(
        void* data, int dtype, long* sizes, int ndim, delegate* unmanaged<IntPtr, void> release, IntPtr context, out IntPtr result);
    [LibraryImport(Name)] internal static partial int forge_tensor_to_host(IntPtr tensor, void* data, long capacity);
    [LibraryImport(Name)] internal static partial int forge_tensor_item(IntPtr tensor, NativeValue* value);

    [LibraryImport(Name)] internal static partial int forge_grad_mode();
    [LibraryImport(Name)] internal static partial void forge_set_grad_mode(int enabled);
    [LibraryImport(Name)] internal static partial int forge_inference_mode();
    [LibraryImport(Name)] internal static partial IntPtr forge_enter_inference_mode(int enabled);
    [LibraryImport(Name)] internal static partial void forge_leave_inference_mode(IntPtr guard);
    [LibraryImport(Name)] internal static partial void forge_set_anomaly_detection(int enabled, int checkNan);
    [LibraryImport(Name), SuppressGCTransition] internal static partial int forge_tensor_requires_grad(IntPtr tensor);
    [LibraryImport(Name), SuppressGCTransition] internal static partial int forge_tensor_is_leaf(IntPtr tensor);
    [LibraryImport(Name)] internal static partial int forge_tensor_set_requires_grad(IntPtr tensor, int required);
    [LibraryImport(Name)] internal static partial int forge_tensor_retain_grad(IntPtr tensor);
    [LibraryImport(Name)] internal static partial int forge_tensor_grad(IntPtr tensor, out IntPtr result);
    [LibraryImport(Name)] internal static partial int forge_tensor_set_grad(IntPtr tensor, IntPtr gradient);
    [LibraryImport(Name)]
    internal static partial int forge_backward(
        IntPtr* tensors, int count, IntPtr* gradients, int gradientCount, int retainGraph, int createGraph, IntPtr* inputs, int inputCount);
    [LibraryImport(Name)]
    internal static partial int forge_grad(
        IntPtr* outputs, int count, IntPtr* inputs, int inputCount, IntPtr* gradients, int gradientCount,
        int retainGraph, int createGraph, int allowUnused, IntPtr* results);
    [LibraryImport(Name)] internal static partial int forge_function_apply(NativeFunctionCall* call, IntPtr* results);
    [LibraryImport(Name)] internal static partial int forge_function_saved(IntPtr node, IntPtr* results, int capacity);

    [LibraryImport(Name)] internal static partial IntPtr forge_libtorch_version();
    [LibraryImport(Name)] internal static partial int forge_num_threads();
    [LibraryImport(Name)] internal static partial int forge_num_interop_threads();
    [LibraryImport(Name)] internal static partial int forge_set_num_threads(int threads);
    [LibraryImport(Name)] internal static partial int forge_set_num_interop_threads(int threads);
    [LibraryImport(Name)] internal static partial int forge_generator_new(ulong seed, long device, out IntPtr result);
    [LibraryImport(Name)] internal static partial int forge_generator_default(long device, out IntPtr result);
    [LibraryImport(Name)] internal static partial void forge_generator_free(IntPtr generator);
    [LibraryImport(Name)] internal static partial int forge_generator_set_seed(IntPtr generator, ulong seed);
    [LibraryImport(Name)] internal static partial int forge_generator_seed(IntPtr generator, int draw, out ulong seed);
    [LibraryImport(Name)] internal static partial int forge_generator_get_state(IntPtr generator, out IntPtr result);
    [LibraryImport(Name)] internal static partial int forge_generator_set_state(IntPtr generator, IntPtr state);
    [LibraryImport(Name)] internal static partial int forge_manual_seed(ulong seed);
    [LibraryImport(Name)] internal static partial int forge_allow_tf32_cublas();
    [LibraryImport(Name)] internal static partial void forge_set_allow_tf32_cublas(int allowed);
    [LibraryImport(Name)] internal static partial int forge_allow_tf32_cudnn();
    [LibraryImport(Name)] internal static partial void forge_set_allow_tf32_cudnn(int allowed);
    [LibraryImport(Name)] internal static partial int forge_deterministic();
    [LibraryImport(Name)] internal static partial void forge_set_deterministic(int on, int warnOnly);

    [LibraryImport(Name)] internal static partial int forge_cuda_device_count();
    [LibraryImport(Name)] internal static partial int forge_cuda_synchronize(int device);
    [LibraryImport(Name)] internal static partial int forge_cuda_manual_seed(ulong seed, int all);
}
