using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Forge.Core.Text.Training;

/// <summary>Writes a trained vocabulary as a Hugging Face <c>tokenizer.json</c>.</summary>
internal static class TokenizerWriter
{
    private static readonly JsonWriterOptions Layout = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(
        BpeTrainerOptions options, IReadOnlyList<string> tokens, int firstId, IReadOnlyList<(string Left, string Right)> merges)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Layout))
        {
            writer.WriteStartObject();
            writer.WriteString("version", "1.0");
            writer.WriteNull("truncation");
            writer.WriteNull("padding");
            WriteAddedTokens(writer, options, options.SpecialTokensFirst ? 0 : tokens.Count);
            writer.WriteNull("normalizer");
            WritePreTokenizer(writer, options);
            writer.WriteNull("post_processor");
            WriteByteLevel(writer, "decoder", useRegex: true);
            WriteModel(writer, tokens, firstId, merges);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteAddedTokens(Utf8JsonWriter writer, BpeTrainerOptions options, int firstId)
    {
        writer.WriteStartArray("added_tokens");
        for (var i = 0; i < options.SpecialTokens.Length; i++)
        {
            writer.WriteStartObject();
            writer.WriteNumber("id", firstId + i);
            writer.WriteString("content", options.SpecialTokens[i]);
            writer.WriteBoolean("single_word", false);
            writer.WriteBoolean("lstrip", false);
            writer.WriteBoolean("rstrip", false);
            writer.WriteBoolean("normalized", false);
            writer.WriteBoolean("special", true);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WritePreTokenizer(Utf8JsonWriter writer, BpeTrainerOptions options)
    {
        if (options.SplitRegex is not { } pattern)
        {
            WriteByteLevel(writer, "pre_tokenizer", options.UseRegex);
            return;
        }

        writer.WriteStartObject("pre_tokenizer");
        writer.WriteString("type", "Sequence");
        writer.WriteStartArray("pretokenizers");
        writer.WriteStartObject();
        writer.WriteString("type", "Split");
        writer.WriteStartObject("pattern");
        writer.WriteString("Regex", pattern);
        writer.WriteEndObject();
        writer.WriteString("behavior", "Isolated");
        writer.WriteBoolean("invert", false);
        writer.WriteEndObject();
        WriteByteLevel(writer, null, options.UseRegex);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteByteLevel(Utf8JsonWriter writer, string? name, bool useRegex)
    {
        if (name is null)
        {
            writer.WriteStartObject();
        }
        else
        {
            writer.WriteStartObject(name);
        }

        writer.WriteString("type", "ByteLevel");
        writer.WriteBoolean("add_prefix_space", false);
        writer.WriteBoolean("trim_offsets", true);
        writer.WriteBoolean("use_regex", useRegex);
        writer.WriteEndObject();
    }

    private static void WriteModel(
        Utf8JsonWriter writer, IReadOnlyList<string> tokens, int firstId, IReadOnlyList<(string Left, string Right)> merges)
    {
        writer.WriteStartObject("model");
        writer.WriteString("type", "BPE");
        writer.WriteNull("dropout");
        writer.WriteNull("unk_token");
        writer.WriteNull("continuing_subword_prefix");
        writer.WriteNull("end_of_word_suffix");
        writer.WriteBoolean("fuse_unk", false);
        writer.WriteBoolean("byte_fallback", false);
        writer.WriteBoolean("ignore_merges", false);
        writer.WriteStartObject("vocab");
        for (var i = 0; i < tokens.Count; i++)
        {
            writer.WriteNumber(tokens[i], firstId + i);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("merges");
        foreach (var (left, right) in merges)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(left);
            writer.WriteStringValue(right);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
