using System.Globalization;
using System.Text.Json;

namespace Forge.TestKit;

/// <summary>One file of <c>golden/rl_math</c>: its cases, each with its batch, expected output and tolerance.</summary>
public sealed class RlMathGolden
{
    private readonly JsonElement _root;

    private RlMathGolden(JsonElement root) => _root = root;

    public IEnumerable<RlMathCase> Cases
        => _root.GetProperty("cases").EnumerateArray().Select(entry => new RlMathCase(entry, BatchOf(entry)));

    public static RlMathGolden Load(string name)
        => new(JsonDocument.Parse(File.ReadAllText(Golden.Path($"rl_math/{name}.json"))).RootElement);

    public IEnumerable<string> Ids(string algorithm) => Cases.Where(entry => entry.Algorithm == algorithm).Select(entry => entry.Id);

    public RlMathCase Find(string id) => Cases.Single(entry => entry.Id == id);

    public static double Number(JsonElement element)
        => element.ValueKind == JsonValueKind.String ? double.Parse(element.GetString()!, CultureInfo.InvariantCulture) : element.GetDouble();

    private JsonElement BatchOf(JsonElement entry)
        => _root.TryGetProperty("batches", out var batches) && entry.TryGetProperty("batch", out var name)
            ? batches.GetProperty(name.GetString()!)
            : default;
}
