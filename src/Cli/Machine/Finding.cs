namespace Forge.Cli.Machine;

/// <summary>What one check of <c>forge doctor</c> found.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Verdict">How it stands.</param>
/// <param name="Detail">What was seen.</param>
/// <param name="Remedy">What to do; empty when nothing is to be done.</param>
internal sealed record Finding(string Check, Verdict Verdict, string Detail, string Remedy = "");
