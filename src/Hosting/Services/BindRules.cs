using Forge.Core.Faults;
using Forge.Hosting.Keys;

namespace Forge.Hosting.Services;

/// <summary>Decides where a service may listen: beyond this machine only where callers prove who they are.</summary>
internal static class BindRules
{
    /// <summary>True when only this machine can connect.</summary>
    public static bool IsLocal(ServiceHostParts parts) => IsLocal(parts.Address, parts.Services.Bind);

    /// <summary>True when only this machine can connect.</summary>
    /// <param name="address">Where callers reach it.</param>
    /// <param name="bind">The host that it listens on in place of the address's own; null for that one.</param>
    public static bool IsLocal(ServiceAddress address, string? bind)
        => bind is not null && address.SocketPath is null ? address with { Host = bind } is { IsLocal: true } : address.IsLocal;

    /// <exception cref="ForgeException">Anyone on the network could use the service.</exception>
    public static void Require(ServiceHostParts parts, KeyRing keys)
        => Require(parts.Name.ToString(), parts.Address, parts.Services.Bind, parts.Security, keys);

    /// <inheritdoc cref="Require(ServiceHostParts, KeyRing)"/>
    public static void Require(string name, ServiceAddress address, string? bind, SecurityOptions security, KeyRing keys)
    {
        if (!IsLocal(address, bind) && keys.IsEmpty && !security.Tls.Mutual)
        {
            throw new ForgeException(
                $"{name} would listen on {bind ?? address.Host} ({address}) without any key: everyone who reaches that address could use it. "
                + "Set security.token to ${NAME}, or security.token_file, or security.tls.mutual with certificates; or listen on 127.0.0.1.");
        }

        if (address.IsSecure && security.Tls.Certificate is null)
        {
            throw new ForgeException(
                $"{name} is to listen on {address}, but there is no certificate. Set security.tls.certificate and security.tls.key, or write http://.");
        }
    }

    // A web page that points its own name at this machine (DNS rebinding) does not get in.
    public static IReadOnlyList<string> AllowedHosts(bool isLocal) => isLocal ? ["localhost", "127.0.0.1", "[::1]"] : ["*"];
}
