using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace Forge.AgentSide.Mcp;

/// <summary>Settings of the <c>mcp</c> environment: tools of an MCP server, and questions of a file that are answered with them.</summary>
public sealed class McpOptions : IValidatableObject
{
    /// <summary>What stands for the episode's own folder in <see cref="Arguments"/>.</summary>
    public const string FolderMark = "{folder}";

    /// <summary>The server's program, started for each episode; it talks over its standard input and output.</summary>
    public string Command { get; init; } = "";

    /// <summary>The program's arguments; <c>{folder}</c> stands for the episode's own folder.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>In the place of a program: the address of a server that talks over streamable HTTP.</summary>
    public string Url { get; init; } = "";

    /// <summary>Each episode's folder begins as a copy of this one; empty: it begins empty.</summary>
    public string Files { get; init; } = "";

    /// <summary>The questions: a line of JSON each, <c>{"question": "…", "answer": "…"}</c>.</summary>
    public string Tasks { get; init; } = "";

    /// <summary>The system message.</summary>
    public string Instruction { get; init; } = "Use the tools, then answer.";

    /// <summary>Only these of the server's tools; empty: all.</summary>
    public ImmutableArray<string> Tools { get; init; } = [];

    /// <summary>Longest wait for the server to start and to name its tools.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest wait for a tool's result; beyond it the agent is told so.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Command.Length > 0 && Url.Length > 0)
        {
            yield return new ValidationResult("both command and url are set: a server is a program or an address", [nameof(Url)]);
        }

        if (Url.Length > 0 && (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")))
        {
            yield return new ValidationResult($"'{Url}' is no address; write one such as http://127.0.0.1:3001/mcp", [nameof(Url)]);
        }
    }
}
