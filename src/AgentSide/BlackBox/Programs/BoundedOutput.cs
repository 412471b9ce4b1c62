using System.Globalization;
using System.Text;

namespace Forge.AgentSide.BlackBox.Programs;

/// <summary>Keeps the begin and the end of a stream in a file; what lies between is read, counted and dropped, so that a writer never blocks.</summary>
internal static class BoundedOutput
{
    private const int BufferBytes = 16 * 1024;

    /// <summary>Copies until the stream ends.</summary>
    /// <param name="source">Read to its end.</param>
    /// <param name="file">Written anew.</param>
    /// <param name="maxBytes">Most bytes of the stream that the file gets.</param>
    public static async Task CopyAsync(Stream source, string file, long maxBytes)
    {
        await using var kept = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.Read);
        var headLeft = maxBytes - (maxBytes / 2);
        var tail = new TailBuffer((int)Math.Min(maxBytes / 2, int.MaxValue / 2));
        var buffer = new byte[BufferBytes];
        int read;
        while ((read = await source.ReadAsync(buffer)) > 0)
        {
            var head = (int)Math.Min(headLeft, read);
            headLeft -= head;
            if (head > 0)
            {
                await kept.WriteAsync(buffer.AsMemory(0, head));
                await kept.FlushAsync();
            }

            tail.Add(buffer.AsSpan(head, read - head));
        }

        if (tail.Dropped > 0)
        {
            var note = string.Create(CultureInfo.InvariantCulture, $"\n[{tail.Dropped} bytes are left out here]\n");
            await kept.WriteAsync(Encoding.UTF8.GetBytes(note));
        }

        await kept.WriteAsync(tail.ToArray());
    }
}
