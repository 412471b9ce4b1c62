using System.Collections.Immutable;
using Forge.Core.Chat;
using Forge.Core.Ring;

namespace Forge.AgentSide.Environments;

/// <summary>
/// A family of tasks with tools and a verifier. Everything is a function of seeds: the same arguments give the same task, the same
/// tool results and the same score on every machine. Implementations are stateless and safe to share between threads; state lives
/// in the <see cref="IEnvironmentInstance"/> of one episode.
/// </summary>
public interface IEnvironment
{
    /// <summary>The registered name, such as <c>records</c>.</summary>
    string Name { get; }

    /// <summary>The difficulty levels, ascending, from 1.</summary>
    ImmutableArray<int> Levels { get; }

    /// <summary>What the system message says; the same for every task, so that its tokens are shared by all episodes.</summary>
    string SystemPrompt { get; }

    /// <summary>The tools that every task offers.</summary>
    ImmutableArray<ToolDefinition> Tools { get; }

    /// <summary>
    /// Generates the task that <paramref name="seed"/> stands for. Train and held-out tasks never coincide: a question belongs to
    /// one side of <see cref="SplitFence"/> by its text alone.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The split is unspecified, or there is no such level.</exception>
    EnvironmentTask Sample(TaskSplit split, int difficulty, ulong seed);

    /// <summary>Starts an episode of its own state; <paramref name="episodeSeed"/> decides what is random in the tools.</summary>
    IEnvironmentInstance Open(EnvironmentTask task, ulong episodeSeed);

    /// <summary>Whether <see cref="Solve"/> has a scripted player: needed for demonstrations, not for training.</summary>
    bool HasSolver => true;

    /// <summary>Starts a scripted player that solves the task with the tools and shows how.</summary>
    IScriptedSolver Solve(EnvironmentTask task);

    /// <summary>Answers without any tool, as well as a plausible guess can; measures what success is worth nothing.</summary>
    string Guess(EnvironmentTask task, ulong seed);
}
