namespace Forge.Hosting.Supervision;

/// <summary>What a supervisor knows about one process.</summary>
/// <param name="Name">Such as <c>data_pool</c>.</param>
/// <param name="State">What it does with it.</param>
/// <param name="ProcessId">The process; null when there is none.</param>
/// <param name="Since">Since when it is in this state.</param>
/// <param name="Restarts">How often it was started again.</param>
/// <param name="LastEnd">How it last ended; null when it never did.</param>
public sealed record ProcessStatus(string Name, ProcessState State, int? ProcessId, DateTimeOffset Since, int Restarts, string? LastEnd);
