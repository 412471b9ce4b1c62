using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Forge.Core.Faults;
using Forge.Core.Text;
using Forge.Learning.Model;
using Forge.Learning.Model.Configuration;

namespace Forge.Learning.Checkpoints;

/// <summary>
/// Compares the tensors that a source offers with those that the model has; any difference is an error that names it.
/// </summary>
internal static partial class StrictMatch
{
    private const int MaxReported = 60;

    // Beyond this many candidates a hint costs more time than it saves.
    private const int MaxCandidates = 512;

    /// <param name="source">Names the source in messages.</param>
    /// <param name="config">The model's shape; tensors of its MTP modules are passed over, as the model has
    /// none.</param>
    /// <param name="weights">What the model has.</param>
    /// <param name="offered">What the source has, with shapes.</param>
    /// <exception cref="ForgeException">Missing, extra or misshaped tensors, all of them.</exception>
    public static void Check(
        string source, M2Config config, IReadOnlyList<NamedWeight> weights, IReadOnlyDictionary<string, ImmutableArray<long>> offered)
    {
        var expected = weights.ToDictionary(weight => weight.Name, weight => weight.Value.shape, StringComparer.Ordinal);
        var missing = expected.Keys.Where(name => !offered.ContainsKey(name)).ToList();
        var extra = offered.Keys.Where(name => !expected.ContainsKey(name) && !IsMtp(name, config)).Order(StringComparer.Ordinal).ToList();
        var problems = missing.Select(name => $"missing: {name}" + Hint(name, extra))
            .Concat(extra.Select(name => $"extra: {name}" + Hint(name, missing)))
            .Concat(expected.Where(pair => offered.TryGetValue(pair.Key, out var shape) && !shape.SequenceEqual(pair.Value))
                .Select(pair => $"misshaped: {pair.Key} is {Text(offered[pair.Key])}, the model has {Text(pair.Value)}"))
            .ToList();
        if (problems.Count > 0)
        {
            var more = problems.Count > MaxReported ? $"\n  … and {problems.Count - MaxReported} more" : "";
            throw new ForgeException($"{source} does not fit the model of its config.json ({problems.Count} tensors differ):\n  "
                + string.Join("\n  ", problems.Take(MaxReported)) + more);
        }
    }

    private static string Hint(string name, List<string> candidates)
        => candidates.Count <= MaxCandidates && NearestName.Of(name, candidates) is { } nearest ? $" (is it '{nearest}'?)" : "";

    private static string Text(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";

    // MTP modules are stored as layers after the last: model.layers.{L} … model.layers.{L + modules - 1}.
    private static bool IsMtp(string name, M2Config config)
        => LayerName().Match(name) is { Success: true } match
            && int.TryParse(match.Groups["layer"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var layer)
            && layer >= config.NumHiddenLayers && layer < config.NumHiddenLayers + config.NumMtpModules;

    [GeneratedRegex(@"^model\.layers\.(?<layer>\d+)\.")]
    private static partial Regex LayerName();
}
