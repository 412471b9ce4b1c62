using Grpc.Core.Utils;

namespace Grpc.Core.Interceptors;

/// <summary>Puts interceptors before an invoker; the first of several sees a call first.</summary>
public static class CallInvokerExtensions
{
    public static CallInvoker Intercept(this CallInvoker invoker, Interceptor interceptor)
        => new InterceptingCallInvoker(
            GrpcPreconditions.CheckNotNull(invoker, nameof(invoker)), GrpcPreconditions.CheckNotNull(interceptor, nameof(interceptor)));

    public static CallInvoker Intercept(this CallInvoker invoker, params Interceptor[] interceptors)
    {
        GrpcPreconditions.CheckNotNull(interceptors, nameof(interceptors));
        return interceptors.Reverse().Aggregate(invoker, Intercept);
    }

    public static CallInvoker Intercept(this CallInvoker invoker, Func<Metadata, Metadata> interceptor)
        => invoker.Intercept(new MetadataInterceptor(GrpcPreconditions.CheckNotNull(interceptor, nameof(interceptor))));
}
