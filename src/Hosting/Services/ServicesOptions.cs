using System.ComponentModel.DataAnnotations;

namespace Forge.Hosting.Services;

/// <summary>Where each service is reached when they run apart. Section <c>services</c>; without addresses, one process runs them all.</summary>
public sealed class ServicesOptions : IValidatableObject
{
    public string? DataPool { get; init; }

    public string? Rollout { get; init; }

    public string? Gateway { get; init; }

    public string? AgentSide { get; init; }

    public string? Trainer { get; init; }

    /// <summary>The IP address on which every service listens in place of its address's own host, such as 0.0.0.0; null listens on that host.</summary>
    public string? Bind { get; init; }

    /// <summary>How long a service that was asked to end may take to finish or hand back its work.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a service may live without answering <c>/health</c> before its supervisor kills it and starts it again; 0 waits for ever.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan HangAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>True when the services run apart.</summary>
    public bool IsDistributed => All().Any(text => text is not null);

    /// <summary>The address of one service, as it was written.</summary>
    /// <exception cref="ArgumentException">The run is not distributed.</exception>
    public string AddressOf(ServiceName service)
        => Given(service) ?? throw new ArgumentException($"This run gives no address for {service}.", nameof(service));

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var service in Enum.GetValues<ServiceName>())
        {
            if (Given(service) is { } text && !ServiceAddress.TryParse(text, Path.GetTempPath(), out _, out var problem))
            {
                yield return new ValidationResult(problem, [service.ToString()]);
            }
            else if (IsDistributed && Given(service) is null)
            {
                yield return new ValidationResult("is required when other services have addresses: give all five, or none for one process", [service.ToString()]);
            }
        }
    }

    private IEnumerable<string?> All() => Enum.GetValues<ServiceName>().Select(Given);

    private string? Given(ServiceName service) => service switch
    {
        ServiceName.DataPool => DataPool,
        ServiceName.Rollout => Rollout,
        ServiceName.Gateway => Gateway,
        ServiceName.AgentSide => AgentSide,
        ServiceName.Trainer => Trainer,
        _ => throw new ArgumentOutOfRangeException(nameof(service), service, null),
    };
}
