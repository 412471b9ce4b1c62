using System.Collections.Immutable;

namespace Forge.Gateway.Protocols.Reading;

/// <summary>Reads a message's content, a string or parts, as text. What only eyes and ears can take gets a note in its place.</summary>
internal static class ContentReader
{
    /// <summary>The texts of the parts; a string is one part, nothing is none.</summary>
    public static ImmutableArray<string> Parts(ApiField content)
        => !content.IsGiven ? []
            : content.IsText ? [content.Text()]
            : content.IsArray ? [.. content.Items(ApiLimits.Parts).Select(Part)]
            : content.IsObject ? [Part(content)]
            : throw content.Fault("must be a string or an array of parts");

    public static string Text(ApiField content) => string.Concat(Parts(content));

    /// <summary>What stands for a part that the policy can't read.</summary>
    public static string Note(string kind) => $"[{kind}: not shown, this model reads text only]";

    private static string Part(ApiField part)
    {
        if (part.IsText)
        {
            return part.Text();
        }

        var kind = part.RequireObject()["type"].OptionalText() ?? "text";
        return kind switch
        {
            "text" or "input_text" or "output_text" or "reasoning_text" or "summary_text" => part["text"].Text(),
            "refusal" => part["refusal"].Text(),
            _ => Note(kind.Length <= ApiLimits.ShownLength ? kind : kind[..ApiLimits.ShownLength]),
        };
    }
}
