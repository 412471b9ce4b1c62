using Forge.Contracts.Mapping;
using Forge.TestKit;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;

namespace Forge.Contracts.Tests.Mapping;

/// <summary>What goes through bytes comes back as it was.</summary>
public sealed class MappingTests
{
    private static Arbitrary<WireSamples> Samples { get; } = Gen.Choose(0, int.MaxValue).Select(seed => new WireSamples(seed)).ToArbitrary();

    [Fact]
    public void Groups_with_all_that_is_in_them()
        => Prop.ForAll(Samples, samples =>
        {
            var group = samples.Group();

            Same(group, V1.Group.Parser.ParseFrom(group.ToWire().ToByteArray()).ToCore());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Conversations_and_replies()
        => Prop.ForAll(Samples, samples =>
        {
            var (request, reply) = (samples.ChatRequest(), samples.ChatReply());

            Same(request, V1.ChatRequest.Parser.ParseFrom(request.ToWire().ToByteArray()).ToCore());
            Same(reply, V1.ChatReply.Parser.ParseFrom(reply.ToWire().ToByteArray()).ToCore());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Requests_for_tokens()
        => Prop.ForAll(Samples, samples =>
        {
            var request = samples.GenerationRequest();

            Same(request, V1.GenerateRequest.Parser.ParseFrom(request.ToWire().ToByteArray()).ToCore());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Tickets_and_what_is_asked_for_them()
        => Prop.ForAll(Samples, samples =>
        {
            var (ticket, request) = (samples.Ticket(), samples.DispatchRequest());

            Same(ticket, V1.GroupTicket.Parser.ParseFrom(ticket.ToWire().ToByteArray()).ToCore());
            Same(request, V1.DispatchRequest.Parser.ParseFrom(request.ToWire(TimeSpan.FromSeconds(1)).ToByteArray()).ToCore());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Evaluation_reports()
        => Prop.ForAll(Samples, samples =>
        {
            var report = samples.Report();

            Same(report, report.ToWire().Select(part => V1.EvaluateResponse.Parser.ParseFrom(part.ToByteArray())).ToList().ToCore());
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0x7fc00001)]
    [InlineData(unchecked((int)0x80000000))]
    [InlineData(0x00000001)]
    public void Log_probabilities_keep_every_bit(int bits)
    {
        var value = BitConverter.Int32BitsToSingle(bits);
        var completion = new WireSamples(1).Completion(tokens: 2) with { PolicyLogProbs = [value, -1], BehaviorLogProbs = [value, -1] };

        var back = V1.Completion.Parser.ParseFrom(completion.ToWire().ToByteArray()).ToCore();

        Assert.Equal(bits, BitConverter.SingleToInt32Bits(back.PolicyLogProbs[0]));
        Assert.Equal(bits, BitConverter.SingleToInt32Bits(back.BehaviorLogProbs[0]));
    }

    [Fact]
    public void Log_probabilities_that_nothing_truncated_travel_once()
    {
        var completion = new WireSamples(2).Completion(tokens: 100);
        var same = completion with { BehaviorLogProbs = completion.PolicyLogProbs };

        Assert.Equal(400 + 3, completion.ToWire().CalculateSize() - same.ToWire().CalculateSize());
    }

    public static TheoryData<string, Action<V1.Completion>> Broken => new()
    {
        { "policy_log_probs", wire => wire.PolicyLogProbs.RemoveAt(0) },
        { "version runs", wire => wire.TokenVersions[0].Tokens++ },
        { "version runs", wire => wire.TokenVersions.Add(new V1.VersionRun { Tokens = -1 }) },
        { "version runs", wire => wire.TokenVersions.Add(new V1.VersionRun { Tokens = int.MaxValue }) },
        { "timings", wire => wire.Timings = null },
        { "sampling", wire => wire.Sampling = null },
        { "finish reason", wire => wire.FinishReason = (V1.FinishReason)77 },
    };

    [Theory]
    [MemberData(nameof(Broken), DisableDiscoveryEnumeration = true)]
    public void A_completion_that_is_not_whole_is_refused(string named, Action<V1.Completion> damage)
    {
        var wire = new WireSamples(3).Completion(tokens: 5).ToWire();
        damage(wire);

        var error = Assert.Throws<InvalidDataException>(() => wire.ToCore());

        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    private static void Same<T>(T expected, T actual) => Assert.Equal(RecordText.Of(expected), RecordText.Of(actual));
}
