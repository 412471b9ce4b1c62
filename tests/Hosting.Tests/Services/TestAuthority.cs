using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Forge.Hosting.Services;
using Forge.TestKit;

namespace Forge.Hosting.Tests.Services;

/// <summary>Signs certificates for this machine, as an operator's authority does.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _authority;
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();
    private int _issued;

    public TestAuthority()
    {
        var request = new CertificateRequest("CN=Test authority", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        _authority = request.CreateSelfSigned(_now.AddHours(-1), _now.AddHours(1));
        File.WriteAllText(AuthorityFile, _authority.ExportCertificatePem());
    }

    public string AuthorityFile => _folder.File("authority.pem");

    /// <summary>A certificate of this authority, with its key, as options for whoever holds it.</summary>
    /// <param name="mutual">Whether both sides show one.</param>
    /// <param name="host">The name that it is for.</param>
    /// <param name="ends">When it expires, from now.</param>
    public TlsOptions Issue(bool mutual, string host = "127.0.0.1", TimeSpan? ends = null)
    {
        var number = ++_issued;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=Holder {number}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(host, out var ip))
        {
            names.AddIpAddress(ip);
        }
        else
        {
            names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(_authority, _now.AddMinutes(-30), _now + (ends ?? TimeSpan.FromMinutes(30)), [(byte)number]);
        File.WriteAllText(_folder.File($"{number}.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(_folder.File($"{number}.key"), key.ExportPkcs8PrivateKeyPem());
        return new TlsOptions { Certificate = _folder.File($"{number}.pem"), Key = _folder.File($"{number}.key"), Authority = AuthorityFile, Mutual = mutual };
    }

    public void Dispose()
    {
        _authority.Dispose();
        _key.Dispose();
        _folder.Dispose();
    }
}
