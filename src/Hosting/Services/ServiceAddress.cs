using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Forge.Hosting.Services;

/// <summary>Where a service is reached: <c>http://host:port</c>, <c>https://host:port</c> or <c>unix:/path</c>.</summary>
/// <param name="Text">As it was written.</param>
/// <param name="Host">A name or an IP address; empty for a socket file.</param>
/// <param name="Port">0 lets the system choose one.</param>
/// <param name="SocketPath">The socket file; null for TCP.</param>
/// <param name="IsSecure">Whether the connection is TLS.</param>
public sealed record ServiceAddress(string Text, string Host, int Port, string? SocketPath, bool IsSecure)
{
    // The shortest limit among systems for sun_path, without its final zero.
    private const int LongestSocketPath = 103;

    /// <summary>What callers put into requests; a socket file has no host of its own.</summary>
    public Uri Uri => SocketPath is not null
        ? new Uri("http://localhost")
        : new UriBuilder(IsSecure ? "https" : "http", Host, Port).Uri;

    /// <summary>True when only this machine can reach it.</summary>
    public bool IsLocal => SocketPath is not null || Host == "localhost" || (IPAddress.TryParse(Host, out var ip) && IPAddress.IsLoopback(ip));

    /// <param name="text">The address as the run file gives it.</param>
    /// <param name="folder">What relative socket paths start from: the run's folder.</param>
    /// <exception cref="FormatException">It is no address; the message says what one looks like.</exception>
    public static ServiceAddress Parse(string text, string folder)
        => TryParse(text, folder, out var address, out var problem) ? address : throw new FormatException(problem);

    /// <summary>Does what <see cref="Parse"/> does, and says what is wrong as a value.</summary>
    public static bool TryParse(string text, string folder, [NotNullWhen(true)] out ServiceAddress? address, [NotNullWhen(false)] out string? problem)
    {
        (address, problem) = text.StartsWith("unix:", StringComparison.Ordinal) ? OfSocket(text, folder) : OfUri(text);
        return address is not null;
    }

    /// <summary>What a listener binds to.</summary>
    /// <param name="host">Takes the place of the address's own host; null keeps it.</param>
    /// <exception cref="FormatException">The host is a name: a listener needs an IP address.</exception>
    public EndPoint ToEndPoint(string? host)
    {
        if (SocketPath is not null)
        {
            return new UnixDomainSocketEndPoint(SocketPath);
        }

        var chosen = host ?? Host;
        return chosen == "localhost" ? new IPEndPoint(IPAddress.Loopback, Port)
            : IPAddress.TryParse(chosen, out var ip) ? new IPEndPoint(ip, Port)
            : throw new FormatException($"'{chosen}' is a name; a service listens on an IP address. Set services.bind, such as 0.0.0.0.");
    }

    public override string ToString() => Text;

    private static (ServiceAddress?, string?) OfSocket(string text, string folder)
    {
        var given = text["unix:".Length..];
        if (given.Length == 0)
        {
            return (null, $"'{text}' names no socket file; write unix:/path/to/file");
        }

        var path = Path.GetFullPath(given, Path.GetFullPath(folder));
        return path.Length > LongestSocketPath
            ? (null, $"the socket path '{path}' has {path.Length} characters; the system allows {LongestSocketPath}. Choose a shorter folder")
            : (new ServiceAddress(text, "", 0, path, false), null);
    }

    private static (ServiceAddress?, string?) OfUri(string text)
        => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https", AbsolutePath: "/", Query: "", Fragment: "", UserInfo: "" }
            && (!uri.IsDefaultPort || text.EndsWith($":{uri.Port}", StringComparison.Ordinal))
            ? (new ServiceAddress(text, uri.IdnHost, uri.Port, null, uri.Scheme == "https"), null)
            : (null, $"'{text}' is not an address such as http://127.0.0.1:7403, https://gateway:7403 or unix:gateway.sock");
}
