using System.Text;
using Forge.Core.Storage;

namespace Forge.Core.Tests.Storage;

public sealed class DurableFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("forge-durable").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Write_replaces_the_whole_content()
    {
        var path = Path.Combine(_folder, "a.txt");
        File.WriteAllText(path, "a longer old text");

        DurableFile.Write(path, stream => stream.Write("new"u8));

        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Write_that_fails_halfway_keeps_the_old_content_and_leaves_nothing_behind()
    {
        var path = Path.Combine(_folder, "a.txt");
        File.WriteAllText(path, "old");

        Assert.Throws<IOException>(() => DurableFile.Write(path, stream =>
        {
            stream.Write(Encoding.UTF8.GetBytes("half"));
            throw new IOException("No space left on device");
        }));

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Flush_of_a_missing_folder_names_it()
    {
        var error = Assert.Throws<IOException>(() => DurableFolder.Flush(Path.Combine(_folder, "nowhere")));

        Assert.Contains("nowhere", error.Message, StringComparison.Ordinal);
    }
}
