using Forge.Hosting.Services;

namespace Forge.Hosting.Calls;

/// <summary>Asks a service whether it lives. Safe for concurrent use; needs no key.</summary>
public sealed class HealthProbe(ServiceAddress address, TlsOptions tls) : IDisposable
{
    // Most who could ask never do, and then no certificate is read.
    private readonly Lazy<HttpClient> _client = new(() => ServiceSockets.HttpClient(address, tls, token: null, Timeout.InfiniteTimeSpan));

    /// <summary>False when nobody answers there, or something else than a service does.</summary>
    /// <exception cref="OperationCanceledException">There was no answer before the token was cancelled.</exception>
    public async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _client.Value.GetAsync("/health", cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }
}
