using System.Diagnostics;
using Forge.Core.Faults;
using Forge.TestKit;
using Forge.Trainer.Checkpoints;

namespace Forge.Trainer.Tests.Checkpoints;

/// <summary>Checkpoints on a disk that really has no room left.</summary>
[Trait("Tier", "integration")]
public sealed class FullDiskTests
{
    [Fact]
    public void Save_on_a_full_disk_keeps_the_earlier_checkpoint_readable()
    {
        using var folder = new TemporaryFolder();
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder.Path), "Mounting a small disk needs root.");
        try
        {
            var store = new CheckpointStore(folder.Path, keepLast: 2, keepBest: true);
            var first = Save(store, step: 1, bytes: 100_000);

            var error = Assert.Throws<ForgeException>(() => Save(store, step: 2, bytes: 300_000));

            Assert.Contains("step 2", error.Message, StringComparison.Ordinal);
            Assert.Contains("Earlier checkpoints are untouched", error.Message, StringComparison.Ordinal);
            CheckpointStore.Verify(first);
            Assert.Equal([first], Directory.GetFileSystemEntries(folder.Path));
            Assert.EndsWith("step-000003", Save(store, step: 3, bytes: 50_000), StringComparison.Ordinal);
        }
        finally
        {
            Assert.True(Run("umount", folder.Path));
        }
    }

    // Writes to /dev/full fail as those to a full disk do, and need no root.
    [Fact]
    public void Save_that_meets_a_full_device_says_so()
    {
        using var folder = new TemporaryFolder();
        var store = new CheckpointStore(folder.Path, keepLast: 2, keepBest: true);

        var error = Assert.Throws<ForgeException>(() => store.Save(1, target =>
        {
            File.CreateSymbolicLink(Path.Combine(target, "model.bin"), "/dev/full");
            File.WriteAllText(Path.Combine(target, "model.bin"), "weights");
        }));

        Assert.Contains("No space left on device", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    private static string Save(CheckpointStore store, long step, int bytes)
        => store.Save(step, folder => File.WriteAllBytes(Path.Combine(folder, "model.bin"), new byte[bytes]));

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
