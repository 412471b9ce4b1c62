namespace Forge.Core.Text;

/// <summary>Finds what a mistyped name was probably meant to be.</summary>
public static class NearestName
{
    /// <summary>
    /// Returns the closest candidate by edit distance (insert, delete, replace, swap of neighbours), or null when nothing is close:
    /// at most a third of the letters, and at least two, may differ.
    /// </summary>
    public static string? Of(string name, IEnumerable<string> candidates)
    {
        var best = candidates
            .Select(candidate => (Candidate: candidate, Distance: Distance(name, candidate)))
            .OrderBy(pair => pair.Distance).ThenBy(pair => pair.Candidate, StringComparer.Ordinal)
            .FirstOrDefault();
        return best.Candidate is not null && best.Distance <= Math.Max(2, name.Length / 3) && best.Distance < name.Length
            ? best.Candidate
            : null;
    }

    // Optimal string alignment: d[i,j] is the distance of the first i letters of one from the first j of the other.
    private static int Distance(string left, string right)
    {
        var d = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
        {
            for (var j = 0; j <= right.Length; j++)
            {
                d[i, j] = i == 0 ? j : j == 0 ? i : Step(d, left, right, i, j);
            }
        }

        return d[left.Length, right.Length];
    }

    private static int Step(int[,] d, string left, string right, int i, int j)
    {
        var differs = char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]) ? 0 : 1;
        var distance = Math.Min(Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + differs);
        var swapped = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
        return swapped ? Math.Min(distance, d[i - 2, j - 2] + 1) : distance;
    }
}
