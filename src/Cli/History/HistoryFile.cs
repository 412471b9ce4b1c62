using System.Text.Json;
using Forge.DataPool.Checking;

namespace Forge.Cli.History;

/// <summary>Reads a history that another process writes. Not safe for concurrent use.</summary>
internal sealed class HistoryFile(string path)
{
    private long _position;

    /// <summary>The whole lines that were added since the last call; what a killed process left torn is passed over, for nobody was told of it.</summary>
    public IReadOnlyList<HistoryLine> ReadNew()
    {
        if (!File.Exists(path))
        {
            return [];
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Seek(_position, SeekOrigin.Begin);
        var bytes = new byte[file.Length - _position];
        file.ReadExactly(bytes);
        var whole = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        _position += whole;
        return [.. Lines(bytes.AsMemory(0, whole)).Select(Parse).OfType<HistoryLine>()];
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Lines(ReadOnlyMemory<byte> text)
    {
        while (text.Span.IndexOf((byte)'\n') is var end and >= 0)
        {
            yield return text[..end];
            text = text[(end + 1)..];
        }
    }

    private static HistoryLine? Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize<HistoryLine>(line.Span, HistoryLog.Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
