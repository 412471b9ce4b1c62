using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server;

/// <summary>Who calls: the address, and what the client's certificate says.</summary>
internal static class PeerIdentity
{
    private const string AlternativeName = "x509_subject_alternative_name";
    private const string CommonName = "x509_common_name";

    internal static AuthContext Anonymous { get; } = new(null, []);

    internal static string Address(HttpContext http)
    {
        var connection = http.Connection;
        return connection.RemoteIpAddress switch
        {
            { AddressFamily: AddressFamily.InterNetwork } address => $"ipv4:{address}:{connection.RemotePort}",
            { } address => $"ipv6:[{address}]:{connection.RemotePort}",
            null => $"unix:{UnixSocket(http)}",
        };
    }

    internal static AuthContext Of(X509Certificate2 certificate)
    {
        var properties = new Dictionary<string, List<AuthProperty>>(StringComparer.Ordinal);
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(extension => extension.EnumerateDnsNames());
        foreach (var name in names)
        {
            Add(properties, AlternativeName, name);
        }

        if (certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) is { Length: > 0 } common)
        {
            Add(properties, CommonName, common);
        }

        var identity = properties.ContainsKey(AlternativeName) ? AlternativeName : properties.ContainsKey(CommonName) ? CommonName : null;
        return new AuthContext(identity, properties);
    }

    private static void Add(Dictionary<string, List<AuthProperty>> properties, string name, string value)
    {
        if (!properties.TryGetValue(name, out var list))
        {
            properties.Add(name, list = []);
        }

        list.Add(AuthProperty.Create(name, Encoding.UTF8.GetBytes(value)));
    }

    private static EndPoint? UnixSocket(HttpContext http)
        => http.Features.Get<IConnectionEndPointFeature>()?.LocalEndPoint as UnixDomainSocketEndPoint;
}
