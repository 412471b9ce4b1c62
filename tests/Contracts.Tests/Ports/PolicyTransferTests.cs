using Forge.Contracts.Clients;
using Forge.Contracts.Tests.Weights;
using Forge.Contracts.Weights;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Rollout.Serving;
using Forge.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Contracts.Tests.Ports;

/// <summary>Policies on their way to an engine in another host.</summary>
public sealed class PolicyTransferTests : IAsyncLifetime
{
    private readonly CancellationToken _test = TestContext.Current.CancellationToken;
    private readonly TemporaryFolder _folder = new();
    private readonly PolicyWeights _first = SampleWeights.Policy(version: 0, seed: 1);
    private ServedOnSocket _served = null!;
    private HeardSink _engine = new();

    public async ValueTask InitializeAsync() => _served = await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _served.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Policies_arrive_bit_for_bit_the_second_as_a_difference()
    {
        using var channel = ServedOnSocket.Open(_folder);
        using var sink = new GrpcPolicySink(channel.Invoker, ServedOnSocket.Options, TimeProvider.System);
        var second = SampleWeights.Stepped(_first, learningRate: 5e-4f, seed: 2);

        await sink.PublishAsync(_first, _test).DefaultTimeout();
        var (sentFirst, whole) = sink.LastTransfer;
        await sink.PublishAsync(second, _test).DefaultTimeout();

        Assert.Equal(whole, sentFirst);
        Assert.True(sink.LastTransfer.Sent < 0.8 * whole, $"{sink.LastTransfer.Sent} of {whole} bytes were sent.");
        Assert.Equal([Hash(_first), Hash(second)], _engine.Hashes);
    }

    [Fact]
    public async Task A_policy_that_the_engine_has_is_not_loaded_again()
    {
        using var channel = ServedOnSocket.Open(_folder);
        using var before = new GrpcPolicySink(channel.Invoker, ServedOnSocket.Options, TimeProvider.System);
        using var after = new GrpcPolicySink(channel.Invoker, ServedOnSocket.Options, TimeProvider.System);

        await before.PublishAsync(_first, _test).DefaultTimeout();
        await after.PublishAsync(_first, _test).DefaultTimeout();

        Assert.Single(_engine.Hashes);
    }

    [Fact]
    public async Task A_difference_to_what_a_new_engine_never_had_is_followed_by_the_whole()
    {
        using var channel = ServedOnSocket.Open(_folder);
        using var sink = new GrpcPolicySink(channel.Invoker, ServedOnSocket.Options, TimeProvider.System);
        var second = SampleWeights.Stepped(_first, learningRate: 5e-4f, seed: 2);
        await sink.PublishAsync(_first, _test).DefaultTimeout();

        await RestartAsync();
        await sink.PublishAsync(second, _test).DefaultTimeout();

        Assert.Equal([Hash(second)], _engine.Hashes);
        Assert.Equal(sink.LastTransfer.Whole, sink.LastTransfer.Sent);
    }

    [Fact]
    public async Task An_engine_that_starts_again_gets_the_newest_policy_by_itself()
    {
        using var channel = ServedOnSocket.Open(_folder);
        using var sink = new GrpcPolicySink(channel.Invoker, ServedOnSocket.Options, TimeProvider.System);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_test);
        await sink.PublishAsync(_first, _test).DefaultTimeout();
        var keeping = sink.KeepAsync(stop.Token);

        await RestartAsync();
        await _engine.Heard.DefaultTimeout();

        Assert.Equal([Hash(_first)], _engine.Hashes);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => keeping).DefaultTimeout();
    }

    [Fact]
    public async Task A_trainer_that_starts_again_may_go_back_and_the_one_before_may_not_come_back()
    {
        using var channel = ServedOnSocket.Open(_folder);
        using var before = new GrpcPolicySink(channel.Invoker, ServedOnSocket.Options, TimeProvider.System);
        using var after = new GrpcPolicySink(channel.Invoker, ServedOnSocket.Options, TimeProvider.System);
        var second = SampleWeights.Stepped(_first, learningRate: 5e-4f, seed: 2);
        var third = SampleWeights.Stepped(second, learningRate: 5e-4f, seed: 3);
        await before.PublishAsync(second, _test).DefaultTimeout();

        await after.PublishAsync(_first, _test).DefaultTimeout();
        var fault = await Assert.ThrowsAsync<ForgeException>(() => before.PublishAsync(third, _test)).DefaultTimeout();

        Assert.Contains("Another trainer took over", fault.Message, StringComparison.Ordinal);
        Assert.Equal([Hash(second), Hash(_first)], _engine.Hashes);
        Assert.Equal([false, true], _engine.GoesBack);
    }

    private async Task RestartAsync()
    {
        await _served.DisposeAsync();
        _engine = new HeardSink();
        _served = await StartAsync();
    }

    private Task<ServedOnSocket> StartAsync() => ServedOnSocket.StartAsync(
        _folder,
        builder => builder.Services.AddSingleton<IPolicySink>(_engine).AddSingleton<WeightsDesk>(),
        app => app.MapGrpcService<WeightsGrpcService>().AllowAnonymous()).DefaultTimeout();

    private static string Hash(PolicyWeights weights) => Convert.ToHexString(WeightsImage.Of(weights).Sha256.AsSpan());

    private sealed class HeardSink : IPolicySink
    {
        private readonly TaskCompletionSource _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<string> Hashes { get; } = [];

        public List<bool> GoesBack { get; } = [];

        public Task Heard => _heard.Task;

        public Task PublishAsync(PolicyWeights weights, CancellationToken cancellationToken)
        {
            Hashes.Add(Hash(weights));
            GoesBack.Add(weights.GoesBack);
            _heard.TrySetResult();
            return Task.CompletedTask;
        }
    }
}
