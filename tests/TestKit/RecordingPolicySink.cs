using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.TestKit;

/// <summary>Keeps every published policy.</summary>
public sealed class RecordingPolicySink : IPolicySink
{
    private readonly List<PolicyWeights> _published = [];

    /// <summary>Called with a word for each publication, such as <c>publish 2</c>.</summary>
    public Action<string> Heard { get; set; } = _ => { };

    public IReadOnlyList<PolicyWeights> Published => _published;

    public Task PublishAsync(PolicyWeights weights, CancellationToken cancellationToken)
    {
        _published.Add(weights);
        Heard($"publish {weights.Version}");
        return Task.CompletedTask;
    }
}
