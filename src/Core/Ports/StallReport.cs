namespace Forge.Core.Ports;

/// <summary>Says why nothing moves.</summary>
/// <param name="Waiting">Who waits, such as <c>trainer</c> or <c>agent_side</c>.</param>
/// <param name="For">For whom or what, with its name: a group, a worker, a bound.</param>
/// <param name="Since">How long nothing has moved.</param>
/// <param name="Advice">What to do, with the values, in one sentence.</param>
public sealed record StallReport(string Waiting, string For, TimeSpan Since, string Advice)
{
    public override string ToString() => $"{Waiting} has waited {Since:c} for {For}. {Advice}";
}
