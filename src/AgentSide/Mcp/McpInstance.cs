using Forge.AgentSide.Environments;
using Forge.AgentSide.Tools;

namespace Forge.AgentSide.Mcp;

/// <summary>One episode with a server, and a folder, of its own.</summary>
internal sealed class McpInstance(McpTask task, McpOptions options) : IEnvironmentInstance
{
    private readonly EpisodeFolder _folder = new(options.Files);
    private McpToolServer? _server;

    public async ValueTask<string> BeginAsync(CancellationToken cancellationToken)
    {
        _server = await McpToolServer.StartAsync(options, _folder.Path, cancellationToken);
        return "";
    }

    public async Task<ToolObservation> CallToolAsync(string name, string argumentsJson, CancellationToken cancellationToken)
    {
        var server = _server ?? throw new InvalidOperationException("The episode was not begun.");
        if (!server.Tools.Any(tool => tool.Name == name))
        {
            return ToolObservation.Invalid("no such tool");
        }

        using var arguments = ToolArguments.Parse(argumentsJson);
        return arguments is not null
            ? await server.CallAsync(name, arguments.RootElement, cancellationToken)
            : ToolObservation.Invalid("arguments are not an object");
    }

    public EnvironmentScore Score(string finalAnswer) => finalAnswer.Trim() == task.Answer ? EnvironmentScore.Solved : EnvironmentScore.Unsolved;

    // A server may take its time to end; the next episode does not wait for it.
    public void Dispose() => _ = EndAsync();

    internal async Task EndAsync()
    {
        using (_folder)
        {
            if (_server is { } server)
            {
                _server = null;
                await server.DisposeAsync();
            }
        }
    }
}
