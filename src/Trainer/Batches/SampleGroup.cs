using Forge.Core.Packing;

namespace Forge.Trainer.Batches;

/// <summary>The samples of a step that are packed together: tokens are scored at the temperature at which they were drawn.</summary>
/// <param name="Temperature">Of all of them.</param>
/// <param name="Completions">In the batch's order.</param>
/// <param name="Samples">One per completion.</param>
/// <param name="Weights">Of each completion's response tokens, over the whole step.</param>
internal sealed record SampleGroup(
    double Temperature, IReadOnlyList<ScoredCompletion> Completions, IReadOnlyList<TrainingSample> Samples, IReadOnlyList<double> Weights)
{
    /// <summary>Divides a step by temperature.</summary>
    /// <param name="completions">The step's completions.</param>
    /// <param name="samples">One per completion.</param>
    /// <param name="weights">One per completion.</param>
    public static IEnumerable<SampleGroup> Of(IReadOnlyList<ScoredCompletion> completions, TrainingSample[] samples, double[] weights)
        => completions.Index().GroupBy(entry => TemperatureOf(entry.Item)).Select(same => new SampleGroup(
            same.Key,
            [.. same.Select(entry => entry.Item)],
            [.. same.Select(entry => samples[entry.Index])],
            [.. same.Select(entry => weights[entry.Index])]));

    // Greedy completions record the log-probabilities of temperature 1.
    private static double TemperatureOf(ScoredCompletion scored)
        => scored.Completion.Sampling.Temperature is > 0 and var temperature ? temperature : 1;
}
