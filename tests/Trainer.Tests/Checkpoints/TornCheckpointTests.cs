using System.Globalization;
using Forge.TestKit;
using Forge.Trainer.Checkpoints;

namespace Forge.Trainer.Tests.Checkpoints;

/// <summary>Kills a process that writes checkpoints (SIGKILL) a hundred times, somewhere in a write.</summary>
[Trait("Tier", "long")]
public sealed class TornCheckpointTests(ITestOutputHelper output) : IDisposable
{
    private const int Kills = 100;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task The_last_valid_checkpoint_always_loads()
    {
        var random = new Random(4);
        var (newest, torn) = (0L, 0);
        for (var kill = 0; kill < Kills; kill++)
        {
            var saved = Math.Max(newest, await WriteUntilKilledAsync(TimeSpan.FromMilliseconds(random.NextDouble() * 40)));
            torn += Directory.GetDirectories(_folder.Path, ".step-*").Length > 0 ? 1 : 0;

            var store = new CheckpointStore(_folder.Path, keepLast: 1, keepBest: false);
            var latest = store.Latest((_, _) => { });
            Assert.NotNull(latest);
            newest = CheckpointWriterProcess.StepOf(latest);

            // A save that was reported is never lost; the one after it may have been kept before it could be reported.
            Assert.InRange(newest, saved, saved + 1);
            for (var file = 0; file < CheckpointWriterProcess.Files; file++)
            {
                Assert.True(File.ReadAllBytes(Path.Combine(latest, $"{file}.bin")).AsSpan().SequenceEqual(CheckpointWriterProcess.Content(newest, file)));
            }
        }

        output.WriteLine($"{Kills} kills, {torn} in a write, {newest} checkpoints");
        Assert.InRange(torn, Kills / 2, Kills);
    }

    public void Dispose() => _folder.Dispose();

    /// <returns>The newest step that the process reported.</returns>
    private async Task<long> WriteUntilKilledAsync(TimeSpan toLive)
    {
        using var writer = CheckpointWriterProcess.Start(_folder.Path);
        var first = await writer.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().ProcessTimeout();
        Assert.NotNull(first);
        await Task.Delay(toLive, TestContext.Current.CancellationToken);
        writer.Kill();
        var rest = await writer.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).ProcessTimeout();
        await writer.WaitForExitAsync(TestContext.Current.CancellationToken).ProcessTimeout();
        var whole = rest.Split('\n')[..^1];
        return long.Parse(whole.LastOrDefault(first), CultureInfo.InvariantCulture);
    }
}
