using System.Collections.Immutable;
using Forge.Core.Packing;
using FsCheck;
using FsCheck.Fluent;

namespace Forge.Core.Tests.Packing;

/// <summary>Random samples as agents make them: groups that share a prompt, turns that append, histories that are rewritten, duplicates.</summary>
internal static class SampleForests
{
    /// <summary>With experts recorded in half of the cases.</summary>
    public static Arbitrary<TrainingSample[]> Any { get; } = Gen.Choose(0, int.MaxValue).Select(Make).ToArbitrary();

    public static TrainingSample[] Make(int seed)
    {
        var random = new Random(seed);
        var samples = new List<TrainingSample>();
        var width = random.Next(2) * 2;
        var vocabulary = 2 + random.Next(4);
        for (int group = 0, chain = 0; group < 1 + random.Next(3); group++)
        {
            int[] prompt = Tokens(random, 1 + random.Next(5), vocabulary);
            for (var episode = 0; episode < 1 + random.Next(5); episode++, chain++)
            {
                AddEpisode(samples, random, chain, prompt, vocabulary, width);
            }
        }

        return [.. samples];
    }

    /// <summary>Fed tokens of a sample.</summary>
    public static int[] Fed(TrainingSample sample) => [.. sample.PromptIds, .. sample.ResponseIds[..^1]];

    /// <summary>Recorded experts of a sample as the packers read them: −1 where none are.</summary>
    public static short[] Routes(TrainingSample sample, int width)
        => sample.RoutedExperts.IsEmpty ? [.. Enumerable.Repeat((short)-1, width * sample.ForwardTokens)] : [.. sample.RoutedExperts];

    private static void AddEpisode(List<TrainingSample> samples, Random random, int chain, int[] prompt, int vocabulary, int width)
    {
        List<int> history = [.. prompt];
        for (var turn = 0; turn < 1 + random.Next(4); turn++)
        {
            var response = Tokens(random, 1 + random.Next(3), vocabulary);
            samples.Add(new TrainingSample(chain, [.. history], [.. response]) { RoutedExperts = Routed(random, width, history.Count + response.Length - 1) });
            history.AddRange(response);
            history.AddRange(Tokens(random, random.Next(3), vocabulary));
            if (random.Next(4) == 0)
            {
                history.RemoveRange(random.Next(history.Count), 1);
                history.Add(0);
            }
        }
    }

    // Mostly the same everywhere, so that some paths agree and others part.
    private static ImmutableArray<short> Routed(Random random, int width, int tokens)
    {
        if (width == 0 || random.Next(4) == 0)
        {
            return [];
        }

        var routes = new short[width * tokens];
        if (random.Next(2) == 0)
        {
            routes[random.Next(routes.Length)] = (short)(random.Next(3) - 1);
        }

        return [.. routes];
    }

    private static int[] Tokens(Random random, int count, int vocabulary)
        => [.. Enumerable.Range(0, count).Select(_ => random.Next(vocabulary))];
}
