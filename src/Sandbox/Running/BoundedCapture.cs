namespace Forge.Sandbox.Running;

/// <summary>Reads a program's stream to its end, keeps the first bytes, and says once when there are too many.</summary>
internal static class BoundedCapture
{
    private const int ChunkBytes = 64 * 1024;

    public static async Task<CapturedOutput> ReadAsync(Stream stream, int mostKept, long mostWritten, Action onOverflow)
    {
        var kept = new MemoryStream();
        var chunk = new byte[ChunkBytes];
        var total = 0L;
        while (await stream.ReadAsync(chunk, CancellationToken.None) is > 0 and var count)
        {
            kept.Write(chunk, 0, (int)Math.Min(count, mostKept - kept.Length));
            if (total <= mostWritten && total + count > mostWritten)
            {
                onOverflow();
            }

            total += count;
        }

        return new CapturedOutput(kept.ToArray(), total);
    }
}
