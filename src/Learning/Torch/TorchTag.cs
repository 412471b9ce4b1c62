namespace Forge.Learning.Torch;

/// <summary>
/// Says what a <see cref="TorchValue"/> holds; the numbers are those of <c>native/include/forge_torch.h</c>.
/// </summary>
internal enum TorchTag
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
}
