using Forge.Learning.Model.Passes;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Model.Passes;

/// <summary>A broken sum: only the first gradient of each row's keys and values arrives.</summary>
internal sealed class FirstGradient(DisposeScope owner, ScalarType dtype) : GradientSum(owner, dtype)
{
    public override void AddRows(Tensor? gradient, long rowCount)
    {
        if (!HasAny)
        {
            base.AddRows(gradient, rowCount);
        }
    }
}
