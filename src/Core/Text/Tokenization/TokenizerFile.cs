using System.Text.Json;
using System.Text.RegularExpressions;

namespace Forge.Core.Text.Tokenization;

/// <summary>What a byte-level BPE <c>tokenizer.json</c> says, checked but not yet indexed.</summary>
/// <param name="Vocabulary">Token text (in the byte alphabet) to id.</param>
/// <param name="Merges">Pairs of token texts, earliest first.</param>
/// <param name="AddedTokens">Tokens recognised as a whole.</param>
/// <param name="Steps">The pre-tokenizer's regular expressions, in order.</param>
/// <param name="IgnoreMerges">A piece that is a token is taken whole, whatever the merges say.</param>
internal sealed record TokenizerFile(
    Dictionary<string, int> Vocabulary,
    List<(string Left, string Right)> Merges,
    List<AddedToken> AddedTokens,
    List<SplitStep> Steps,
    bool IgnoreMerges)
{
    private const int MaxVocabulary = 1 << 24;

    /// <exception cref="InvalidDataException">The text is no tokenizer file, or a part is missing.</exception>
    /// <exception cref="NotSupportedException">The file asks for something that byte-level BPE here does not do.</exception>
    public static TokenizerFile Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            var model = root.GetProperty("model");
            Refuse(Text(model, "type") is { } type && type != "BPE", "model.type", Text(model, "type"));
            Refuse(Has(root, "normalizer"), "normalizer", Raw(root, "normalizer"));
            Refuse(Has(model, "unk_token"), "model.unk_token", Raw(model, "unk_token"));
            foreach (var affix in (ReadOnlySpan<string>)["continuing_subword_prefix", "end_of_word_suffix"])
            {
                Refuse(!string.IsNullOrEmpty(Text(model, affix)), $"model.{affix}", Raw(model, affix));
            }

            Refuse(Flag(model, "byte_fallback"), "model.byte_fallback", "true");
            var steps = new List<SplitStep>();
            var byteLevel = Has(root, "pre_tokenizer") && ReadSteps(root.GetProperty("pre_tokenizer"), steps);
            Refuse(!byteLevel, "pre_tokenizer", Raw(root, "pre_tokenizer"));
            return new TokenizerFile(
                model.GetProperty("vocab").EnumerateObject().ToDictionary(entry => entry.Name, entry => ReadId(entry.Value)),
                [.. model.GetProperty("merges").EnumerateArray().Select(ReadMerge)],
                Has(root, "added_tokens") ? [.. root.GetProperty("added_tokens").EnumerateArray().Select(ReadAddedToken)] : [],
                steps,
                Flag(model, "ignore_merges"));
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException or ArgumentException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"Not a readable tokenizer.json: {error.Message}", error);
        }
    }

    // True once a ByteLevel pre-tokenizer is met; nothing may follow it, because pieces are bytes from there on.
    private static bool ReadSteps(JsonElement pre, List<SplitStep> steps)
    {
        switch (Text(pre, "type"))
        {
            case "Sequence":
                return pre.GetProperty("pretokenizers").EnumerateArray().Aggregate(false, (done, inner) => done | ReadSteps(inner, steps));
            case "ByteLevel":
                Refuse(Flag(pre, "add_prefix_space"), "pre_tokenizer.add_prefix_space", "true");
                if (!pre.TryGetProperty("use_regex", out var useRegex) || useRegex.GetBoolean())
                {
                    steps.Add(new SplitStep(OnigPattern.Compile(SplitStep.Gpt2Pattern)));
                }

                return true;
            case "Split":
                steps.Add(ReadSplit(pre));
                return false;
            case var type:
                Refuse(true, "pre_tokenizer.type", type);
                return false;
        }
    }

    private static SplitStep ReadSplit(JsonElement split)
    {
        var pattern = split.GetProperty("pattern");
        var regex = pattern.TryGetProperty("Regex", out var onig)
            ? OnigPattern.Compile(onig.GetString()!)
            : OnigPattern.Compile(Regex.Escape(pattern.GetProperty("String").GetString()!));
        var behavior = Text(split, "behavior");
        var removed = behavior == "Removed";
        Refuse(!removed && behavior != "Isolated", "pre_tokenizer.behavior", behavior);
        return new SplitStep(regex, KeepMatches: !removed || Flag(split, "invert"), KeepGaps: !removed || !Flag(split, "invert"));
    }

    private static (string Left, string Right) ReadMerge(JsonElement merge)
    {
        if (merge.ValueKind == JsonValueKind.Array)
        {
            return (merge[0].GetString()!, merge[1].GetString()!);
        }

        // The older form, "left right": the byte alphabet has no space.
        var parts = merge.GetString()!.Split(' ');
        return parts.Length == 2 ? (parts[0], parts[1]) : throw new InvalidDataException($"The merge '{merge}' has no two parts.");
    }

    private static AddedToken ReadAddedToken(JsonElement token)
        => new(ReadId(token.GetProperty("id")), token.GetProperty("content").GetString()!)
        {
            Special = Flag(token, "special"),
            SingleWord = Flag(token, "single_word"),
            StripsLeft = Flag(token, "lstrip"),
            StripsRight = Flag(token, "rstrip"),
            Normalized = Flag(token, "normalized"),
        };

    private static int ReadId(JsonElement id)
        => id.GetInt32() is >= 0 and < MaxVocabulary and var value
            ? value
            : throw new InvalidDataException($"The token id {id} is outside 0 … {MaxVocabulary - 1}.");

    private static void Refuse(bool condition, string key, string? value)
    {
        if (condition)
        {
            throw new NotSupportedException(
                $"tokenizer.json: {key} = {value ?? "null"} is not supported;"
                + " only byte-level BPE with Split and ByteLevel pre-tokenizers is.");
        }
    }

    private static bool Has(JsonElement parent, string name)
        => parent.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined);

    private static bool Flag(JsonElement parent, string name)
        => parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static string? Text(JsonElement parent, string name)
        => parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? Raw(JsonElement parent, string name)
        => parent.TryGetProperty(name, out var value) ? value.GetRawText() : null;
}
