using Forge.Learning.Model.Attention.Levels.Planning;

namespace Forge.Learning.Model.Attention.Levels;

/// <summary>The kernels that a plan's calls go to.</summary>
/// <param name="Segmented">Takes any segments.</param>
/// <param name="Dense">Takes single large rectangles and squares; null where there is none, then plans have no such calls.</param>
internal sealed record LevelKernels(IAttentionKernel Segmented, IAttentionKernel? Dense)
{
    public IAttentionKernel For(AttentionCall call) => call.Kind.IsDense ? Dense! : Segmented;
}
