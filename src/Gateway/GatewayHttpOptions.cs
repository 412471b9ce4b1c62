using System.ComponentModel.DataAnnotations;
using Forge.Gateway.Sessions;
using Forge.Hosting.Services;

namespace Forge.Gateway;

/// <summary>The gateway's door for agents of any kind: <c>gateway.http</c>.</summary>
public sealed class GatewayHttpOptions : IValidatableObject
{
    /// <summary>
    /// Where agents reach it, such as <c>http://127.0.0.1:7410</c> or <c>unix:agents.sock</c>; port 0 lets the system choose. Null opens no door.
    /// </summary>
    public string? Address { get; init; }

    /// <summary>The model's name in the list of models; calls may name any.</summary>
    [Required]
    public string Model { get; init; } = "forge";

    /// <summary>The longest silence of a stream, and of an answer whose head was sent early.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:30")]
    public TimeSpan NoOpEvery { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long an answer that is not streamed may take before its head is sent, and then a space now and then.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:04:00")]
    public TimeSpan EarlyAfter { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Messages of version 2026-10-21 or later that ask for a temperature, top_p or top_k are refused, as the vendor does.</summary>
    public bool StrictMessages { get; init; }

    public SessionOptions Sessions { get; init; } = new();

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Address is not null && !ServiceAddress.TryParse(Address, Path.GetTempPath(), out _, out var problem))
        {
            yield return new ValidationResult(problem, [nameof(Address)]);
        }
    }
}
