using Forge.Hosting.RunFiles;
using Forge.Hosting.Tracing;

namespace Forge.Hosting.Services;

/// <summary>What a service process is made from.</summary>
public sealed record ServiceHostParts
{
    public required ServiceName Name { get; init; }

    /// <summary>The run's name; keys of other runs are refused.</summary>
    public required string Run { get; init; }

    /// <summary>The run's folder: logs, socket files and key files lie there.</summary>
    public required string RunDirectory { get; init; }

    public ServicesOptions Services { get; init; } = new();

    public SecurityOptions Security { get; init; } = new();

    public TelemetryOptions Telemetry { get; init; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Takes the sections that every service needs from a run file.</summary>
    public static ServiceHostParts Of(ServiceName name, string runName, RunFile run, string runDirectory) => new()
    {
        Name = name,
        Run = runName,
        RunDirectory = Path.GetFullPath(runDirectory),
        Services = run.Section<ServicesOptions>(),
        Security = run.Section<SecurityOptions>(),
        Telemetry = run.Section<TelemetryOptions>(),
    };

    /// <summary>Where this service is reached.</summary>
    public ServiceAddress Address => ServiceAddress.Parse(Services.AddressOf(Name), RunDirectory);
}
