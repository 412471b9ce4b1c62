using System.Collections.Immutable;

namespace Forge.AgentSide.BlackBox.Programs;

/// <summary>One program to be run.</summary>
/// <param name="Command">The program and its arguments; it is looked for in the PATH of <paramref name="Variables"/>.</param>
/// <param name="WorkFolder">Its working directory, absolute; the only place that it may count on writing to.</param>
/// <param name="Variables">Its whole environment: nothing of ours is inherited.</param>
/// <param name="OutputFile">Where its standard output goes.</param>
/// <param name="ErrorFile">Where its standard error goes.</param>
/// <param name="MaxOutputBytes">What is kept of each.</param>
public sealed record ProgramStart(
    ImmutableArray<string> Command,
    string WorkFolder,
    ImmutableSortedDictionary<string, string> Variables,
    string OutputFile,
    string ErrorFile,
    long MaxOutputBytes);
