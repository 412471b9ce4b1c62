using System.Text.Json;
using System.Text.Json.Serialization;

namespace Forge.TestKit;

/// <summary>Writes a record with everything in it, arrays included, so that two of them can be compared by what they hold.</summary>
public static class RecordText
{
    private static readonly JsonSerializerOptions Shape = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        IgnoreReadOnlyProperties = true,
    };

    public static string Of<T>(T record) => JsonSerializer.Serialize(record, Shape);
}
