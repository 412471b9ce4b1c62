using Forge.Core.Faults;
using Forge.Hosting.Faults;
using Forge.Hosting.Runs;
using Forge.TestKit;

namespace Forge.Hosting.Tests.Runs;

public sealed class RunDirectoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Create_numbers_runs_of_one_name_and_latest_points_at_the_newest()
    {
        using var first = RunDirectory.Create(null, _folder.Path, "quickstart");
        using var second = RunDirectory.Create(null, _folder.Path, "quickstart");

        Assert.Equal(_folder.File("quickstart"), first.Path);
        Assert.Equal(_folder.File("quickstart-2"), second.Path);
        Assert.Equal(second.Path, RunDirectory.Latest(_folder.Path));
    }

    [Fact]
    public void Create_refuses_a_folder_that_holds_a_run()
    {
        File.WriteAllText(_folder.File("run.yaml"), "");

        var error = Assert.Throws<UsageException>(() => RunDirectory.Create(_folder.Path, _folder.Path, "any"));

        Assert.Contains("--resume", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_refuses_a_folder_without_a_run() => Assert.Throws<UsageException>(() => RunDirectory.Open(_folder.Path));

    [Fact]
    public void A_second_opener_is_refused_until_the_first_lets_go()
    {
        File.WriteAllText(_folder.File("run.yaml"), "");
        var first = RunDirectory.Open(_folder.Path);

        Assert.Throws<UsageException>(() => RunDirectory.Open(_folder.Path));
        first.Dispose();
        RunDirectory.Open(_folder.Path).Dispose();
    }

    [Fact]
    public void Write_replaces_a_file_whole()
    {
        RunDirectory.Write(_folder.File("summary.json"), "old");

        RunDirectory.Write(_folder.File("summary.json"), "new");

        Assert.Equal("new", File.ReadAllText(_folder.File("summary.json")));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_run_that_would_not_fit_is_refused_with_both_sizes()
    {
        var error = Assert.Throws<ForgeException>(() => DiskSpace.Require(_folder.Path, long.MaxValue, "checkpoints"));

        Assert.Contains("checkpoints", error.Message, StringComparison.Ordinal);
        Assert.Equal("6.1 MB", DiskSpace.Show(6_100_000));
    }

    public void Dispose() => _folder.Dispose();
}
