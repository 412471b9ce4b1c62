using Forge.Cli.Data;
using Forge.Core.Faults;
using Forge.DataPool.Replay;
using Forge.Hosting.RunFiles;

namespace Forge.Cli.Composition;

/// <summary>A recorded run, opened and checked against the policy that is to be trained on it.</summary>
/// <param name="Run">The run file of the replay.</param>
/// <param name="Policy">Where it starts from.</param>
/// <param name="Archive">Where the recording is kept.</param>
/// <param name="Recorded">What it trains on.</param>
/// <param name="Request">What was asked for.</param>
internal sealed record ReplayParts(RunFile Run, PolicyFolder Policy, RunArchive Archive, RecordedRun Recorded, ReplayRequest Request)
    : IAsyncDisposable
{
    /// <exception cref="ForgeException">The policy or the recording can't be used, or don't belong together.</exception>
    public static async Task<ReplayParts> OpenAsync(RunFile run, ReplayRequest request, CancellationToken cancellationToken)
    {
        var policy = PolicyFolder.OpenFor(run);
        var limits = new ReplayLimits(policy.Config.VocabSize, policy.Config.MaxPositionEmbeddings);
        var rewards = request.Rewards is null ? null : await new RewardFiles(request.Source.Folder).ReadAsync(request.Rewards, cancellationToken);
        var archive = await request.Source.OpenAsync(cancellationToken);
        try
        {
            var recorded = await RecordedRun.OpenAsync(archive.Pool, limits, new ReplayChoice(request.From, rewards), cancellationToken);
            return new ReplayParts(run, policy, archive, recorded, request);
        }
        catch
        {
            await archive.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => Archive.DisposeAsync();
}
