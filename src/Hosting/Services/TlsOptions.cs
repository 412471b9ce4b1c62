using System.ComponentModel.DataAnnotations;

namespace Forge.Hosting.Services;

/// <summary>Certificates of the services; paths are relative to where the process stands.</summary>
public sealed class TlsOptions : IValidatableObject
{
    /// <summary>PEM file with the certificate that a service shows, and that it presents as a client when <see cref="Mutual"/> is set.</summary>
    public string? Certificate { get; init; }

    /// <summary>PEM file with the certificate's private key.</summary>
    public string? Key { get; init; }

    /// <summary>PEM file with the authority that must have signed the other side's certificate; null trusts the system's authorities.</summary>
    public string? Authority { get; init; }

    /// <summary>Callers must present a certificate that <see cref="Authority"/> signed; it counts as the admin key.</summary>
    public bool Mutual { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Certificate is null != Key is null)
        {
            yield return new ValidationResult("certificate and key belong together; give both or none", [Certificate is null ? nameof(Certificate) : nameof(Key)]);
        }

        if (Mutual && (Certificate is null || Authority is null))
        {
            yield return new ValidationResult("needs certificate, key and authority", [nameof(Mutual)]);
        }
    }
}
