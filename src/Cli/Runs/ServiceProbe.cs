using System.Text.Json;
using Forge.Hosting.Calls;
using Forge.Hosting.Health;
using Forge.Hosting.Services;

namespace Forge.Cli.Runs;

/// <summary>Asks the services of a run what they do.</summary>
internal static class ServiceProbe
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    public static async Task<IReadOnlyDictionary<string, ServiceAnswer>> AskAllAsync(RunTarget target, CancellationToken cancellationToken)
    {
        var services = Enum.GetValues<ServiceName>();
        var answers = await Task.WhenAll(services.Select(service => AskAsync(target, service, cancellationToken)));
        return services.Zip(answers).ToDictionary(pair => ServiceNames.Of(pair.First), pair => pair.Second);
    }

    private static async Task<ServiceAnswer> AskAsync(RunTarget target, ServiceName service, CancellationToken cancellationToken)
    {
        var address = target.AddressOf(service);
        try
        {
            using var client = ServiceSockets.HttpClient(address, target.Security.Tls, ServiceKeys.Token(target.Security, target.Processes.Run), Limit);
            await using var answer = await client.GetStreamAsync("/status", cancellationToken);
            return new ServiceAnswer(await JsonSerializer.DeserializeAsync<ServiceStatus>(answer, ServiceStatus.Json, cancellationToken), null);
        }
        catch (HttpRequestException error)
        {
            return new ServiceAnswer(null, $"{address} does not answer: {error.Message}");
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ServiceAnswer(null, $"{address} did not answer within {Limit.TotalSeconds} s; it may be stopped (SIGSTOP) or out of memory");
        }
        catch (JsonException error)
        {
            return new ServiceAnswer(null, $"{address} is no service of Forge: {error.Message}");
        }
    }
}
