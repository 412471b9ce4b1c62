using Forge.Hosting.RunFiles;
using Forge.Hosting.Services;

namespace Forge.Hosting.Tests.Services;

public sealed class ServicesOptionsTests
{
    private const string AllFive = """
        services:
          data_pool: http://127.0.0.1:7401
          rollout: unix:rollout.sock
          gateway: https://gateway:7403
          agent_side: http://[::1]:7404
          trainer: http://localhost:7405
        """;

    [Fact]
    public void Five_addresses_make_a_distributed_run()
    {
        var options = Parse(AllFive).Section<ServicesOptions>();

        Assert.True(options.IsDistributed);
        Assert.Equal("/runs/a/rollout.sock", ServiceAddress.Parse(options.AddressOf(ServiceName.Rollout), "/runs/a").SocketPath);
        Assert.True(ServiceAddress.Parse(options.AddressOf(ServiceName.Gateway), "/").IsSecure);
    }

    [Fact]
    public void No_addresses_make_one_process()
        => Assert.False(Parse("").Section<ServicesOptions>().IsDistributed);

    [Fact]
    public void A_run_file_with_some_addresses_is_refused_for_each_that_is_missing()
    {
        var error = Assert.Throws<RunFileException>(() => Parse("services:\n  gateway: http://127.0.0.1:7403\n"));

        Assert.Equal(
            ["services.agent_side", "services.data_pool", "services.rollout", "services.trainer"], error.Violations.Select(violation => violation.Path).Order());
    }

    [Theory]
    [InlineData("127.0.0.1:7403")]
    [InlineData("ftp://127.0.0.1:7403")]
    [InlineData("http://127.0.0.1")]
    [InlineData("http://127.0.0.1:7403/path")]
    [InlineData("http://user@127.0.0.1:7403")]
    [InlineData("http://127.0.0.1:99999")]
    [InlineData("unix:")]
    public void What_is_no_address_is_refused_with_examples(string text)
    {
        Assert.False(ServiceAddress.TryParse(text, "/runs", out _, out var problem));

        Assert.Contains(text, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_socket_path_that_the_system_can_not_hold_is_refused()
    {
        Assert.False(ServiceAddress.TryParse("unix:" + new string('a', 110), "/runs", out _, out var problem));

        Assert.Contains("103", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_written_into_the_file_itself_is_refused()
    {
        var error = Assert.Throws<RunFileException>(() => Parse("security:\n  token: hunter2\n"));

        Assert.Contains("${NAME}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error.Message, StringComparison.Ordinal);
    }

    private static RunFile Parse(string text)
        => RunFile.Parse(text, "run.yaml", [], new RunSchema().Section<ServicesOptions>("services").Section<SecurityOptions>("security"), _ => null);
}
