using Grpc.Core;

namespace Forge.Hosting.Calls;

/// <summary>Sends this process's key with every call.</summary>
internal sealed class BearerInterceptor(string token) : CallOptionsInterceptor
{
    private readonly string _value = $"Bearer {token}";

    protected override CallOptions Options(IMethod method, CallOptions options)
    {
        var headers = new Metadata { { "authorization", _value } };
        foreach (var entry in options.Headers ?? [])
        {
            headers.Add(entry);
        }

        return options.WithHeaders(headers);
    }
}
