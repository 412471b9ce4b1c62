namespace Grpc.Core;

/// <summary>Adds to a call's headers what authenticates it, such as a token.</summary>
public delegate Task AsyncAuthInterceptor(AuthInterceptorContext context, Metadata metadata);
