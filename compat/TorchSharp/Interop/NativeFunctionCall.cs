using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>One application of a custom autograd function, laid out as <c>FunctionCall</c> of <c>native/torch/autograd.cpp</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeFunctionCall
{
    public IntPtr Context;
    public delegate* unmanaged<IntPtr, IntPtr, IntPtr*, int, IntPtr*, int, byte*, int, int> Backward;
    public delegate* unmanaged<IntPtr, void> Release;
    public byte* Name;
    public IntPtr* Inputs;
    public IntPtr* Outputs;
    public IntPtr* NonDifferentiable;
    public IntPtr* Dirty;
    public IntPtr* Saved;
    public int InputCount;
    public int OutputCount;
    public int NonDifferentiableCount;
    public int DirtyCount;
    public int SavedCount;
    public int Materialize;
    public int Executable;
}
