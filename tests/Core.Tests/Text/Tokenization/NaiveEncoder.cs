using System.Text.Json;
using Forge.TestKit;

namespace Forge.Core.Tests.Text.Tokenization;

/// <summary>BPE as the paper states it, for lower-case ASCII words: find the earliest merge, apply it, start over.</summary>
internal sealed class NaiveEncoder
{
    private readonly Dictionary<(string Left, string Right), int> _ranks;
    private readonly Dictionary<string, int> _ids;

    private NaiveEncoder(JsonElement model)
    {
        _ranks = model.GetProperty("merges").EnumerateArray()
            .Select((merge, rank) => (Pair: (merge[0].GetString()!, merge[1].GetString()!), rank))
            .ToDictionary(entry => entry.Pair, entry => entry.rank);
        _ids = model.GetProperty("vocab").EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetInt32());
    }

    public static NaiveEncoder ForO200k { get; } = new(
        JsonDocument.Parse(File.ReadAllText(Golden.Path("tokenizer/o200k.tokenizer.json"))).RootElement.GetProperty("model"));

    public IEnumerable<int> Encode(string word)
    {
        var parts = word.Select(c => c.ToString()).ToList();
        while (true)
        {
            var best = Enumerable.Range(0, Math.Max(0, parts.Count - 1))
                .Select(at => (Rank: _ranks.GetValueOrDefault((parts[at], parts[at + 1]), int.MaxValue), At: at))
                .DefaultIfEmpty((int.MaxValue, 0))
                .Min();
            if (best.Item1 == int.MaxValue)
            {
                return parts.Select(part => _ids[part]);
            }

            parts[best.Item2] += parts[best.Item2 + 1];
            parts.RemoveAt(best.Item2 + 1);
        }
    }
}
