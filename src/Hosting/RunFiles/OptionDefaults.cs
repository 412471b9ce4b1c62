namespace Forge.Hosting.RunFiles;

/// <summary>Lists what can be set below an options class, spelled as in run files.</summary>
public static class OptionDefaults
{
    /// <param name="options">With its defaults.</param>
    /// <param name="path">Where it stands in run files.</param>
    public static IEnumerable<(string Key, string Value)> Of(object options, string path)
    {
        ArgumentNullException.ThrowIfNull(options);
        return OptionShape.Of(options.GetType()).SelectMany(entry => (entry.Property.GetValue(options), $"{path}.{entry.Key}") switch
        {
            ({ } inner, var key) when OptionShape.IsOptions(entry.Property.PropertyType) => Of(inner, key),
            (System.Collections.IEnumerable and not string, var key) => [(key, "[]")],
            (var value, var key) => [(key, ScalarText.Write(value))],
        });
    }
}
