using System.ComponentModel.DataAnnotations;
using Forge.Hosting.RunFiles;

namespace Forge.Hosting.Services;

/// <summary>Who may call the services. Section <c>security</c>. Without a token or mutual TLS, services serve this machine only.</summary>
public sealed class SecurityOptions : IValidatableObject
{
    /// <summary>The admin key: services accept it and send it to one another.</summary>
    [Secret]
    public string? Token { get; init; }

    /// <summary>A file whose only line is the admin key; relative to the run's folder, where <c>forge up</c> makes it when it is missing.</summary>
    public string? TokenFile { get; init; }

    /// <summary>A JSON file with further keys, as SHA-256 hashes with their scopes; relative to the run's folder.</summary>
    public string? KeysFile { get; init; }

    public TlsOptions Tls { get; init; } = new();

    /// <summary>The largest request body in bytes.</summary>
    [Range(1024L, 1L << 34)]
    public long MaxRequestBytes { get; init; } = 64 << 20;

    /// <summary>The largest sum of a request's header bytes.</summary>
    [Range(1024, 1 << 20)]
    public int MaxHeaderBytes { get; init; } = 32 << 10;

    /// <summary>The most connections that a service holds open.</summary>
    [Range(1L, 1_000_000L)]
    public long MaxConnections { get; init; } = 10_000;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Token is not null && TokenFile is not null)
        {
            yield return new ValidationResult("give token or token_file, not both", [nameof(TokenFile)]);
        }
    }
}
