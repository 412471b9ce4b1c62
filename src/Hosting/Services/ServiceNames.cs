using Forge.Hosting.RunFiles;

namespace Forge.Hosting.Services;

/// <summary>Writes services the way run files and command lines do.</summary>
public static class ServiceNames
{
    /// <summary>Such as <c>data_pool</c>.</summary>
    public static string Of(ServiceName service) => SnakeCase.Of(service.ToString());

    /// <summary>Null when no service has this name.</summary>
    public static ServiceName? Parse(string text)
        => Enum.GetValues<ServiceName>().Where(service => Of(service) == text).Select(service => (ServiceName?)service).FirstOrDefault();
}
