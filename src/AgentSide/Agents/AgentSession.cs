using System.Collections.Immutable;
using Forge.AgentSide.Environments;
using Forge.Core.Chat;
using Forge.Core.Ring;

namespace Forge.AgentSide.Agents;

/// <summary>One episode while it is played: the conversation so far, what each completion did, and what is used of the limits.</summary>
public sealed class AgentSession
{
    private readonly List<AgentStep> _steps = [];

    public AgentSession(EpisodeId episode, IEnvironment environment, EnvironmentTask task, SamplingParameters sampling)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(task);
        Episode = episode;
        Task = task;
        Tools = environment.Tools;
        Sampling = sampling;
        Messages =
        [
            new ChatMessage { Role = ChatRole.System, Content = environment.SystemPrompt },
            new ChatMessage { Role = ChatRole.User, Content = task.Question },
        ];
    }

    public EpisodeId Episode { get; }

    public EnvironmentTask Task { get; }

    public ImmutableArray<ToolDefinition> Tools { get; }

    /// <summary>Each turn draws from a seed of its own, derived from this one.</summary>
    public SamplingParameters Sampling { get; }

    public ImmutableArray<ChatMessage> Messages { get; private set; }

    /// <summary>One per recorded completion.</summary>
    public IReadOnlyList<AgentStep> Steps => _steps;

    public int GeneratedTokens { get; private set; }

    public int MalformedTurns { get; private set; }

    /// <summary>Puts what the world shows at its start below the question.</summary>
    public void Open(string shown)
    {
        if (shown.Length > 0)
        {
            Messages = Messages.SetItem(Messages.Length - 1, Messages[^1] with { Content = $"{Messages[^1].Content}\n\n{shown}" });
        }
    }

    public void Say(ChatMessage message) => Messages = Messages.Add(message);

    public void Record(AgentStep step, int generatedTokens)
    {
        _steps.Add(step);
        GeneratedTokens += generatedTokens;
        MalformedTurns += step.Malformed ? 1 : 0;
    }
}
