using Forge.Core.Packing;

namespace Forge.Core.Tests.Packing;

public sealed class CompletionPackerTests : PackerConformance
{
    protected override ISamplePacker Packer { get; } = new CompletionPacker();
}
