namespace Forge.Learning.Checkpoints;

/// <summary>Finds the name that was probably meant.</summary>
internal static class NearestName
{
    // Beyond this many candidates a hint costs more time than it saves.
    private const int MaxCandidates = 512;

    /// <summary>The candidate with the least edit distance, if it is at most a third of the name; else null.</summary>
    public static string? Among(IReadOnlyCollection<string> candidates, string name)
    {
        if (candidates.Count is 0 or > MaxCandidates)
        {
            return null;
        }

        var (nearest, distance) = candidates.Select(candidate => (candidate, Distance(candidate, name))).MinBy(pair => pair.Item2);
        return distance <= name.Length / 3 ? nearest : null;
    }

    // Levenshtein, one row at a time.
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var (diagonal, first) = (row[0], i);
            row[0] = first;
            for (var j = 1; j <= right.Length; j++)
            {
                var substitution = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitution, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
