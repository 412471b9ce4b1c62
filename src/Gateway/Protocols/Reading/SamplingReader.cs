using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Forge.Gateway.Protocols.Reading;

/// <summary>Reads what several APIs say in the same words.</summary>
internal static class SamplingReader
{
    private const double MostTemperature = 2;

    public static AskedSampling OpenAi(ApiField body, int? maxTokens) => new()
    {
        Temperature = body["temperature"].OptionalNumber(0, MostTemperature),
        TopP = body["top_p"].OptionalNumber(0, 1),
        Seed = body["seed"].OptionalWhole(long.MinValue, long.MaxValue),
        MaxTokens = maxTokens,
        Stop = Stop(body["stop"], ApiLimits.StopTexts),
    };

    /// <summary>A text, or an array of them; empty texts would end everything at once and are refused.</summary>
    public static ImmutableArray<string> Stop(ApiField stop, int most)
    {
        ImmutableArray<ApiField> texts = stop.IsText ? [stop] : [.. stop.Items(most)];
        return [.. texts.Select(text => text.Text().Length > 0 ? text.Text() : throw text.Fault("must not be empty"))];
    }

    public static int Count(ApiField body) => body["n"].OptionalCount(1, ApiLimits.Choices) ?? 1;

    /// <summary>
    /// What decoding is held to: the schema of <c>json_schema</c>, any object for <c>json_object</c>, nothing for <c>text</c>.
    /// </summary>
    /// <param name="format">The format's object.</param>
    /// <param name="nested">The member that holds name and schema; null when they are the format's own.</param>
    public static JsonObject? Schema(ApiField format, string? nested)
    {
        if (!format.IsGiven)
        {
            return null;
        }

        switch (format.RequireObject()["type"].Text())
        {
            case "text":
                return null;
            case "json_object":
                return new JsonObject { ["type"] = "object" };
            case "json_schema":
                var holder = nested is null ? format : format[nested].RequireObject();
                return holder["schema"].IsGiven
                    ? JsonCopy.Object(holder["schema"].RequireObject().Value)
                    : new JsonObject { ["type"] = "object" };
            default:
                throw format["type"].Fault("must be one of text, json_object, json_schema");
        }
    }

    /// <summary>Texts by name, of a bounded number.</summary>
    public static JsonObject? Metadata(ApiField metadata)
    {
        if (!metadata.IsGiven)
        {
            return null;
        }

        var copy = new JsonObject();
        foreach (var member in metadata.RequireObject().Value.EnumerateObject())
        {
            copy[member.Name] = metadata[member.Name].Text();
            if (copy.Count > ApiLimits.MetadataEntries)
            {
                throw metadata.Fault($"must have at most {ApiLimits.MetadataEntries} entries");
            }
        }

        return copy;
    }

    /// <summary>Checks token biases; the policy's log-probabilities are recorded as they are, so that nothing is biased.</summary>
    public static void CheckBias(ApiField bias)
    {
        if (!bias.IsGiven)
        {
            return;
        }

        foreach (var member in bias.RequireObject().Value.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Number)
            {
                throw bias[member.Name].Fault("must be a number from -100 to 100");
            }

            _ = bias[member.Name].OptionalNumber(-100, 100);
        }
    }
}
