namespace Forge.Learning.Model.Tracing;

/// <summary>Chooses what a <see cref="ForwardTrace"/> notes.</summary>
[Flags]
public enum TraceContents
{
    None = 0,

    /// <summary>Rows per expert and layer, weighted by multiplicity.</summary>
    Load = 1,

    /// <summary>Chosen experts per row and layer.</summary>
    Choices = 2,

    /// <summary>Router logits and mixing weights.</summary>
    Router = 4,

    /// <summary>The residual stream: embedding, after every layer, after the final norm.</summary>
    States = 8,

    /// <summary>What attention and mixture add to the residual stream.</summary>
    SubBlocks = 16,

    All = Load | Choices | Router | States | SubBlocks,
}
