using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Forge.AgentSide.Tools;
using Forge.Core.Chat;
using Forge.Core.Faults;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Forge.AgentSide.Mcp;

/// <summary>One MCP server while it is used: a program of its own, or a session at an address.</summary>
internal sealed class McpToolServer : IAsyncDisposable
{
    private const int KeptErrorLines = 20;

    private readonly McpClient _client;
    private readonly McpOptions _options;

    private McpToolServer(McpClient client, McpOptions options, ImmutableArray<ToolDefinition> tools) => (_client, _options, Tools) = (client, options, tools);

    /// <summary>The server's tools, in its order, without those that the options leave out.</summary>
    public ImmutableArray<ToolDefinition> Tools { get; }

    /// <param name="options">The server.</param>
    /// <param name="folder">The episode's own.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EnvironmentFaultException">The server does not start, or does not speak the protocol.</exception>
    public static async Task<McpToolServer> StartAsync(McpOptions options, string folder, CancellationToken cancellationToken)
    {
        var errors = new ConcurrentQueue<string>();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.StartTimeout);
        try
        {
            var client = await McpClient.CreateAsync(TransportOf(options, folder, errors), cancellationToken: limit.Token);
            var tools = await client.ListToolsAsync(cancellationToken: limit.Token);
            return new McpToolServer(client, options, Offered(options, [.. tools.Select(tool => Definition(tool.ProtocolTool))]));
        }
        catch (Exception fault) when (fault is not ForgeException && !cancellationToken.IsCancellationRequested)
        {
            var server = options.Url.Length > 0 ? options.Url : $"{options.Command} {string.Join(' ', options.Arguments)}";
            throw new EnvironmentFaultException(
                $"The MCP server '{server}' did not start within {options.StartTimeout}: {fault.Message}{string.Concat(errors.Select(line => $"\n  {line}"))}", fault);
        }
    }

    /// <summary>Calls a tool; what it says is wrong, and what takes too long, is an observation.</summary>
    public async Task<ToolObservation> CallAsync(string name, JsonElement arguments, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.CallTimeout);
        try
        {
            var request = new CallToolRequestParams
            {
                Name = name,
                Arguments = arguments.EnumerateObject().DistinctBy(argument => argument.Name).ToDictionary(argument => argument.Name, argument => argument.Value),
            };
            var result = await _client.CallToolAsync(request, limit.Token);
            var text = string.Join('\n', result.Content.Select(block => block is TextContentBlock words ? words.Text : $"[{block.Type}]"));
            return result.IsError == true ? ToolObservation.Failed(text) : ToolObservation.Ok(text);
        }
        catch (McpProtocolException refusal)
        {
            return ToolObservation.Invalid(refusal.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ToolObservation.Failed($"no result within {_options.CallTimeout.TotalSeconds} s");
        }
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    // The program sees the few variables that programs need and none of ours: keys are in them.
    private static IClientTransport TransportOf(McpOptions options, string folder, ConcurrentQueue<string> errors) => options.Url.Length > 0
        ? new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(options.Url),
            TransportMode = HttpTransportMode.StreamableHttp,
            ConnectionTimeout = options.StartTimeout,
        })
        : new StdioClientTransport(new StdioClientTransportOptions
        {
            Command = options.Command,
            Arguments = [.. options.Arguments.Select(argument => argument.Replace(McpOptions.FolderMark, folder, StringComparison.Ordinal))],
            WorkingDirectory = folder,
            InheritEnvironmentVariables = false,
            EnvironmentVariables = StdioClientTransportOptions.GetDefaultEnvironmentVariables(),
            StandardErrorLines = line => Keep(errors, line),
        });

    private static void Keep(ConcurrentQueue<string> errors, string line)
    {
        errors.Enqueue(line);
        if (errors.Count > KeptErrorLines)
        {
            errors.TryDequeue(out _);
        }
    }

    private static ToolDefinition Definition(Tool tool) => new(tool.Name, tool.Description ?? tool.Title ?? tool.Name, tool.InputSchema.GetRawText());

    private static ImmutableArray<ToolDefinition> Offered(McpOptions options, ImmutableArray<ToolDefinition> tools)
    {
        var missing = options.Tools.Except(tools.Select(tool => tool.Name)).ToList();
        return missing.Count > 0
            ? throw new EnvironmentFaultException(
                $"The MCP server has no tool {string.Join(", ", missing)}; it has {string.Join(", ", tools.Select(tool => tool.Name))}"
                + " (agent_side.environment.mcp.tools).")
            : options.Tools.IsEmpty ? tools : [.. tools.Where(tool => options.Tools.Contains(tool.Name))];
    }
}
