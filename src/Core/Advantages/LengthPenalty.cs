namespace Forge.Core.Advantages;

/// <summary>
/// Makes long episodes earn a little less, in proportion to how often the group succeeds: R_i − mean(R) · Σ_q w_q · q_i / max_j q_j over
/// output tokens, input tokens and turns. Applied before the group's baseline.
/// </summary>
/// <param name="OutputTokens">Weight of generated tokens.</param>
/// <param name="InputTokens">Weight of tokens read but not generated.</param>
/// <param name="Turns">Weight of completions.</param>
public sealed record LengthPenalty(double OutputTokens, double InputTokens, double Turns)
{
    /// <param name="rewards">One per episode of the group.</param>
    /// <param name="outputTokens">Generated tokens of each episode.</param>
    /// <param name="inputTokens">Tokens read of each episode.</param>
    /// <param name="turns">Completions of each episode.</param>
    /// <param name="shaped">Written; as long as <paramref name="rewards"/>.</param>
    public void Apply(
        ReadOnlySpan<double> rewards, ReadOnlySpan<int> outputTokens, ReadOnlySpan<int> inputTokens, ReadOnlySpan<int> turns, Span<double> shaped)
    {
        var mean = GroupStatistics.Of(rewards).Mean;
        var (mostOutput, mostInput, mostTurns) = (Largest(outputTokens), Largest(inputTokens), Largest(turns));
        for (var index = 0; index < rewards.Length; index++)
        {
            var share = (OutputTokens * outputTokens[index] / mostOutput)
                + (InputTokens * inputTokens[index] / mostInput)
                + (Turns * turns[index] / mostTurns);
            shaped[index] = rewards[index] - (mean * share);
        }
    }

    private static double Largest(ReadOnlySpan<int> values)
    {
        var largest = 1;
        foreach (var value in values)
        {
            largest = Math.Max(largest, value);
        }

        return largest;
    }
}
