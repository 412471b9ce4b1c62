using Forge.Core.Ring;

namespace Forge.Gateway.Serving;

/// <summary>The gateway that records, and the one that evaluations use, over one engine.</summary>
/// <param name="Training">Records in the data pool.</param>
/// <param name="Evaluation">Records in <paramref name="Captured"/>.</param>
/// <param name="Captured">Where an evaluation's completions wait for their callers.</param>
internal sealed record ServedGateways(ChatGateway Training, ChatGateway Evaluation, CompletionCapture Captured)
{
    /// <summary>An episode belongs to one of the two; the other does not know it.</summary>
    public void EndSession(EpisodeId episode)
    {
        Training.EndSession(episode);
        Evaluation.EndSession(episode);
    }
}
