using System.Collections.Immutable;
using System.Globalization;
using System.IO.Compression;
using Forge.Core.Faults;
using Forge.Core.Packing;

namespace Forge.Trainer.Bench;

/// <summary>
/// Keeps the token sequences of one training step in a small file: compressed text with a line per sample, <c>group episode:prompt
/// ids:response ids</c>, ids apart by blanks.
/// </summary>
public static class RecordedStep
{
    /// <summary>How results call a step of the quickstart.</summary>
    public const string Name = "quickstart";

    private const string Resource = "quickstart.step.gz";

    /// <summary>A step of the quickstart that is part of the program.</summary>
    public static StepSamples Quickstart()
    {
        using var stream = typeof(RecordedStep).Assembly.GetManifestResourceStream(Resource)!;
        return Read(Name, stream);
    }

    public static void Write(StepSamples step, Stream stream)
    {
        using var writer = new StreamWriter(new GZipStream(stream, CompressionLevel.SmallestSize, leaveOpen: true));
        foreach (var (sample, group) in step.Samples.Zip(step.Groups))
        {
            writer.Write(FormattableString.Invariant($"{group} {sample.Chain}:{Join(sample.PromptIds)}:{Join(sample.ResponseIds)}\n"));
        }
    }

    /// <exception cref="ForgeException">A line has another form; its number and what was expected.</exception>
    public static StepSamples Read(string name, Stream stream)
    {
        using var reader = new StreamReader(new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true));
        var samples = ImmutableArray.CreateBuilder<TrainingSample>();
        var groups = ImmutableArray.CreateBuilder<int>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Split(':').Select(Ids).ToArray() is not [[var group, var chain], { Length: > 0 } prompt, { Length: > 0 } response])
            {
                throw new ForgeException($"Line {samples.Count + 1} of step '{name}' is not 'group episode:prompt ids:response ids': '{line}'.");
            }

            samples.Add(new TrainingSample(chain, [.. prompt], [.. response]));
            groups.Add(group);
        }

        return StepSamples.Recorded(name, samples.ToImmutable(), groups.ToImmutable());
    }

    private static string Join(ImmutableArray<int> ids) => string.Join(' ', ids.Select(id => id.ToString(CultureInfo.InvariantCulture)));

    // Empty when one of them is no number.
    private static int[] Ids(string text)
    {
        var ids = text.Split(' ').Select(word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : -1).ToArray();
        return ids.Contains(-1) ? [] : ids;
    }
}
