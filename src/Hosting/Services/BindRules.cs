using Forge.Core.Faults;
using Forge.Hosting.Keys;

namespace Forge.Hosting.Services;

/// <summary>Decides where a service may listen: beyond this machine only where callers prove who they are.</summary>
internal static class BindRules
{
    /// <summary>True when only this machine can connect.</summary>
    public static bool IsLocal(ServiceHostParts parts)
        => parts.Services.Bind is { } bind && parts.Address.SocketPath is null
            ? parts.Address with { Host = bind } is { IsLocal: true }
            : parts.Address.IsLocal;

    /// <exception cref="ForgeException">Anyone on the network could use the service.</exception>
    public static void Require(ServiceHostParts parts, KeyRing keys)
    {
        var listens = parts.Services.Bind ?? parts.Address.Host;
        if (!IsLocal(parts) && keys.IsEmpty && !parts.Security.Tls.Mutual)
        {
            throw new ForgeException(
                $"{parts.Name} would listen on {listens} ({parts.Address}) without any key: everyone who reaches that address could use it. "
                + "Set security.token to ${NAME}, or security.token_file, or security.tls.mutual with certificates; or listen on 127.0.0.1.");
        }

        if (parts.Address.IsSecure && parts.Security.Tls.Certificate is null)
        {
            throw new ForgeException(
                $"{parts.Name} is to listen on {parts.Address}, but there is no certificate. Set security.tls.certificate and security.tls.key, or write http://.");
        }
    }
}
