using System.Net.Sockets;
using Forge.Hosting.Calls;
using Forge.TestKit;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Forge.Hosting.Tests.Calls;

public sealed class RetryInterceptorTests
{
    private static readonly Status Gone = new(StatusCode.Unavailable, "gone");
    private static readonly Status Refused = new(StatusCode.Unavailable, "refused", new SocketException((int)SocketError.ConnectionRefused));

    private readonly RetryInterceptor _retries = new(Repeatable(), TimeProvider.System, new Random(1));

    [Fact]
    public async Task A_repeatable_call_is_made_again()
    {
        var invoker = new ScriptedInvoker(call => call < 2 ? Gone : null);

        Assert.Equal("answer", await CallAsync(invoker, "Repeat").DefaultTimeout());
        Assert.Equal(3, invoker.Calls);
    }

    [Fact]
    public async Task A_call_that_may_have_been_done_is_not_made_again()
    {
        var invoker = new ScriptedInvoker(_ => Gone);

        var error = await Assert.ThrowsAsync<RpcException>(() => CallAsync(invoker, "Once").DefaultTimeout());

        Assert.Equal((StatusCode.Unavailable, 1), (error.StatusCode, invoker.Calls));
    }

    [Fact]
    public async Task A_call_that_never_left_is_made_again_whatever_it_does()
    {
        var invoker = new ScriptedInvoker(call => call < 3 ? Refused : null);

        Assert.Equal("answer", await CallAsync(invoker, "Once").DefaultTimeout());
        Assert.Equal(4, invoker.Calls);
    }

    [Theory]
    [InlineData(StatusCode.FailedPrecondition)]
    [InlineData(StatusCode.InvalidArgument)]
    [InlineData(StatusCode.DeadlineExceeded)]
    [InlineData(StatusCode.Unauthenticated)]
    public async Task A_final_answer_is_the_callers(StatusCode code)
    {
        var invoker = new ScriptedInvoker(_ => new Status(code, "no"));

        var error = await Assert.ThrowsAsync<RpcException>(() => CallAsync(invoker, "Repeat").DefaultTimeout());

        Assert.Equal((code, 1), (error.StatusCode, invoker.Calls));
    }

    [Fact]
    public async Task A_deadline_ends_the_attempts()
    {
        var invoker = new ScriptedInvoker(_ => Refused);

        var error = await Assert.ThrowsAsync<RpcException>(() => CallAsync(invoker, "Once", TimeSpan.FromMilliseconds(400)).DefaultTimeout());

        Assert.Equal((StatusCode.Unavailable, "refused"), (error.StatusCode, error.Status.Detail));
        Assert.InRange(invoker.Calls, 2, 20);
    }

    [Fact]
    public async Task A_caller_that_gives_up_is_let_go()
    {
        using var stop = new CancellationTokenSource();
        var invoker = new ScriptedInvoker(_ =>
        {
            stop.Cancel();
            return Refused;
        });

        var error = await Assert.ThrowsAsync<RpcException>(() => CallAsync(invoker, "Once", TimeSpan.FromMinutes(1), stop.Token).DefaultTimeout());

        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
    }

    [Fact]
    public void Repetitions_stay_within_a_tenth_of_the_calls()
    {
        var budget = new RetryBudget();
        var repeated = 0;

        for (var call = 0; call < 1000; call++)
        {
            budget.Earn();
            while (budget.TrySpend())
            {
                repeated++;
            }
        }

        Assert.InRange(repeated, 1000 / 10, (1000 / 10) + RetryBudget.Burst);
    }

    [Fact]
    public async Task A_service_that_fails_again_and_again_is_left_alone_for_a_moment()
    {
        var invoker = new ScriptedInvoker(_ => Gone);
        for (var call = 0; call < 20; call++)
        {
            await Assert.ThrowsAsync<RpcException>(() => CallAsync(invoker, "Once").DefaultTimeout());
        }

        var asked = invoker.Calls;
        var error = await Assert.ThrowsAsync<RpcException>(() => CallAsync(invoker, "Once", TimeSpan.FromMilliseconds(100)).DefaultTimeout());

        Assert.Equal(asked, invoker.Calls);
        Assert.True(error.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded);
    }

    [Fact]
    public void A_call_without_a_deadline_is_refused()
    {
        var invoker = new ScriptedInvoker(_ => null).Intercept(new DeadlineInterceptor());

        var error = Assert.Throws<InvalidOperationException>(() => invoker.AsyncUnaryCall(Method("Once"), null, new CallOptions(), "ask"));

        Assert.Contains("/test.Service/Once", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_goes_with_every_call_beside_its_own_headers()
    {
        var inner = new ScriptedInvoker(_ => null);
        var options = new CallOptions(new Metadata { { "own", "1" } });

        await inner.Intercept(new BearerInterceptor("top")).AsyncUnaryCall(Method("Once"), null, options, "ask").ResponseAsync.DefaultTimeout();

        Assert.Equal(["authorization=Bearer top", "own=1"], inner.LastOptions.Headers!.Select(entry => $"{entry.Key}={entry.Value}"));
    }

    private Task<string> CallAsync(CallInvoker invoker, string method, TimeSpan? timeout = null)
        => CallAsync(invoker, method, timeout ?? TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    private Task<string> CallAsync(CallInvoker invoker, string method, TimeSpan timeout, CancellationToken cancellationToken)
        => invoker.Intercept(_retries).AsyncUnaryCall(
            Method(method), null, new CallOptions(deadline: (TimeProvider.System.GetUtcNow() + timeout).UtcDateTime, cancellationToken: cancellationToken),
            "ask").ResponseAsync;

    private static Method<string, string> Method(string name)
        => new(MethodType.Unary, "test.Service", name, Marshallers.StringMarshaller, Marshallers.StringMarshaller);

    private static RepeatableMethods Repeatable()
    {
        var file = new FileDescriptorProto
        {
            Name = "test.proto",
            Package = "test",
            MessageType = { new DescriptorProto { Name = "M" } },
            Service =
            {
                new ServiceDescriptorProto
                {
                    Name = "Service",
                    Method =
                    {
                        new MethodDescriptorProto
                        {
                            Name = "Repeat", InputType = ".test.M", OutputType = ".test.M",
                            Options = new MethodOptions { IdempotencyLevel = MethodOptions.Types.IdempotencyLevel.Idempotent },
                        },
                        new MethodDescriptorProto { Name = "Once", InputType = ".test.M", OutputType = ".test.M" },
                    },
                },
            },
        };
        return new RepeatableMethods(FileDescriptor.BuildFromByteStrings([Google.Protobuf.MessageExtensions.ToByteString(file)])[0].Services);
    }
}
