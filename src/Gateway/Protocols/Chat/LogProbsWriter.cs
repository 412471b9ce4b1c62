using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;

namespace Forge.Gateway.Protocols.Chat;

/// <summary>Writes tokens with their log-probabilities as Chat Completions and Responses have them.</summary>
internal static class LogProbsWriter
{
    // JSON has no infinities; this is what OpenAI's API says for a token that can't be.
    private const double Impossible = -9999;

    public static JsonObject Write(ReadOnlySpan<ApiToken> tokens) => new() { ["content"] = Tokens(tokens), ["refusal"] = null };

    public static JsonArray Tokens(ReadOnlySpan<ApiToken> tokens)
    {
        var written = new JsonArray();
        foreach (var token in tokens)
        {
            var entry = Token(token.Bytes, token.LogProb);
            entry["top_logprobs"] = new JsonArray([.. token.Top.Select(top => Token(top.Bytes, top.LogProb))]);
            written.Add((JsonNode)entry);
        }

        return written;
    }

    public static double Finite(double logProb) => double.IsFinite(logProb) ? logProb : Impossible;

    public static string Text(ImmutableArray<byte> bytes) => Encoding.UTF8.GetString(bytes.AsSpan());

    private static JsonObject Token(ImmutableArray<byte> bytes, double logProb) => new()
    {
        ["token"] = Text(bytes),
        ["logprob"] = Finite(logProb),
        ["bytes"] = new JsonArray([.. bytes.Select(value => JsonValue.Create((int)value))]),
    };
}
