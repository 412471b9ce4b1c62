using Forge.Core.Ports;
using Forge.Core.Text.MiniMax;
using Forge.Gateway;
using Forge.TestKit;

namespace Forge.Contracts.Tests.Gateways;

public sealed class InProcessChatGatewayTests : ChatGatewayConformance
{
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected override Task<IChatGateway> OpenAsync()
        => Task.FromResult<IChatGateway>(new ChatGateway(Generator, Pool, TinyTokenizer.Instance, new MiniMaxM2ChatFormat(), Options));
}
