namespace Forge.DataPool.Hot;

/// <summary>One ticket that a worker holds, for people who ask who plays what.</summary>
/// <param name="Token">Of the lease.</param>
/// <param name="Worker">Who holds it.</param>
/// <param name="Group">Whose episodes.</param>
/// <param name="Episodes">Those without a result.</param>
/// <param name="Left">Until it ends unless it is renewed; null for one without a limit.</param>
public sealed record HotLease(long Token, string Worker, long Group, int Episodes, TimeSpan? Left);
