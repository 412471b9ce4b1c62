using System.Collections.Concurrent;
using Forge.Core.Ring;
using Forge.Core.Tracing;
using Forge.Hosting.Tests.Otlp;
using Forge.Hosting.Tests.Services;
using Forge.Hosting.Tracing;
using Forge.TestKit;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Hosting.Tests.Tracing;

/// <summary>What reaches an OpenTelemetry collector, read by the published protocol.</summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class ServiceTracingTests
{
    [Fact]
    public async Task An_episodes_spans_reach_the_collector_in_its_trace()
    {
        var collector = new Collector();
        await using var service = await TestService.StartAsync(
            app => app.MapGrpcService<Collector>().AllowAnonymous(), services: services => services.AddSingleton(collector));
        var episode = new EpisodeId("17-3-1");

        using (ServiceTracing.Start(new TelemetryOptions { OtlpEndpoint = service.Uri.ToString() }, "gateway", "traced run"))
        {
            using var playing = RingTrace.StartEpisode(episode, new TaskReference(new TaskId("t"), "records", TaskSplit.Train, 1, 1));
            using var chat = RingTrace.StartChat(episode, new SamplingParameters());
        }

        await collector.Received.Task.DefaultTimeout();
        var resources = collector.Requests.SelectMany(request => request.ResourceSpans).ToArray();
        var spans = resources.SelectMany(resource => resource.ScopeSpans).SelectMany(scope => scope.Spans).ToArray();
        var ours = spans.Where(span => span.Name is "rl.episode" || span.Name.StartsWith("chat", StringComparison.Ordinal)).ToArray();
        var expected = RingTrace.ContextOf(episode).TraceId.ToHexString();
        Assert.Equal(2, ours.Length);
        Assert.All(ours, span => Assert.Equal(expected, Convert.ToHexStringLower(span.TraceId.Span)));
        Assert.All(ours, span => Assert.True(span.EndTimeUnixNano >= span.StartTimeUnixNano && span.StartTimeUnixNano > 0));
        Assert.Contains(ours.SelectMany(span => span.Attributes), tag => (tag.Key, tag.Value.StringValue) == ("gen_ai.conversation.id", "17-3-1"));
        var attributes = resources.SelectMany(resource => resource.Resource.Attributes).Select(tag => (tag.Key, tag.Value.StringValue)).ToArray();
        Assert.Contains(("service.name", "forge.gateway"), attributes);
        Assert.Contains(("forge.run_id", "traced run"), attributes);
    }

    [Fact]
    public void Without_an_address_nothing_is_exported()
        => Assert.Null(ServiceTracing.Start(new TelemetryOptions(), "gateway", "traced run"));

    private sealed class Collector : TraceService.TraceServiceBase
    {
        public ConcurrentQueue<ExportTraceServiceRequest> Requests { get; } = [];

        public TaskCompletionSource Received { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override Task<ExportTraceServiceResponse> Export(ExportTraceServiceRequest request, ServerCallContext context)
        {
            Requests.Enqueue(request);
            Received.TrySetResult();
            return Task.FromResult(new ExportTraceServiceResponse());
        }
    }
}
