using Forge.Echo;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Forge.Cli.Bench.Rpc;

/// <summary>Measures calls and streams against a server of echo.proto. eng/grpc-js/bench.js makes the same measurements.</summary>
internal sealed class GrpcBench(TimeProvider time)
{
    /// <summary>Bytes of a unary call's payload, there and back.</summary>
    internal const int Payload = 1024;

    /// <summary>Bytes of a streamed message's payload.</summary>
    internal const int Chunk = 64 * 1024;

    /// <summary>Messages of a stream: 268 MB.</summary>
    internal const int Chunks = 4096;

    private const int Streams = 3;
    private const int InFlight = 64;

    /// <summary>Of each measurement of calls; half of it warms up.</summary>
    internal TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(3);

    internal async Task<GrpcBenchRow> RunAsync(string address, CancellationToken cancellationToken)
    {
        using var channel = GrpcChannel.ForAddress($"http://{address}");
        var client = new EchoService.EchoServiceClient(channel);
        await CallsAsync(client, InFlight, Duration / 2, cancellationToken);
        var one = await CallsAsync(client, 1, Duration, cancellationToken);
        var many = await CallsAsync(client, InFlight, Duration, cancellationToken);
        await StreamAsync(client, cancellationToken);
        var rates = new List<double>();
        for (var stream = 0; stream < Streams; stream++)
        {
            rates.Add(await StreamAsync(client, cancellationToken));
        }

        return new GrpcBenchRow(
            "forge", Math.Round(one.PerSecond), Math.Round(one.P50), Math.Round(one.P99),
            Math.Round(many.PerSecond), Math.Round(many.P50), Math.Round(many.P99), Math.Round(rates.Order().ElementAt(Streams / 2)));
    }

    private async Task<(double PerSecond, double P50, double P99)> CallsAsync(
        EchoService.EchoServiceClient client, int inFlight, TimeSpan duration, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var times = await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => CallAsync(client, start, duration, cancellationToken)));
        var seconds = time.GetElapsedTime(start).TotalSeconds;
        var sorted = times.SelectMany(ofOne => ofOne).Order().ToList();
        return (sorted.Count / seconds, sorted[sorted.Count / 2], sorted[sorted.Count * 99 / 100]);
    }

    private async Task<List<double>> CallAsync(EchoService.EchoServiceClient client, long start, TimeSpan duration, CancellationToken cancellationToken)
    {
        var request = new EchoRequest { Payload = UnsafeByteOperations.UnsafeWrap(new byte[Payload]) };
        var times = new List<double>();
        for (var before = time.GetTimestamp(); time.GetElapsedTime(start) < duration; before = time.GetTimestamp())
        {
            await client.UnaryAsync(request, cancellationToken: cancellationToken).ConfigureAwait(false);
            times.Add(time.GetElapsedTime(before).TotalMicroseconds);
        }

        return times;
    }

    private async Task<double> StreamAsync(EchoService.EchoServiceClient client, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        using var call = client.Expand(new EchoRequest { Count = Chunks, ResponseBytes = Chunk }, cancellationToken: cancellationToken);
        var bytes = 0L;
        await foreach (var response in call.ResponseStream.ReadAllAsync(cancellationToken))
        {
            bytes += response.Payload.Length;
        }

        return bytes / 1e6 / time.GetElapsedTime(start).TotalSeconds;
    }
}
