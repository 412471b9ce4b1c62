using Forge.Contracts.Clients;
using Forge.Contracts.Tests.Generators;
using Forge.Contracts.Tests.Ports;
using Forge.Contracts.V1;
using Forge.Contracts.Weights;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Hosting.Faults;
using Forge.Rollout;
using Forge.TestKit;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Contracts.Tests.PolicySinks;

public sealed class GrpcPolicySinkTests : PolicySinkConformance
{
    private readonly TemporaryFolder _folder = new();
    private ServedOnSocket? _served;

    [Theory]
    [InlineData("cut")]
    [InlineData("bit flipped")]
    [InlineData("chunk twice")]
    [InlineData("wrong sum")]
    [InlineData("other base")]
    [InlineData("nothing")]
    public async Task A_torn_or_mismatching_transfer_is_never_used(string damage)
    {
        await PublishAsync(SmallEngine.Weights(0));

        var fault = await Assert.ThrowsAnyAsync<Exception>(() => SendAsync(Damaged(damage)).DefaultTimeout());

        Assert.True(damage == "nothing" ? fault is InvalidDataException : fault is TornTransferException, fault.ToString());
        Assert.Equal(0, Engine.Status.Version.Value);
        await AssertDecodesWithAsync(0);
        await PublishAsync(SmallEngine.Weights(2));
        await AssertDecodesWithAsync(2);
    }

    [Fact]
    public async Task A_trainer_that_goes_in_the_middle_of_a_transfer_leaves_the_policy_before()
    {
        await PublishAsync(SmallEngine.Weights(0));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var call = Client().Publish(deadline: Deadline(), cancellationToken: stop.Token);
        await call.RequestStream.WriteAsync(Messages()[0], stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => call.ResponseAsync.DefaultTimeout());

        await PublishAsync(SmallEngine.Weights(1));
        await AssertDecodesWithAsync(1);
    }

    protected override async Task<IPolicySink> OpenAsync(RolloutEngine engine)
    {
        _served = await ServedOnSocket.StartAsync(
            _folder,
            builder => builder.AddRollout(SmallEngine.Options, SmallEngine.Config).Services.AddSingleton(engine),
            app => app.MapRollout());
        return new GrpcPolicySink(_served.Invoker, ServedOnSocket.Options, TimeProvider.System);
    }

    protected override async ValueTask CloseAsync()
    {
        ((GrpcPolicySink)Sink).Dispose();
        await (_served?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Dispose();
    }

    private static DateTime Deadline() => (TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(1)).UtcDateTime;

    private static List<PublishRequest> Messages() => [.. WeightsTransfer.Full(WeightsImage.Of(SmallEngine.Weights(1))).Messages.Select(message => message.Clone())];

    private static List<PublishRequest> Damaged(string damage)
    {
        var messages = Messages();
        switch (damage)
        {
            case "cut":
                messages.RemoveAt(messages.Count - 1);
                break;
            case "bit flipped":
                var data = messages[^1].Chunk.Data.ToByteArray();
                data[data.Length / 2] ^= 1;
                messages[^1].Chunk.Data = ByteString.CopyFrom(data);
                break;
            case "chunk twice":
                messages.Add(messages[^1]);
                break;
            case "wrong sum":
                messages[0].Manifest.FileSha256 = ByteString.CopyFrom(new byte[32]);
                break;
            case "other base":
                messages[0].Manifest.Encoding = WeightsEncoding.Delta;
                messages[0].Manifest.BaseVersion = 41;
                messages[0].Manifest.BaseSha256 = messages[0].Manifest.FileSha256;
                break;
            default:
                messages.Clear();
                break;
        }

        return messages;
    }

    private WeightsService.WeightsServiceClient Client() => new(_served!.Invoker);

    private async Task SendAsync(List<PublishRequest> messages)
    {
        using var call = Client().Publish(deadline: Deadline(), cancellationToken: TestContext.Current.CancellationToken);
        try
        {
            foreach (var message in messages)
            {
                await call.RequestStream.WriteAsync(message, TestContext.Current.CancellationToken);
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception error) when (error is RpcException or InvalidOperationException)
        {
            // Refused before all of it was sent: the answer says why.
        }

        try
        {
            await call.ResponseAsync;
        }
        catch (RpcException error)
        {
            throw StatusTable.FromRpc(error, "The rollout engine");
        }
    }
}
