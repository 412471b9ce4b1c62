using Forge.AgentSide.Environments;
using Forge.AgentSide.Tests.Environments;

namespace Forge.AgentSide.Tests.Puzzles;

public sealed class HiddenNumberTests : EnvironmentConformance
{
    protected override IEnvironment Create() => new OnlyTry();

    private sealed class OnlyTry : HiddenNumber
    {
    }
}
