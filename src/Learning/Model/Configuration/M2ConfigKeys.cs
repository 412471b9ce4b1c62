using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Core.Faults;

namespace Forge.Learning.Model.Configuration;

/// <summary>
/// Takes typed values out of a <c>config.json</c>, collects every problem, and remembers which keys were read.
/// </summary>
internal sealed class M2ConfigKeys(JsonObject root, string source)
{
    private readonly HashSet<string> _read = [];
    private readonly List<string> _problems = [];

    public int Int(string key, int? fallback = null)
    {
        var value = Number(key, fallback);
        if (value != Math.Floor(value) || value is < int.MinValue or > int.MaxValue)
        {
            _problems.Add($"{key} is {root[key]?.ToJsonString()}; it must be a whole number.");
            return 0;
        }

        return (int)value;
    }

    public double Double(string key, double fallback) => Number(key, fallback);

    public void Text(string key, params string[] accepted)
    {
        var value = root[key] is JsonValue node && node.TryGetValue<string>(out var text) ? text : null;
        if (!accepted.Contains(value))
        {
            _problems.Add($"{key} is {root[key]?.ToJsonString() ?? "absent"}; accepted: {string.Join(", ", accepted)}.");
        }
    }

    public void RequireIfPresent(string key, string accepted)
    {
        if (root.TryGetPropertyValue(key, out var node) && (node?.ToJsonString() ?? "null") is var value && value != accepted)
        {
            _problems.Add($"{key} is {value}; M2 has {accepted}, other values are another architecture.");
        }
    }

    /// <summary>
    /// <c>rotary_dim</c>, else <c>partial_rotary_factor</c> × head_dim, else the whole head; both must agree.
    /// </summary>
    public int RotaryDim(int headDim)
    {
        var factor = root["partial_rotary_factor"] ?? (root["rope_parameters"] as JsonObject)?["partial_rotary_factor"];
        var byFactor = factor is JsonValue number && number.TryGetValue<double>(out var part)
            ? (int)Math.Round(part * headDim, MidpointRounding.AwayFromZero)
            : (int?)null;
        var stated = Int("rotary_dim", byFactor ?? headDim);
        if (byFactor is { } implied && implied != stated)
        {
            _problems.Add($"rotary_dim is {stated}, but partial_rotary_factor × head_dim is {implied}; remove one of them.");
        }

        return stated;
    }

    /// <summary><c>rope_theta</c>, at the root or inside <c>rope_parameters</c>.</summary>
    public double RopeTheta()
    {
        if (root["rope_parameters"] is not JsonObject parameters)
        {
            return Double("rope_theta", 5_000_000);
        }

        if (parameters["rope_type"] is { } type && type.ToJsonString() != "\"default\"")
        {
            _problems.Add($"rope_parameters.rope_type is {type.ToJsonString()}; only \"default\" is M2's.");
        }

        var nested = parameters["rope_theta"] is JsonValue theta && theta.TryGetValue<double>(out var value) ? value : 5_000_000;
        return Double("rope_theta", nested);
    }

    /// <summary>An id, a list of ids, or null (an empty list).</summary>
    public IReadOnlyList<int> Ids(string key)
    {
        _read.Add(key);
        var node = root[key];
        JsonNode?[] items = node is JsonArray array ? [.. array] : node is null ? [] : [node];
        var ids = items.Select(item => item is JsonValue value && value.TryGetValue<int>(out var id) ? id : -1).ToList();
        if (ids.Any(id => id < 0))
        {
            _problems.Add($"{key} is {node?.ToJsonString()}; it must be a token id, a list of ids, or null.");
        }

        return ids;
    }

    public void ThrowIfAnyProblem()
    {
        if (_problems.Count > 0)
        {
            throw new ForgeException($"{source} does not describe a MiniMax-M2 model:\n  " + string.Join("\n  ", _problems));
        }
    }

    /// <summary>The keys that were not read, verbatim and in file order.</summary>
    public JsonObject Rest()
    {
        var rest = new JsonObject();
        foreach (var (key, value) in root)
        {
            if (!_read.Contains(key))
            {
                rest[key] = value?.DeepClone();
            }
        }

        return rest;
    }

    private double Number(string key, double? fallback)
    {
        _read.Add(key);
        var node = root[key];
        if (node is null && fallback is { } value)
        {
            return value;
        }

        if (node is JsonValue number && number.GetValueKind() == JsonValueKind.Number)
        {
            return double.Parse(number.ToJsonString(), CultureInfo.InvariantCulture);
        }

        _problems.Add($"{key} is {node?.ToJsonString() ?? "absent"}; it must be a number.");
        return 1;
    }
}
