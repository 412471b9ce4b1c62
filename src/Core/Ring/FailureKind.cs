namespace Forge.Core.Ring;

/// <summary>Whose fault a bad end was. Stored and sent as a number: append only.</summary>
public enum FailureKind
{
    /// <summary>The episode ended on its own account, right or wrong.</summary>
    None = 0,

    /// <summary>The machinery (engine, gateway, store, network, a lost worker): tried again, never a reward, never trained on.</summary>
    Infrastructure = 1,

    /// <summary>The environment broke: tried again, never a reward, never trained on.</summary>
    Environment = 2,

    /// <summary>The agent broke: scored and trained on, so that it learns not to.</summary>
    Agent = 3,
}
