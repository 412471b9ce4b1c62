using System.Globalization;
using System.Text.RegularExpressions;

namespace Forge.Repository.Tests;

/// <summary>The kinds of values that cross the border to <c>native/</c> are declared in three places, which no compiler compares.</summary>
public sealed partial class TensorTagTests
{
    private static readonly Dictionary<string, int> Native = Members("native/include/forge_torch.h", "enum class Tag");

    [Fact]
    public void The_header_declares_a_number_for_every_kind()
        => Assert.Equal(Enumerable.Range(0, Native.Count), Native.Values);

    [Theory]
    [InlineData("compat/TorchSharp/Interop/NativeTag.cs", "enum NativeTag")]
    [InlineData("src/Learning/Torch/TorchTag.cs", "enum TorchTag")]
    public void CSharp_states_the_numbers_of_the_header(string file, string declaration)
    {
        var members = Members(file, declaration);

        Assert.NotEmpty(members);
        Assert.All(members, member => Assert.Equal(Native[member.Key], member.Value));
    }

    [Fact]
    public void The_stand_in_knows_every_kind()
        => Assert.Equal(Native, Members("compat/TorchSharp/Interop/NativeTag.cs", "enum NativeTag"));

    private static Dictionary<string, int> Members(string file, string declaration)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, file));
        var body = text[text.IndexOf(declaration, StringComparison.Ordinal)..];
        body = body[(body.IndexOf('{', StringComparison.Ordinal) + 1)..body.IndexOf('}', StringComparison.Ordinal)];
        var members = new Dictionary<string, int>();
        foreach (Match match in Member().Matches(body))
        {
            var number = match.Groups["number"];
            members.Add(match.Groups["name"].Value, number.Success ? int.Parse(number.Value, CultureInfo.InvariantCulture) : members.Values.LastOrDefault(-1) + 1);
        }

        return members;
    }

    [GeneratedRegex(@"^ +(?<name>\w+)(?: = (?<number>\d+))?,", RegexOptions.Multiline)]
    private static partial Regex Member();
}
