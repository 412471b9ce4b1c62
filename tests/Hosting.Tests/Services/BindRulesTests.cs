using Forge.Core.Faults;
using Forge.Hosting.Services;
using Forge.TestKit;

namespace Forge.Hosting.Tests.Services;

public sealed class BindRulesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("http://0.0.0.0:7402", null)]
    [InlineData("http://[::]:7402", null)]
    [InlineData("http://10.1.2.3:7402", null)]
    [InlineData("http://gateway:7402", null)]
    [InlineData("http://127.0.0.1:7402", "0.0.0.0")]
    public void A_public_address_without_a_key_is_refused_with_the_remedy(string address, string? bind)
    {
        var error = Assert.Throws<ForgeException>(() => ServiceHost.CreateBuilder(TestService.Parts(_folder.Path, address, bind: bind)));

        Assert.Contains("without any key", error.Message, StringComparison.Ordinal);
        Assert.Contains("security.token", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:7402")]
    [InlineData("http://127.9.9.9:7402")]
    [InlineData("http://localhost:7402")]
    [InlineData("http://[::1]:7402")]
    [InlineData("unix:gateway.sock")]
    public void An_address_of_this_machine_needs_no_key(string address)
        => Assert.NotNull(ServiceHost.CreateBuilder(TestService.Parts(_folder.Path, address)));

    [Fact]
    public void A_public_address_with_a_token_is_served()
        => Assert.NotNull(ServiceHost.CreateBuilder(TestService.Parts(_folder.Path, "http://0.0.0.0:0", new SecurityOptions { Token = "secret" })));

    [Theory]
    [InlineData("")]
    [InlineData("\n \n")]
    public void An_empty_token_file_is_refused(string content)
    {
        File.WriteAllText(_folder.File("token"), content);

        var error = Assert.Throws<ForgeException>(
            () => ServiceHost.CreateBuilder(TestService.Parts(_folder.Path, "http://0.0.0.0:0", new SecurityOptions { TokenFile = "token" })));

        Assert.Contains("is empty", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_token_is_refused()
        => Assert.Throws<ForgeException>(
            () => ServiceHost.CreateBuilder(TestService.Parts(_folder.Path, "http://0.0.0.0:0", new SecurityOptions { Token = "" })));

    [Fact]
    public void A_token_file_is_made_once_and_for_its_owner_only()
    {
        var security = new SecurityOptions { TokenFile = "token" };

        ServiceKeys.MakeTokenFile(security, _folder.Path);
        var first = ServiceKeys.Token(security, _folder.Path);
        ServiceKeys.MakeTokenFile(security, _folder.Path);

        Assert.Equal(first, ServiceKeys.Token(security, _folder.Path));
        Assert.True(first!.Length > 40);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(_folder.File("token")) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public void A_secure_address_without_a_certificate_is_refused()
    {
        var error = Assert.Throws<ForgeException>(() => ServiceHost.CreateBuilder(TestService.Parts(_folder.Path, "https://127.0.0.1:0")));

        Assert.Contains("security.tls.certificate", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
