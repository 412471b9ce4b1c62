namespace Forge.Trainer.Supervised;

/// <summary>What supervised training did.</summary>
/// <param name="Steps">Optimizer steps made.</param>
/// <param name="Samples">Demonstrated completions seen.</param>
/// <param name="TokenRows">Token rows through the forward pass.</param>
/// <param name="TrainedTokens">Tokens that the loss counted: the demonstrator's own.</param>
/// <param name="Loss">Mean negative log-likelihood per trained token over the last tenth of the steps, in nats.</param>
/// <param name="Elapsed">Wall-clock time.</param>
public sealed record SftOutcome(long Steps, long Samples, long TokenRows, long TrainedTokens, double Loss, TimeSpan Elapsed);
