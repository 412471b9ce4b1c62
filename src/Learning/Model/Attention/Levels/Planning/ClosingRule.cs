namespace Forge.Learning.Model.Attention.Levels.Planning;

/// <summary>Which nodes close, that is, get one rectangle for all their descendants.</summary>
internal enum ClosingRule
{
    /// <summary>Those for which the estimated costs say so.</summary>
    Planned,

    /// <summary>All: a rectangle per node, nothing copied.</summary>
    Always,

    /// <summary>As few as can be: whole paths are copied, nothing merged.</summary>
    Never,
}
