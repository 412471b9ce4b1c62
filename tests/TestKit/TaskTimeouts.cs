namespace Forge.TestKit;

/// <summary>Bounds every await of a test, so that a hang is a failure with a name.</summary>
public static class TaskTimeouts
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static Task DefaultTimeout(this Task task) => task.WaitAsync(Limit);

    public static Task<T> DefaultTimeout<T>(this Task<T> task) => task.WaitAsync(Limit);
}
