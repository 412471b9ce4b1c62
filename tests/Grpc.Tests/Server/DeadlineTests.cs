using Forge.Grpc.Tests.Echo;
using Forge.Grpc.Tests.Wire;
using Forge.TestKit;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Forge.Grpc.Tests.Server;

public sealed class DeadlineTests
{
    [Fact]
    public async Task A_server_answers_at_the_deadline_though_its_handler_goes_on()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await EchoServer.StartAsync(new EchoServerOptions { Grpc = grpc => grpc.Interceptors.Add<Stubborn>(release) });
        try
        {
            var answer = await RawCall.SendAsync(server.Address, RawCall.Frame([]), headers: ("grpc-timeout", "100m")).DefaultTimeout();

            Assert.Equal(("4", "Deadline Exceeded"), (answer.Status, answer.Message));
        }
        finally
        {
            release.SetResult();
        }
    }

    internal sealed class Stubborn(TaskCompletionSource release) : Interceptor
    {
        public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        {
            await release.Task;
            return await continuation(request, context);
        }
    }
}
