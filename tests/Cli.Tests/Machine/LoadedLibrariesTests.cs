using Forge.Cli.Machine;

namespace Forge.Cli.Tests.Machine;

public sealed class LoadedLibrariesTests
{
    private static readonly string[] Maps =
    [
        "7f00-7f01 r-xp 00000000 08:01 1 /usr/lib/libgomp.so.1.0.0",
        "7f01-7f02 r--p 00001000 08:01 1 /usr/lib/libgomp.so.1.0.0",
        "7f02-7f03 r-xp 00000000 08:01 2 /opt/torch/libgomp-a34b3233.so.1",
        "7f03-7f04 rw-p 00000000 00:00 0 [heap]",
        "7f04-7f05 rw-p 00000000 00:00 0",
        "7f05-7f06 r-xp 00000000 08:01 3 /usr/lib/libompl.so",
    ];

    [Fact]
    public void Matching_finds_each_library_once()
        => Assert.Equal(["/opt/torch/libgomp-a34b3233.so.1", "/usr/lib/libgomp.so.1.0.0"], LoadedLibraries.Matching(Maps, ["libgomp", "libiomp5"]));
}
