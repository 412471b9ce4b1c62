namespace Forge.Learning.Model.Attention.Levels.Planning;

/// <summary>Which kernel a call is made for, and which keys its queries see.</summary>
/// <param name="IsDense">One segment, large enough for the dense kernel (cuDNN); else any segments, by the segmented one (flash).</param>
/// <param name="IsCausal">
/// The last query of a segment sees all of the segment's keys and each query before it one less; otherwise all queries see all.
/// </param>
internal readonly record struct CallKind(bool IsDense, bool IsCausal);
