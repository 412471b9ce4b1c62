using System.Net;
using Forge.Grpc.Tests.Echo;
using Forge.TestKit;
using Google.Protobuf;

namespace Forge.Grpc.Tests.Wire;

public sealed class HostileRequestTests : IAsyncLifetime
{
    private static readonly byte[] Message = new EchoRequest { Payload = ByteString.CopyFromUtf8("hello") }.ToByteArray();

    private EchoServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await EchoServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        // Whatever came before, the next caller is served.
        await _server.Client().UnaryAsync(new EchoRequest()).ResponseAsync.DefaultTimeout();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_proper_frame_is_answered()
        => Assert.Equal((HttpStatusCode.OK, "0", null), await RawCall.SendAsync(_server.Address, RawCall.Frame(Message)).DefaultTimeout());

    public static TheoryData<string, byte[], string> Bodies => new()
    {
        { "no message", [], "13" },
        { "half a header", [0, 0, 0], "13" },
        { "half a message", [0, 0, 0, 0, 9, 1, 2], "13" },
        { "a flag of 2", RawCall.Frame(Message, flag: 2), "13" },
        { "a flag without an encoding", RawCall.Frame(Message, flag: 1), "13" },
        { "a length of 4 GiB", [0, 255, 255, 255, 255, 1], "8" },
        { "a length above the limit", [0, 0, 64, 0, 1, 1], "8" },
        { "no protobuf", RawCall.Frame([255, 255, 255, 255, 255]), "13" },
        { "two messages", [.. RawCall.Frame(Message), .. RawCall.Frame(Message)], "13" },
        { "a message and a half", [.. RawCall.Frame(Message), 0, 0], "13" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_broken_body_ends_with_a_status(string what, byte[] body, string status)
    {
        var answer = await RawCall.SendAsync(_server.Address, body).DefaultTimeout();

        Assert.True(answer.Status == status, $"{what}: grpc-status {answer.Status}, {answer.Message}");
        Assert.NotEmpty(answer.Message!);
    }

    [Theory]
    [InlineData("grpc-timeout", "soon", "13")]
    [InlineData("grpc-timeout", "123456789S", "13")]
    [InlineData("grpc-timeout", "-1S", "13")]
    [InlineData("grpc-timeout", "5x", "13")]
    [InlineData("grpc-timeout", "S", "13")]
    [InlineData("grpc-timeout", "0n", "4")]
    [InlineData("grpc-timeout", "99999999H", "0")]
    [InlineData("grpc-encoding", "snappy", "12")]
    [InlineData("grpc-encoding", "gzip", "0")]
    [InlineData("echo-broken-bin", "!!!", "13")]
    public async Task A_header_that_makes_no_sense_ends_with_a_status(string name, string value, string status)
    {
        var answer = await RawCall.SendAsync(_server.Address, RawCall.Frame(Message), headers: (name, value)).DefaultTimeout();

        Assert.True(answer.Status == status, $"{name}: {value}: grpc-status {answer.Status}, {answer.Message}");
    }

    [Fact]
    public async Task Broken_gzip_ends_with_a_status()
        => Assert.Equal("13", (await RawCall.SendAsync(
            _server.Address, RawCall.Frame([1, 2, 3, 4], flag: 1), headers: ("grpc-encoding", "gzip")).DefaultTimeout()).Status);

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/grpcs")]
    public async Task Another_content_type_is_no_grpc(string contentType)
    {
        var answer = await RawCall.SendAsync(_server.Address, RawCall.Frame(Message), contentType: contentType).DefaultTimeout();

        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "13"), (answer.Http, answer.Status));
    }

    [Theory]
    [InlineData("application/grpc+proto")]
    [InlineData("application/grpc;charset=utf-8")]
    public async Task A_content_type_may_say_more(string contentType)
        => Assert.Equal("0", (await RawCall.SendAsync(_server.Address, RawCall.Frame(Message), contentType: contentType).DefaultTimeout()).Status);

    [Theory]
    [InlineData("/forge.grpc.tests.v1.EchoService/Nothing", "Method is unimplemented.")]
    [InlineData("/nowhere.Service/Unary", "Service is unimplemented.")]
    public async Task An_unknown_path_is_unimplemented(string path, string detail)
        => Assert.Equal((HttpStatusCode.OK, "12", detail), await RawCall.SendAsync(_server.Address, RawCall.Frame(Message), path).DefaultTimeout());
}
