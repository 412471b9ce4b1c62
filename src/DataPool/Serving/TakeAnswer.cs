using Forge.Core.Ring;

namespace Forge.DataPool.Serving;

/// <summary>What a take brought within its wait.</summary>
/// <param name="Group">The group; null when none became available, or the session is unknown.</param>
/// <param name="SessionUnknown">True when the pool started again since the session was opened.</param>
internal readonly record struct TakeAnswer(Group? Group, bool SessionUnknown);
