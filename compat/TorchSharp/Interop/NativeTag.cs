namespace TorchSharp.Interop;

/// <summary>Says what a <see cref="NativeValue"/> holds; the numbers are those of <c>native/include/forge_torch.h</c>.</summary>
internal enum NativeTag
{
    Default,
    None,
    Tensor,
    Int,
    Float,
    Bool,
    String,
    Device,
    Generator,
    TensorList,
    IntList,
    FloatList,
    BoolList,
    ScalarList,
    StringList,
}
