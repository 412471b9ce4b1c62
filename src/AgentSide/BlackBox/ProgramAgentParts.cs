using Forge.AgentSide.Agents;
using Forge.AgentSide.BlackBox.Desk;
using Forge.AgentSide.BlackBox.Programs;
using Forge.Core.Ports;

namespace Forge.AgentSide.BlackBox;

/// <summary>What a <see cref="ProgramAgent"/> is made from.</summary>
public sealed record ProgramAgentParts
{
    public required IHarnessGateway Gateway { get; init; }

    public required IProgramRunner Programs { get; init; }

    /// <summary>Where programs reach the environment's tools.</summary>
    public required EpisodeDesk Desk { get; init; }

    /// <summary>The root under which <see cref="Desk"/> is mapped; null when that is the gateway's own.</summary>
    public Uri? DeskAddress { get; init; }

    public required ProgramOptions Options { get; init; }

    public required AgentLimits Limits { get; init; }

    /// <summary>Holds a folder for each episode.</summary>
    public required string Folder { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
