using Forge.Core.Faults;
using Forge.Hosting.Faults;
using Grpc.Core;

namespace Forge.Hosting.Tests.Faults;

public sealed class FailureKindTests
{
    public static TheoryData<ForgeException> Kinds =>
    [
        new InfrastructureFaultException("the pool died"), new EnvironmentFaultException("the task threw"), new AgentFaultException("it spoke after its end"),
        new StaleAttemptException("attempt 1 was replaced by 2"), new OverloadedException("64 of 64 places are taken"),
        new ForgeException("wrong") { IsTransient = true }, new ForgeException("wrong"),
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_failure_keeps_its_type_across_the_wire(ForgeException thrown)
    {
        var caught = StatusTable.FromRpc(StatusTable.ToRpc(thrown), "The pool");

        Assert.Equal((thrown.GetType(), thrown.Message), (caught.GetType(), caught.Message));
        Assert.Equal(thrown.IsTransient, Assert.IsAssignableFrom<ForgeException>(caught).IsTransient);
    }

    [Theory]
    [InlineData(StatusCode.Unavailable)]
    [InlineData(StatusCode.DeadlineExceeded)]
    public void A_dead_peer_is_an_infrastructure_failure(StatusCode code)
        => Assert.IsType<InfrastructureFaultException>(StatusTable.FromRpc(new RpcException(new Status(code, "gone")), "The pool"));

    [Theory]
    [InlineData(StatusCode.Internal)]
    [InlineData(StatusCode.Unauthenticated)]
    [InlineData(StatusCode.Unimplemented)]
    public void What_will_not_pass_is_not_transient(StatusCode code)
        => Assert.False(Assert.IsAssignableFrom<ForgeException>(StatusTable.FromRpc(new RpcException(new Status(code, "no")), "The pool")).IsTransient);
}
