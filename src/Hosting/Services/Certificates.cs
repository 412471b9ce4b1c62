using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Forge.Core.Faults;

namespace Forge.Hosting.Services;

/// <summary>Loads certificates and checks the other side's against the run's own authority.</summary>
internal static class Certificates
{
    /// <summary>The certificate that this process shows; null when none is configured.</summary>
    public static X509Certificate2? Own(TlsOptions tls)
    {
        if (tls.Certificate is null)
        {
            return null;
        }

        try
        {
            // A key that only exists in memory can't be used for TLS on every system; the round trip through PKCS #12 makes it usable.
            using var pem = X509Certificate2.CreateFromPemFile(tls.Certificate, tls.Key);
            return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ForgeException($"The certificate '{tls.Certificate}' with key '{tls.Key}' can't be used: {error.Message} Check security.tls.", error);
        }
    }

    /// <summary>Says whether a certificate is valid and signed by the authority; null trusts the system's authorities.</summary>
    public static Func<X509Certificate?, SslPolicyErrors, bool> Check(TlsOptions tls)
    {
        if (tls.Authority is null)
        {
            return (_, errors) => errors == SslPolicyErrors.None;
        }

        var authority = Authority(tls.Authority);
        return (certificate, errors) => certificate is not null && (errors & SslPolicyErrors.RemoteCertificateNameMismatch) == 0 && IsSignedBy(authority, certificate);
    }

    private static bool IsSignedBy(X509Certificate2Collection authority, X509Certificate certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var copy = new X509Certificate2(certificate);
        return chain.Build(copy);
    }

    private static X509Certificate2Collection Authority(string path)
    {
        try
        {
            var authority = new X509Certificate2Collection();
            authority.ImportFromPemFile(path);
            return authority.Count > 0 ? authority : throw new ForgeException($"'{path}' holds no certificate. Check security.tls.authority.");
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ForgeException($"The authority '{path}' can't be read: {error.Message} Check security.tls.authority.", error);
        }
    }
}
