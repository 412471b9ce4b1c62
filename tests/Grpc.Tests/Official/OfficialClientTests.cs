using Forge.Grpc.Tests.Echo;
using Grpc.HealthCheck;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Forge.Grpc.Tests.Official;

[Trait("Tier", "integration")]
public sealed class OfficialClientTests
{
    private static readonly string[] Checks =
    [
        "a_thousand_calls", "cancellation", "client_streaming", "deadline", "duplex", "error_details", "gzip", "health", "large_streams",
        "messages_of_64_mib", "metadata", "reflection", "server_streaming", "unary", "unknown_method",
    ];

    [Theory]
    [InlineData("javascript")]
    [InlineData("python")]
    public async Task Every_check_of_the_official_client_passes(string language)
    {
        var health = new HealthServiceImpl();
        health.SetStatus("", ServingStatus.Serving);
        await using var server = await EchoServer.StartAsync(new EchoServerOptions
        {
            Grpc = grpc =>
            {
                grpc.MaxReceiveMessageSize = null;
                grpc.ResponseCompressionAlgorithm = language == "python" ? "gzip" : null;
            },
            Services = services => services.AddSingleton(health).AddGrpcReflection(),
            Application = application =>
            {
                application.MapGrpcService<HealthServiceImpl>();
                application.MapGrpcReflectionService();
            },
        });
        var results = await OfficialPeer.CheckAsync(language, server.Address);

        Assert.Equal(Checks, results.Keys.Order());
        Assert.All(results, result => Assert.Equal("ok", result.Value));
    }
}
