using System.Diagnostics;
using Forge.Core.Packing;

namespace Forge.Trainer.Steps;

/// <summary>The packer behind each <see cref="MergeMode"/>.</summary>
internal static class SamplePackers
{
    public static ISamplePacker For(MergeMode mode) => mode switch
    {
        MergeMode.Tree => new TreePacker(),
        MergeMode.Episode => new EpisodePacker(),
        MergeMode.None => new CompletionPacker(),
        _ => throw new UnreachableException($"There is no merge mode {mode}."),
    };
}
