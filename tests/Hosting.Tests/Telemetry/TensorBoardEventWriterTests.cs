using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.Json;
using Forge.Hosting.Telemetry;
using Forge.Hosting.Tests.TensorBoard;
using Forge.TestKit;

namespace Forge.Hosting.Tests.Telemetry;

[Collection(nameof(AloneInTheProcess))]
public sealed class TensorBoardEventWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Checksum_matches_the_published_check_value() => Assert.Equal(0xE3069283u, MaskedCrc32C.Plain("123456789"u8));

    [Fact]
    public void Events_are_read_back_by_the_compiled_definition()
    {
        using (var writer = new TensorBoardEventWriter(_folder.Path, TimeProvider.System, 7))
        {
            writer.Write(7, new Dictionary<string, double> { ["reward/mean"] = 0.5, ["optim/lr"] = 3e-4 });
            writer.Write(8, new Dictionary<string, double> { ["reward/mean"] = double.NaN });
        }

        var events = Records(File.ReadAllBytes(EventFile())).Select(Event.Parser.ParseFrom).ToList();

        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.Equal(SessionLog.Types.SessionStatus.Start, events[1].SessionLog.Status);
        Assert.Equal(7, events[1].Step);
        Assert.Equal(7, events[2].Step);
        Assert.Equal(["reward/mean", "optim/lr"], events[2].Summary.Value.Select(value => value.Tag));
        Assert.Equal([0.5f, 3e-4f], events[2].Summary.Value.Select(value => value.SimpleValue));
        Assert.True(float.IsNaN(events[3].Summary.Value[0].SimpleValue));
        Assert.InRange(events[2].WallTime, 1.7e9, 1e11);
    }

    [Fact]
    [Trait("Tier", "integration")]
    public async Task Events_are_read_back_by_a_reader_in_another_language()
    {
        using (var writer = new TensorBoardEventWriter(_folder.Path, TimeProvider.System, 0))
        {
            for (var step = 0; step < 300; step++)
            {
                writer.Write(step, new Dictionary<string, double> { ["reward/mean"] = step / 8.0, ["time/step"] = -step });
            }
        }

        var lines = await ReadWithPythonAsync(EventFile());

        Assert.Equal(600, lines.Count);
        Assert.Equal(299, lines[^1].GetProperty("step").GetInt64());
        Assert.Equal("time/step", lines[^1].GetProperty("tag").GetString());
        Assert.Equal(-299, lines[^1].GetProperty("value").GetDouble());
    }

    public void Dispose() => _folder.Dispose();

    private string EventFile() => Assert.Single(Directory.GetFiles(_folder.Path, "events.out.tfevents.*"));

    private static async Task<List<JsonElement>> ReadWithPythonAsync(string file)
    {
        var start = new ProcessStartInfo("python3", [Path.Combine(AppContext.BaseDirectory, "Telemetry", "read_events.py"), file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Start(start);
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync().DefaultTimeout();
        await process.WaitForExitAsync().DefaultTimeout();
        Assert.True(process.ExitCode == 0, await errors);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("python3 is not installed here.");
            throw;
        }
    }

    // TFRecord framing, read without the writer's code; its checksums are checked by the Python reader.
    private static IEnumerable<byte[]> Records(byte[] file)
    {
        for (var at = 0; at < file.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
            yield return file[(at + 12)..(at + 12 + length)];
            at += 12 + length + 4;
        }
    }
}
