using Forge.AgentSide.Environments;
using Forge.AgentSide.Tools;

namespace Forge.Cli.Chat;

/// <summary>Shows every tool result.</summary>
internal sealed class NarratingInstance(IEnvironmentInstance inner, Narrator narrator) : IEnvironmentInstance
{
    public ValueTask<string> BeginAsync(CancellationToken cancellationToken) => inner.BeginAsync(cancellationToken);

    public async Task<ToolObservation> CallToolAsync(string name, string argumentsJson, CancellationToken cancellationToken)
    {
        var observation = await inner.CallToolAsync(name, argumentsJson, cancellationToken);
        narrator.Tell(name, argumentsJson, observation);
        return observation;
    }

    public EnvironmentScore Score(string finalAnswer) => inner.Score(finalAnswer);

    public void Dispose() => inner.Dispose();
}
