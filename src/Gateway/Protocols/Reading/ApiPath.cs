using System.Globalization;

namespace Forge.Gateway.Protocols.Reading;

/// <summary>Names a place in a request, such as <c>messages[3].content[0].type</c>; put together only when a fault needs it.</summary>
internal sealed class ApiPath(ApiPath? parent, string? name, int index)
{
    public override string ToString() => (parent, name) switch
    {
        (_, null) => string.Create(CultureInfo.InvariantCulture, $"{parent}[{index}]"),
        (null, _) => name,
        _ => $"{parent}.{name}",
    };
}
