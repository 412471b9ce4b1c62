using Forge.AgentSide.Environments;

namespace Forge.AgentSide.Tests.Environments;

public sealed class SeededRandomTests
{
    [Fact]
    public void NextUInt64_gives_the_published_sequence_of_SplitMix64()
    {
        var random = new SeededRandom(1234567);

        ulong[] drawn = [random.NextUInt64(), random.NextUInt64(), random.NextUInt64(), random.NextUInt64(), random.NextUInt64()];

        Assert.Equal(
            [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821], drawn);
    }

    [Fact]
    public void Next_reaches_every_value_about_equally_often()
    {
        var random = new SeededRandom(3);
        var counts = new int[7];

        for (var draw = 0; draw < 70_000; draw++)
        {
            counts[random.Next(7)]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 9_600, 10_400));
    }

    [Fact]
    public void Combine_depends_on_every_part_and_on_their_order()
    {
        ulong[] hashes =
        [
            SeededRandom.Combine(1, 2), SeededRandom.Combine(2, 1), SeededRandom.Combine(1, 2, 0), SeededRandom.Combine(1, 3), SeededRandom.Combine(1),
        ];

        Assert.Equal(hashes.Length, hashes.Distinct().Count());
    }

    [Fact]
    public void Shuffle_keeps_all_items()
    {
        var random = new SeededRandom(9);
        var items = Enumerable.Range(0, 50).ToArray();

        random.Shuffle<int>(items);

        Assert.NotEqual(Enumerable.Range(0, 50), items);
        Assert.Equal(Enumerable.Range(0, 50), items.Order());
    }
}
