using System.Collections.Immutable;
using Forge.AgentSide.Mcp;
using Forge.Core.Faults;
using Forge.TestKit;

namespace Forge.AgentSide.Tests.Mcp;

public sealed class McpQuestionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Read_gives_the_questions_in_order()
        => Assert.Equal(
            [new McpQuestion("a?", "1"), new McpQuestion("b?", "2")],
            Read("""{"question": "a?", "answer": " 1 "}""", "", """{"answer": "2", "question": "b?"}"""));

    [Theory]
    [InlineData("""{"question": "a?", "anser": "1"}""", ":1: unknown key 'anser'; the nearest is 'answer'")]
    [InlineData("""{"question": "a?"}""", ":1: 'answer' is required")]
    [InlineData("""{"question": 7, "answer": "1"}""", ":1: 'question' is required")]
    [InlineData("[]", ":1: a line is an object")]
    [InlineData("{", ":1: this is no JSON")]
    [InlineData("", "there is no question in it")]
    [InlineData("{\"question\": \"a?\", \"answer\": \"1\"}\n{\"question\": \"a?\", \"answer\": \"2\"}", "'a?' is asked 2 times")]
    public void Read_says_what_is_wrong_and_where(string text, string message)
    {
        var fault = Assert.Throws<ForgeException>(() => Read(text));

        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_names_a_file_that_is_not_there()
        => Assert.Contains("nowhere.jsonl", Assert.Throws<ForgeException>(() => McpQuestions.Read("nowhere.jsonl")).Message, StringComparison.Ordinal);

    public void Dispose() => _folder.Dispose();

    private ImmutableArray<McpQuestion> Read(params string[] lines)
    {
        File.WriteAllLines(_folder.File("questions.jsonl"), lines);
        return McpQuestions.Read(_folder.File("questions.jsonl"));
    }
}
