using System.Collections.Immutable;

namespace Forge.Sandbox;

/// <summary>One program to run.</summary>
public sealed record SandboxCommand
{
    /// <summary>The program and its arguments; a name without a slash is looked up in <c>PATH</c>.</summary>
    public required ImmutableArray<string> Words { get; init; }

    /// <summary>
    /// Variables beside <c>PATH</c>, <c>HOME</c>, <c>USER</c>, <c>LANG</c> and <c>TMPDIR</c>, or in their place. Nothing of this process's environment
    /// goes along.
    /// </summary>
    public ImmutableDictionary<string, string> Environment { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>What the program reads from its standard input, which ends then.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>Wall-clock time in the place of <c>sandbox.timeout</c>.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Ends the program; an end like any other, with what was captured until then.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>Bytes to keep of each output, in the place of <c>sandbox.kept_output_bytes</c>.</summary>
    public int? KeptOutputBytes { get; init; }

    /// <summary>A command line for <c>/bin/sh</c>.</summary>
    public static SandboxCommand Shell(string line) => new() { Words = ["/bin/sh", "-c", line] };
}
