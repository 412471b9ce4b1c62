using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Forge.Core.Faults;

namespace Forge.AgentSide.BlackBox.Templates;

/// <summary>Puts an episode's values in the place of <c>${name}</c>.</summary>
public sealed partial class Placeholders(ImmutableSortedDictionary<string, string> values)
{
    /// <exception cref="EnvironmentFaultException">It names a placeholder that does not exist.</exception>
    public string Fill(string text) => Fill(text, value => value);

    /// <summary>For the inside of quotes in JSON and TOML, where both escape alike.</summary>
    /// <exception cref="EnvironmentFaultException">It names a placeholder that does not exist.</exception>
    public string FillQuoted(string text)
        => Fill(text, value => JsonEncodedText.Encode(value, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString());

    private string Fill(string text, Func<string, string> escape) => Placeholder().Replace(text, match =>
        values.TryGetValue(match.Groups["name"].Value, out var value)
            ? escape(value)
            : throw new EnvironmentFaultException($"There is no placeholder {match.Value} (in '{text}'); there are {string.Join(", ", values.Keys)}."));

    [GeneratedRegex(@"\$\{(?<name>[^}]*)\}")]
    private static partial Regex Placeholder();
}
