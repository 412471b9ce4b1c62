namespace Forge.Cli.Machine;

/// <summary>How one check ended.</summary>
internal enum Verdict
{
    Good,

    /// <summary>It works, but slower or with less room than it could.</summary>
    Warning,

    /// <summary>Something that is needed does not work.</summary>
    Bad,
}
