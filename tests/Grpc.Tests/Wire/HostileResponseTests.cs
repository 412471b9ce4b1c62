using Forge.TestKit;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Forge.Grpc.Tests.Wire;

public sealed class HostileResponseTests
{
    private static readonly byte[] Message = new EchoResponse { Index = 7 }.ToByteArray();

    public static TheoryData<string, byte[], string?, StatusCode> Bodies => new()
    {
        { "a proper answer", RawCall.Frame(Message), "0", StatusCode.OK },
        { "no trailers", RawCall.Frame(Message), null, StatusCode.Internal },
        { "no message", [], "0", StatusCode.Internal },
        { "a status that is no number", RawCall.Frame(Message), "fine", StatusCode.Unknown },
        { "a status that nobody knows", RawCall.Frame(Message), "77", StatusCode.Unknown },
        { "half a header", [0, 0], "0", StatusCode.Internal },
        { "half a message", [0, 0, 0, 0, 9, 1, 2], "0", StatusCode.Internal },
        { "a flag of 2", RawCall.Frame(Message, flag: 2), "0", StatusCode.Internal },
        { "a flag without an encoding", RawCall.Frame(Message, flag: 1), "0", StatusCode.Internal },
        { "a length of 4 GiB", [0, 255, 255, 255, 255, 1], "0", StatusCode.ResourceExhausted },
        { "a length above the limit", [0, 0, 64, 0, 1, 1], "0", StatusCode.ResourceExhausted },
        { "no protobuf", RawCall.Frame([255, 255, 255, 255, 255]), "0", StatusCode.Internal },
        { "two messages", [.. RawCall.Frame(Message), .. RawCall.Frame(Message)], "0", StatusCode.Internal },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_broken_answer_ends_with_a_status(string what, byte[] body, string? status, StatusCode expected)
    {
        await using var server = await RawServer.StartAsync(async http =>
        {
            http.Response.ContentType = "application/grpc";
            await http.Response.Body.WriteAsync(body);
            if (status is not null)
            {
                http.Response.AppendTrailer("grpc-status", status);
            }
        });

        Assert.True(await StatusOf(server) == expected, $"{what}: {await StatusOf(server)}");
    }

    [Theory]
    [InlineData(400, StatusCode.Internal)]
    [InlineData(401, StatusCode.Unauthenticated)]
    [InlineData(403, StatusCode.PermissionDenied)]
    [InlineData(404, StatusCode.Unimplemented)]
    [InlineData(429, StatusCode.Unavailable)]
    [InlineData(502, StatusCode.Unavailable)]
    [InlineData(503, StatusCode.Unavailable)]
    [InlineData(504, StatusCode.Unavailable)]
    [InlineData(418, StatusCode.Unknown)]
    [InlineData(200, StatusCode.Unknown)]
    public async Task A_plain_HTTP_answer_has_a_status(int http, StatusCode expected)
    {
        await using var server = await RawServer.StartAsync(context =>
        {
            context.Response.StatusCode = http;
            return context.Response.WriteAsync("<html>");
        });

        Assert.Equal(expected, await StatusOf(server));
    }

    [Theory]
    [InlineData(0x1, StatusCode.Internal)]
    [InlineData(0x2, StatusCode.Internal)]
    [InlineData(0x7, StatusCode.Unavailable)]
    [InlineData(0x8, StatusCode.Cancelled)]
    [InlineData(0xb, StatusCode.ResourceExhausted)]
    [InlineData(0xc, StatusCode.PermissionDenied)]
    public async Task A_reset_in_the_middle_of_a_stream_has_a_status(int code, StatusCode expected)
    {
        await using var server = await RawServer.StartAsync(async http =>
        {
            http.Response.ContentType = "application/grpc";
            await http.Response.Body.WriteAsync(RawCall.Frame(Message));
            await http.Response.Body.FlushAsync();
            http.Features.Get<IHttpResetFeature>()!.Reset(code);
        });
        using var channel = GrpcChannel.ForAddress(server.Address);
        using var call = new EchoService.EchoServiceClient(channel).Expand(new EchoRequest());
        var failure = await Assert.ThrowsAsync<RpcException>(() => ReadAllAsync(call).DefaultTimeout());

        Assert.Equal(expected, failure.StatusCode);
    }

    private static async Task ReadAllAsync(AsyncServerStreamingCall<EchoResponse> call)
    {
        while (await call.ResponseStream.MoveNext())
        {
            Assert.Equal(7, call.ResponseStream.Current.Index);
        }
    }

    private static async Task<StatusCode> StatusOf(RawServer server)
    {
        using var channel = GrpcChannel.ForAddress(server.Address);
        try
        {
            var response = await new EchoService.EchoServiceClient(channel).UnaryAsync(new EchoRequest()).ResponseAsync.DefaultTimeout();
            Assert.Equal(7, response.Index);
            return StatusCode.OK;
        }
        catch (RpcException failure)
        {
            return failure.StatusCode;
        }
    }
}
