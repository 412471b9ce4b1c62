using System.Collections;
using System.Globalization;
using System.Text;

namespace Forge.Hosting.RunFiles;

/// <summary>Writes bound options back as the run file that gives them.</summary>
internal static class ResolvedText
{
    public static string Of(RunSchema schema, Func<Type, object> options, IReadOnlyDictionary<string, string> secrets)
    {
        var text = new StringBuilder();
        foreach (var (name, type) in schema.Sections)
        {
            text.Append(text.Length == 0 ? "" : "\n").Append(name).Append(":\n");
            AppendOptions(text, options(type), name, 1, secrets);
        }

        return text.ToString();
    }

    private static void AppendOptions(StringBuilder text, object options, string path, int depth, IReadOnlyDictionary<string, string> secrets)
    {
        foreach (var (key, property) in OptionShape.Of(options.GetType()))
        {
            Append(text, key, property.GetValue(options), property.IsDefined(typeof(SecretAttribute), true), $"{path}.{key}", depth, secrets);
        }
    }

    private static void Append(
        StringBuilder text, string key, object? value, bool isSecret, string path, int depth, IReadOnlyDictionary<string, string> secrets)
    {
        text.Append(' ', depth * 2).Append(key).Append(':');
        switch (value)
        {
            case not null when isSecret:
                text.Append(' ').Append(secrets.GetValueOrDefault(path, "null")).Append('\n');
                break;
            case IDictionary map:
                text.Append(map.Count == 0 ? " {}\n" : "\n");
                foreach (DictionaryEntry entry in map)
                {
                    Append(text, (string)entry.Key, entry.Value, false, $"{path}.{entry.Key}", depth + 1, secrets);
                }

                break;
            case IEnumerable list and not string:
                AppendList(text, list, path, depth, secrets);
                break;
            case not null when !ScalarText.Reads(value.GetType()):
                text.Append('\n');
                AppendOptions(text, value, path, depth + 1, secrets);
                break;
            default:
                text.Append(' ').Append(ScalarText.Write(value)).Append('\n');
                break;
        }
    }

    private static void AppendList(StringBuilder text, IEnumerable list, string path, int depth, IReadOnlyDictionary<string, string> secrets)
    {
        var items = list.Cast<object>().ToList();
        if (items.All(item => ScalarText.Reads(item.GetType())))
        {
            text.Append(CultureInfo.InvariantCulture, $" [{string.Join(", ", items.Select(ScalarText.Write))}]\n");
            return;
        }

        text.Append('\n');
        foreach (var (index, item) in items.Index())
        {
            text.Append(' ', (depth + 1) * 2).Append("-\n");
            AppendOptions(text, item, $"{path}[{index}]", depth + 2, secrets);
        }
    }
}
