using Forge.Core.Packing;

namespace Forge.Core.Tests.Packing;

public sealed class TreePackerTests : PackerConformance
{
    protected override ISamplePacker Packer { get; } = new TreePacker();
}
