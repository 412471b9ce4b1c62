using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Forge.Trainer.Checkpoints;

namespace Forge.Trainer.Tests.Checkpoints;

/// <summary>A process of its own that writes checkpoints without a pause until it is killed: this very program, started with a folder in its environment.</summary>
internal static class CheckpointWriterProcess
{
    public const int Files = 3;
    public const int BytesPerFile = 1 << 20;
    private const string Variable = "FORGE_TEST_CHECKPOINT_WRITER";

    public static Process Start(string folder)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(CheckpointWriterProcess).Assembly.Location]) { RedirectStandardOutput = true };
        start.Environment[Variable] = folder;
        return Process.Start(start)!;
    }

    /// <summary>What the files of a step hold: nothing that another step's hold.</summary>
    public static byte[] Content(long step, int file)
    {
        var content = new byte[BytesPerFile];
        new Random((int)(step * Files) + file).NextBytes(content);
        return content;
    }

    [ModuleInitializer]
    internal static void WriteIfAsked()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } folder)
        {
            return;
        }

        var store = new CheckpointStore(folder, keepLast: 1, keepBest: false);
        var newest = store.Latest((_, _) => { });
        for (var step = newest is null ? 1 : StepOf(newest) + 1; ; step++)
        {
            store.Save(step, target =>
            {
                for (var file = 0; file < Files; file++)
                {
                    File.WriteAllBytes(Path.Combine(target, $"{file}.bin"), Content(step, file));
                }
            });
            Console.WriteLine(step);
        }
    }

    public static long StepOf(string folder) => long.Parse(Path.GetFileName(folder)["step-".Length..], CultureInfo.InvariantCulture);
}
