using Grpc.Core;
using Grpc.Shared;

namespace Grpc.Net.Client.Calls;

/// <summary>Collects the interceptors that call credentials are made of, then lets each add to the request's headers.</summary>
internal sealed class CallAuthentication : CallCredentialsConfiguratorBase
{
    private readonly List<AsyncAuthInterceptor> _interceptors = [];

    internal static async Task ApplyAsync(
        ChannelSecurity security, CallCredentials? ofCall, IMethod method, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!security.SendsCallCredentials)
        {
            throw MessageFrame.Fault(
                StatusCode.Unauthenticated,
                $"Call credentials are not sent without TLS, and the address is {request.RequestUri!.GetLeftPart(UriPartial.Authority)}. "
                + "Use https, or set GrpcChannelOptions.UnsafeUseInsecureChannelCallCredentials.");
        }

        var authentication = new CallAuthentication();
        foreach (var credentials in security.CallCredentials)
        {
            credentials.InternalPopulateConfiguration(authentication, null);
        }

        ofCall?.InternalPopulateConfiguration(authentication, null);
        var service = $"{request.RequestUri!.GetLeftPart(UriPartial.Authority)}/{method.ServiceName}";
        var context = new AuthInterceptorContext(service, method.Name, cancellationToken);
        foreach (var interceptor in authentication._interceptors)
        {
            var metadata = new Metadata();
            await interceptor(context, metadata).ConfigureAwait(false);
            RequestHeaders.Add(request, metadata);
        }
    }

    public override void SetCompositeCredentials(object? state, IReadOnlyList<CallCredentials> credentials)
    {
        foreach (var part in credentials)
        {
            part.InternalPopulateConfiguration(this, state);
        }
    }

    public override void SetAsyncAuthInterceptorCredentials(object? state, AsyncAuthInterceptor interceptor) => _interceptors.Add(interceptor);
}
