using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Tools;
using Forge.Core.Faults;

namespace Forge.AgentSide.BlackBox.Desk;

/// <summary>What a program can do to its episode: call the environment's tools, and post a reward where the run takes it. Safe for concurrent use.</summary>
/// <param name="key">The episode's key.</param>
/// <param name="taskJson">What the program is told.</param>
/// <param name="environment">The episode's environment; used by one call at a time.</param>
/// <param name="options">Bounds.</param>
/// <param name="ended">Cancelled when the episode's time is up.</param>
internal sealed class DeskEpisode(
    string key, string taskJson, IEnvironmentInstance environment, ProgramOptions options, CancellationToken ended) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly List<ToolUse> _uses = [];
    private bool _isClosed;

    public string TaskJson => taskJson;

    /// <summary>The reward that was posted last; null when none was.</summary>
    public EnvironmentScore? Posted { get; private set; }

    /// <summary>What broke the environment; null while it is whole.</summary>
    public EnvironmentFaultException? Fault { get; private set; }

    public bool TakesRewards => options.Reward == RewardSource.Program;

    public bool Accepts(string? shown)
        => shown is not null && CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes(shown)), SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    /// <summary>Calls a tool; null when the episode is over, or has used up its calls.</summary>
    /// <exception cref="EnvironmentFaultException">The environment broke.</exception>
    public async Task<ToolObservation?> CallToolAsync(string name, string argumentsJson, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ended, cancellationToken);
        await _turn.WaitAsync(either.Token);
        try
        {
            if (_isClosed || _uses.Count >= options.MaxToolCalls)
            {
                return null;
            }

            var observation = await environment.CallToolAsync(name, argumentsJson, either.Token);
            _uses.Add(new ToolUse(name, argumentsJson, observation));
            return observation;
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            Fault = new EnvironmentFaultException($"Tool '{name}' threw on {argumentsJson}: {fault.Message}", fault);
            throw Fault;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Keeps a reward; false when the episode is over.</summary>
    public async Task<bool> PostAsync(EnvironmentScore score, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        Posted = _isClosed ? Posted : score;
        var isKept = !_isClosed;
        _turn.Release();
        return isKept;
    }

    /// <summary>Waits for the call under way, lets no other in, and gives all that were made.</summary>
    public async Task<ImmutableArray<ToolUse>> CloseAsync()
    {
        await _turn.WaitAsync(CancellationToken.None);
        _isClosed = true;
        _turn.Release();
        return [.. _uses];
    }

    public void Dispose() => _turn.Dispose();
}
