namespace Forge.DataPool.Tests.Simulation;

/// <summary>A way to be broken, on purpose: the checker must notice each.</summary>
public enum Defect
{
    None,

    /// <summary>The store answers before it has written, and forgets what it answered when it crashes.</summary>
    AnswersBeforeWriting,

    /// <summary>Results of replaced attempts are kept.</summary>
    NoFencing,

    /// <summary>A consumption log without its unique index, which recovery never undoes: groups are offered and trained again.</summary>
    ConsumesTwice,

    /// <summary>The window is wider than the run was told.</summary>
    WiderWindow,

    /// <summary>A reopened store has forgotten a group that was in flight.</summary>
    ForgetsGroup,

    /// <summary>A step is written in halves: a crash comes between them.</summary>
    HalfAStep,

    /// <summary>The trainer goes on after a lost checkpoint without telling the pool.</summary>
    NoRecovery,

    /// <summary>The leases of dead workers never end.</summary>
    EternalLeases,

    /// <summary>The hot state answers a pool that starts again as if every lease had ended.</summary>
    ShowsNoLeases,

    /// <summary>The first time that the hot state is away is taken for a bug, and nothing is shown any more.</summary>
    StopsShowing,
}
