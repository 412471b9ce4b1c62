using System.ComponentModel.DataAnnotations;

namespace Forge.Hosting.Tracing;

/// <summary>Where traces go. Section <c>telemetry</c>.</summary>
public sealed class TelemetryOptions : IValidatableObject
{
    /// <summary>An OTLP collector, such as http://127.0.0.1:4317; null exports nothing.</summary>
    public string? OtlpEndpoint { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (OtlpEndpoint is { } text && !(Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
        {
            yield return new ValidationResult($"'{text}' is no address such as http://127.0.0.1:4317", [nameof(OtlpEndpoint)]);
        }
    }
}
