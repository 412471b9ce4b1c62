namespace Forge.Hosting.Calls;

/// <summary>What a failed attempt allows.</summary>
internal enum CallFailure
{
    /// <summary>The answer is final.</summary>
    Final,

    /// <summary>The service may have done it: only what may be done twice is asked again.</summary>
    Interrupted,

    /// <summary>It never left this process, so that any call may be made again, and costs nobody anything.</summary>
    NotSent,
}
