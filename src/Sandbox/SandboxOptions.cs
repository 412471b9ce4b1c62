using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace Forge.Sandbox;

/// <summary>How programs are shut in, and what one run of a program may use.</summary>
public sealed class SandboxOptions
{
    /// <summary><c>namespaces</c> shuts programs in; <c>process</c> only gives them a folder and a time limit, for development.</summary>
    [AllowedValues("namespaces", "process")]
    public string Provider { get; init; } = "namespaces";

    /// <summary>Further folders and files of the host that programs may read, absolute paths; <c>/host/place=/place/inside</c> for another name.</summary>
    public ImmutableArray<string> ReadOnly { get; init; } = [];

    /// <summary>The gateway's port inside, on 127.0.0.1.</summary>
    [Range(1, 65_535)]
    public int GatewayPort { get; init; } = 8080;

    /// <summary>Wall-clock time of one program; it is killed afterwards.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Memory of all its processes together, files in <c>/tmp</c> and <c>/dev/shm</c> included.</summary>
    [Range(16L << 20, 1L << 50)]
    public long MemoryBytes { get; init; } = 2L << 30;

    /// <summary>Bytes that <c>/tmp</c> and <c>/dev/shm</c> take, each.</summary>
    [Range(1L << 16, 1L << 50)]
    public long TmpBytes { get; init; } = 128L << 20;

    /// <summary>Bytes of one file.</summary>
    [Range(1L, 1L << 50)]
    public long FileBytes { get; init; } = 256L << 20;

    /// <summary>Processes and threads at one time, two of the sandbox's own included.</summary>
    [Range(3, 100_000)]
    public int Processes { get; init; } = 128;

    /// <summary>Open files of one process.</summary>
    [Range(16, 1_000_000)]
    public int OpenFiles { get; init; } = 1024;

    /// <summary>Processor time of one process in seconds; 0 for no bound but the timeout.</summary>
    [Range(0, 10_000_000)]
    public int CpuSeconds { get; init; }

    /// <summary>Bytes that are kept of standard output, and as many of standard error: the first ones.</summary>
    [Range(0, 1 << 30)]
    public int KeptOutputBytes { get; init; } = 1 << 20;

    /// <summary>Bytes that a program may write to either; one more ends it.</summary>
    [Range(1L, 1L << 50)]
    public long OutputBytes { get; init; } = 64L << 20;

    /// <summary>False bounds memory and processes by rlimits even where control groups can be written.</summary>
    public bool ControlGroups { get; init; } = true;
}
