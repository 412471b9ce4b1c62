using System.Collections.Immutable;
using Forge.Core.Packing;

namespace Forge.Core.Tests.Packing;

/// <summary>Bounds what packing allocates, in bytes per fed token of a million.</summary>
public sealed class PackingAllocationTests
{
    private const int Tokens = 1 << 20;

    [Fact]
    public void A_tree_that_fits_allocates_for_its_rows_and_responses()
    {
        var samples = Groups(prompt: 4096, responses: 16, length: 1024);

        Assert.InRange(BytesPerToken(samples, int.MaxValue), 0, 30);
    }

    [Fact]
    public void Dealing_a_tree_into_batches_merges_it_once_more()
    {
        var samples = Groups(prompt: 4096, responses: 16, length: 1024);

        Assert.InRange(BytesPerToken(samples, 20_000), 0, 50);
    }

    [Fact]
    public void Samples_that_share_nothing_allocate_for_every_token()
    {
        var samples = Groups(prompt: 1, responses: 1, length: 1024);

        Assert.InRange(BytesPerToken(samples, int.MaxValue), 0, 100);
    }

    private static double BytesPerToken(TrainingSample[] samples, int budget)
    {
        var packer = new TreePacker();
        packer.Pack(samples[..16], budget);
        var before = GC.GetAllocatedBytesForCurrentThread();

        packer.Pack(samples, budget);

        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)samples.Sum(sample => (long)sample.ForwardTokens);
    }

    private static TrainingSample[] Groups(int prompt, int responses, int length)
    {
        var random = new Random(1);
        var groups = Tokens / (responses * (prompt + length));
        return
        [
            .. Enumerable.Range(0, groups).Select(_ => Draw(random, prompt)).SelectMany((ids, group) => Enumerable.Range(0, responses)
                .Select(number => new TrainingSample((group * responses) + number, ids, Draw(random, length)))),
        ];
    }

    private static ImmutableArray<int> Draw(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(200_000))];
}
