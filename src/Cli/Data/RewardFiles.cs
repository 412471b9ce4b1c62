using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Forge.Core.Faults;
using Forge.Core.Ring;
using Forge.DataPool.Replay;
using Forge.Hosting.Faults;

namespace Forge.Cli.Data;

/// <summary>The reward versions of a run: <c>RUN/rewards/vN.jsonl</c>, a line about the version, then one per scored episode.</summary>
internal sealed class RewardFiles(string runDirectory)
{
    /// <summary>What was recorded with the run; it has no file.</summary>
    public const int Recorded = 1;

    private readonly string _folder = Path.Combine(runDirectory, "rewards");

    /// <summary>In rising order, the recorded one first.</summary>
    public ImmutableArray<int> Versions
        => [Recorded, .. (Directory.Exists(_folder) ? Directory.EnumerateFiles(_folder, "v*.jsonl") : []).Select(VersionOf).OfType<int>().Order()];

    public string PathOf(int version) => Path.Combine(_folder, $"v{version}.jsonl");

    /// <summary>Writes the next version; a write that breaks off leaves none.</summary>
    public async Task<int> AddAsync(Func<int, StreamWriter, Task> write)
    {
        Directory.CreateDirectory(_folder);
        var version = Versions[^1] + 1;
        var path = PathOf(version);
        await using (var output = new StreamWriter(path + ".tmp"))
        {
            await write(version, output);
        }

        File.Move(path + ".tmp", path);
        return version;
    }

    /// <param name="name">Such as <c>v2</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null for the recorded ones.</returns>
    /// <exception cref="UsageException">There is no such version.</exception>
    public async Task<RewardVersion?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        if (VersionOf(name) is not { } version || !Versions.Contains(version))
        {
            throw new UsageException(
                $"--rewards is '{name}', which the run does not have. Known are {string.Join(", ", Versions.Select(known => $"v{known}"))} "
                + $"(v{Recorded} is what was recorded); 'forge data rescore' makes another.");
        }

        return version == Recorded ? null : await ReadAsync(version, cancellationToken);
    }

    private async Task<RewardVersion> ReadAsync(int version, CancellationToken cancellationToken)
    {
        var (rewards, groups, number) = (new Dictionary<EpisodeId, ImmutableArray<double>>(), new HashSet<GroupId>(), 0);
        await foreach (var line in File.ReadLinesAsync(PathOf(version), cancellationToken))
        {
            // The first line is about the version.
            if (number++ == 0)
            {
                continue;
            }

            var scored = Parse(line) ?? throw new ForgeException(
                $"Line {number} of '{PathOf(version)}' has no rewards of an episode. It was changed, or an older Forge made it: "
                + "compute it anew with 'forge data rescore'.");
            rewards[new EpisodeId(scored.Episode)] = scored.Rewards;
            groups.Add(new GroupId(scored.Group));
        }

        return new RewardVersion(version, rewards, groups);
    }

    private static ScoredLine? Parse(string line)
    {
        try
        {
            return DataJson.Deserialize<ScoredLine>(line) is { Episode: not null, Rewards.IsDefault: false } scored ? scored : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static int? VersionOf(string path)
        => Path.GetFileNameWithoutExtension(path) is ['v', .. var digits]
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0 ? version : null;
}
