using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Forge.Core.Faults;
using Forge.Core.Text;

namespace Forge.AgentSide.BlackBox.Templates;

/// <summary>How a real harness is run against the gateway: a data file, since nothing about it is code.</summary>
public sealed record HarnessTemplate
{
    private const string Resources = "harnesses/";

    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    public required string Name { get; init; }

    /// <summary>The npm package, and the version that this file was written for.</summary>
    public required string Package { get; init; }

    public required string Version { get; init; }

    /// <summary>Which API it speaks: <c>chat</c>, <c>responses</c> or <c>messages</c>.</summary>
    public required string Api { get; init; }

    /// <summary>The program and its arguments, with placeholders.</summary>
    public required ImmutableArray<string> Command { get; init; }

    /// <summary>Environment variables, with placeholders.</summary>
    public ImmutableSortedDictionary<string, string> Variables { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Files of the working directory, by path, as lines with placeholders; one that starts with <c>#!</c> can be executed.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<string>> Files { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>The templates that come with Forge.</summary>
    public static ImmutableArray<string> Names { get; } = [.. typeof(HarnessTemplate).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Resources, StringComparison.Ordinal))
        .Select(name => name[Resources.Length..^".json".Length]).Order(StringComparer.Ordinal)];

    /// <summary>Loads a template by its name, or from a file where the name is a path.</summary>
    /// <exception cref="ForgeException">There is none, or it can't be read.</exception>
    public static HarnessTemplate Load(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (Names.Contains(name))
        {
            using var stream = typeof(HarnessTemplate).Assembly.GetManifestResourceStream($"{Resources}{name}.json")!;
            using var reader = new StreamReader(stream);
            return Parse(reader.ReadToEnd(), name);
        }

        return File.Exists(name) ? Parse(File.ReadAllText(name), name) : throw new ForgeException(
            $"agent_side.program.template: there is no template '{name}', and no such file. Known are {string.Join(", ", Names)}"
            + (NearestName.Of(name, Names) is { } nearest ? $"; the nearest is '{nearest}'." : "."));
    }

    private static HarnessTemplate Parse(string json, string place)
    {
        try
        {
            return JsonSerializer.Deserialize<HarnessTemplate>(json, Format) ?? throw new JsonException("it is null");
        }
        catch (JsonException fault)
        {
            throw new ForgeException($"The template '{place}' can't be read: {fault.Message} docs/harnesses.md shows one.", fault);
        }
    }
}
