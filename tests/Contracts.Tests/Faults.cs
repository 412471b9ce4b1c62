using Forge.Core.Faults;

namespace Forge.Contracts.Tests;

/// <summary>One fault of every kind that has a meaning to those who call a port.</summary>
internal static class Faults
{
    // Percent-encoded where it travels, and more than a line.
    private const string Text = "Größe 7 % über der Grenze:\n  \"𝄞\" → lower it.";

    public static IReadOnlyDictionary<string, Exception> All { get; } = new Exception[]
    {
        new InfrastructureFaultException(Text),
        new OverloadedException(Text),
        new EnvironmentFaultException(Text),
        new AgentFaultException(Text),
        new StaleAttemptException(Text),
        new ForgeException(Text),
        new TimeoutException(Text),
        new ArgumentException(Text),
        new InvalidDataException(Text),
        new InvalidOperationException(Text),
        new KeyNotFoundException(Text),
    }.ToDictionary(fault => fault.GetType().Name);

    /// <summary>Those that say that asking again may help.</summary>
    public static TheoryData<string> Transient { get; } = new(All.Where(fault => fault.Value is ForgeException { IsTransient: true }).Select(fault => fault.Key));

    /// <summary>Those that are final.</summary>
    public static TheoryData<string> Final { get; } = new(All.Where(fault => fault.Value is not ForgeException { IsTransient: true }).Select(fault => fault.Key));

    public static void AssertSame(Exception expected, Exception actual)
    {
        Assert.Equal((expected.GetType(), expected.Message), (actual.GetType(), actual.Message));
        Assert.Equal((expected as ForgeException)?.IsTransient, (actual as ForgeException)?.IsTransient);
    }
}
