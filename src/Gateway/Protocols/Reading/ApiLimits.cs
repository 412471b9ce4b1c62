namespace Forge.Gateway.Protocols.Reading;

/// <summary>What a request may hold at most; the size of a body is the listener's to bound.</summary>
internal static class ApiLimits
{
    public const int Depth = 64;

    public const int Messages = 16_384;

    /// <summary>Parts of one message, calls of one turn.</summary>
    public const int Parts = 4_096;

    public const int Tools = 1_024;

    public const int NameLength = 256;

    public const int Choices = 128;

    public const int StopTexts = 4;

    public const int TopLogProbs = 20;

    public const int MetadataEntries = 16;

    /// <summary>Of a value that a fault shows.</summary>
    public const int ShownLength = 60;
}
