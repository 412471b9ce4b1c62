using Forge.Cli.Composition;
using Forge.Scenarios.Tests.Ring;
using Forge.TestKit;

namespace Forge.Scenarios.Tests.Fabrics;

/// <summary>A policy that was shown all four colours for some seconds: it plays well enough that its groups differ.</summary>
public sealed class PaintingPolicy : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<PolicyFolder> _made;

    public PaintingPolicy() => _made = new(() => SmallPolicy.Make(new PaintEnvironment(PaintEnvironment.Colours), _folder.File("base"), steps: 120));

    internal PolicyFolder Folder => _made.Value;

    public void Dispose() => _folder.Dispose();
}
