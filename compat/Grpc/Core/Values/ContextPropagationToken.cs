namespace Grpc.Core;

/// <summary>Carries a served call's deadline and cancellation into the calls that serving it makes.</summary>
public abstract class ContextPropagationToken
{
    internal ContextPropagationToken()
    {
    }
}
