using Forge.Core.Faults;
using Forge.Trainer.Checkpoints;

namespace Forge.Trainer.Tests.Checkpoints;

public sealed class CheckpointStoreTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("forge-checkpoints").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Latest_finds_the_newest_whole_checkpoint()
    {
        var store = Store();
        Save(store, 1);
        Save(store, 2);

        Assert.EndsWith("step-000002", store.Latest(NoDamage), StringComparison.Ordinal);
    }

    [Fact]
    public void Latest_passes_over_a_damaged_checkpoint_and_says_why()
    {
        var store = Store();
        Save(store, 1);
        File.AppendAllText(Path.Combine(Save(store, 2), "model.bin"), "x");
        var reasons = new List<string>();

        var latest = store.Latest((_, reason) => reasons.Add(reason));

        Assert.EndsWith("step-000001", latest, StringComparison.Ordinal);
        Assert.Contains("model.bin has SHA-256", Assert.Single(reasons), StringComparison.Ordinal);
    }

    [Fact]
    public void Latest_ignores_a_folder_without_a_manifest()
    {
        var store = Store();
        Save(store, 1);
        Directory.CreateDirectory(Path.Combine(_root, "step-000009"));

        Assert.EndsWith("step-000001", store.Latest((_, _) => { }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_store_removes_what_a_crash_left_half_written()
    {
        Directory.CreateDirectory(Path.Combine(_root, ".step-000003.tmp"));

        Store();

        Assert.Empty(Directory.GetFileSystemEntries(_root));
    }

    [Fact]
    public void A_step_that_was_being_replaced_when_the_process_died_is_put_back()
    {
        var saved = Save(Store(), 3);
        Directory.Move(saved, Path.Combine(_root, ".step-000003.old"));

        Assert.Equal(saved, Store().Latest(NoDamage));
    }

    [Fact]
    public void Saving_a_step_again_leaves_one_whole_checkpoint()
    {
        var store = Store();
        Save(store, 3);

        Assert.Equal(Save(store, 3), store.Latest(NoDamage));
        Assert.Equal(["step-000003"], Folders());
    }

    [Fact]
    public void Save_keeps_the_newest_and_the_best()
    {
        var store = Store();
        Save(store, 1);
        store.Score(1, 0.9);
        Save(store, 2);
        store.Score(2, 0.4);
        Save(store, 3);
        Save(store, 4);

        Assert.Equal(["step-000001", "step-000003", "step-000004"], Folders());
        Assert.Equal(new BestCheckpoint(1, 0.9), store.Best());
    }

    [Fact]
    public void Save_that_fails_keeps_the_earlier_checkpoint_and_says_what_to_do()
    {
        var store = Store();
        Save(store, 1);

        var error = Assert.Throws<ForgeException>(() => store.Save(2, _ => throw new IOException("No space left on device.")));

        Assert.Contains("No space left on device", error.Message, StringComparison.Ordinal);
        Assert.Contains("--run-dir", error.Message, StringComparison.Ordinal);
        Assert.Equal(["step-000001"], Folders());
    }

    [Fact]
    public void Verify_names_the_missing_file()
    {
        var folder = Save(Store(), 1);
        File.Delete(Path.Combine(folder, "model.bin"));

        var error = Assert.Throws<ForgeException>(() => CheckpointStore.Verify(folder));

        Assert.Contains("model.bin is missing", error.Message, StringComparison.Ordinal);
    }

    private static void NoDamage(string folder, string reason) => Assert.Fail($"{folder}: {reason}");

    private static string Save(CheckpointStore store, long step)
        => store.Save(step, folder => File.WriteAllText(Path.Combine(folder, "model.bin"), $"weights {step}"));

    private CheckpointStore Store() => new(_root, keepLast: 2, keepBest: true);

    private string[] Folders() => [.. Directory.GetDirectories(_root).Select(path => Path.GetFileName(path)!).Order()];
}
