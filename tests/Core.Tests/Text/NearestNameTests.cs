using Forge.Core.Text;

namespace Forge.Core.Tests.Text;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("trian", "train")]
    [InlineData("Train", "train")]
    [InlineData("evall", "eval")]
    [InlineData("learning-rate", "learning_rate")]
    [InlineData("xyz", null)]
    [InlineData("", null)]
    public void Of_finds_what_was_meant(string name, string? expected)
        => Assert.Equal(expected, NearestName.Of(name, ["train", "eval", "sft", "learning_rate"]));
}
