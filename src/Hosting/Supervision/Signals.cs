namespace Forge.Hosting.Supervision;

/// <summary>Signals by their numbers, which are the same on every Linux that .NET runs on.</summary>
public static class Signals
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;
}
