namespace Forge.Sandbox;

/// <summary>The limits that end a program.</summary>
public enum SandboxLimit
{
    None,
    Memory,
    ProcessorTime,
    FileSize,
    Output,
}
