using System.Text.RegularExpressions;
using Forge.TestKit;

namespace Forge.Core.Tests.Aggregation;

/// <summary>Finds each row's group: by the peer's prompt boundaries where the case has them, else by row.</summary>
internal static partial class RlMathCaseGroups
{
    public static int[] Groups(this RlMathCase golden)
    {
        var groups = Enumerable.Range(0, golden.Mask.Length).ToArray();
        if (golden.Parameters.TryGetProperty("prompt_boundaries", out var boundaries))
        {
            foreach (var (match, group) in Boundary().Matches(boundaries.GetString()!).Select((match, group) => (match, group)))
            {
                var from = int.Parse(match.Groups["from"].Value, null);
                groups.AsSpan(from, int.Parse(match.Groups["to"].Value, null) - from).Fill(group);
            }
        }

        return groups;
    }

    [GeneratedRegex(@"\((?<from>\d+), (?<to>\d+)\)")]
    private static partial Regex Boundary();
}
