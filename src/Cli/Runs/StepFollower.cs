using System.Globalization;
using System.Text.Json;

namespace Forge.Cli.Runs;

/// <summary>Reads metrics.jsonl, which another process writes.</summary>
internal static class StepFollower
{
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(1);

    /// <summary>Tells every step that is written from now on.</summary>
    public static async Task FollowAsync(string path, Action<string> say, CancellationToken stop)
    {
        var told = LastLine(path) is { } line ? StepOf(line) : -1;
        while (!stop.IsCancellationRequested)
        {
            if (LastLine(path) is { } last && StepOf(last) is var step && step != told)
            {
                (told, var text) = (step, Describe(last));
                say(text);
            }

            await Task.Delay(Glance, TimeProvider.System, stop).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>The newest whole line; null when there is none yet.</summary>
    public static string? LastLine(string path)
    {
        const int Tail = 64 << 10;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Seek(-Math.Min(Tail, file.Length), SeekOrigin.End);
            using var reader = new StreamReader(file);
            var text = reader.ReadToEnd();
            var end = text.LastIndexOf('\n');
            return end <= 0 ? null : text[(text.LastIndexOf('\n', end - 1) + 1)..end];
        }
        catch (IOException)
        {
            return null;
        }
    }

    public static long StepOf(string line) => JsonDocument.Parse(line).RootElement.GetProperty("step").GetInt64();

    public static DateTimeOffset TimeOf(string line) => JsonDocument.Parse(line).RootElement.GetProperty("time").GetDateTimeOffset();

    public static string Describe(string line)
    {
        var figures = JsonDocument.Parse(line).RootElement;
        string Figure(string name, string label)
            => figures.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
                ? string.Create(CultureInfo.InvariantCulture, $", {label} {value.GetDouble():0.###}") : "";
        return $"step {StepOf(line)}{Figure("reward/mean", "reward")}{Figure("loss/policy", "loss")}{Figure("time/step", "seconds")}";
    }
}
