namespace Forge.TestKit;

/// <summary>
/// Bounds every await of a test, so that a hang is a failure with a name. The bounds are no measure of speed: they leave room for a
/// machine that is busy with something else.
/// </summary>
public static class TaskTimeouts
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ProcessLimit = TimeSpan.FromMinutes(5);

    public static Task DefaultTimeout(this Task task) => task.WaitAsync(Limit, TestContext.Current.CancellationToken);

    public static Task<T> DefaultTimeout<T>(this Task<T> task) => task.WaitAsync(Limit, TestContext.Current.CancellationToken);

    /// <summary>For what a whole process does: starting, loading, training for a while.</summary>
    public static Task ProcessTimeout(this Task task) => task.WaitAsync(ProcessLimit, TestContext.Current.CancellationToken);

    public static Task<T> ProcessTimeout<T>(this Task<T> task) => task.WaitAsync(ProcessLimit, TestContext.Current.CancellationToken);
}
