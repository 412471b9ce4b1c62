using System.Text.Json.Nodes;
using Forge.AgentSide.Mcp;
using Forge.AgentSide.Tools;
using Forge.Core.Ring;
using Forge.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Forge.AgentSide.Tests.Mcp;

/// <summary>A small server of the streamable HTTP transport, with one tool that counts its session's calls.</summary>
public sealed class McpHttpTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, int> _calls = [];

    [Fact]
    public async Task Episodes_at_an_address_have_sessions_of_their_own()
    {
        await using var server = await StartAsync();
        await File.WriteAllLinesAsync(
            _folder.File("questions.jsonl"), Enumerable.Range(0, 20).Select(index => $$"""{"question": "{{index}}?", "answer": "2"}"""), Token);
        var options = new McpOptions { Url = $"{server.Urls.Single()}/mcp", Tasks = _folder.File("questions.jsonl") };
        var environment = await McpEnvironment.CreateAsync(options, Token).DefaultTimeout();
        var task = environment.Sample(TaskSplit.Train, 1, 3);
        using var one = environment.Open(task, 0);
        using var other = environment.Open(task, 1);
        await one.BeginAsync(Token).AsTask().DefaultTimeout();
        await other.BeginAsync(Token).AsTask().DefaultTimeout();

        var first = await one.CallToolAsync("count", "{}", Token).DefaultTimeout();
        var second = await one.CallToolAsync("count", "{}", Token).DefaultTimeout();
        var others = await other.CallToolAsync("count", "{}", Token).DefaultTimeout();

        Assert.Equal("count", Assert.Single(environment.Tools).Name);
        Assert.Equal([ToolObservation.Ok("1"), ToolObservation.Ok("2"), ToolObservation.Ok("1")], [first, second, others]);
    }

    public void Dispose() => _folder.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        application.MapPost("/mcp", (Delegate)AnswerAsync);
        application.MapDelete("/mcp", () => Results.Ok());
        await application.StartAsync(Token).DefaultTimeout();
        return application;
    }

    private async Task<IResult> AnswerAsync(HttpContext context)
    {
        var call = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!;
        if (call["id"] is not { } id)
        {
            return Results.Accepted();
        }

        var result = call["method"]!.GetValue<string>() switch
        {
            "initialize" => Begin(context, call["params"]!["protocolVersion"]!.GetValue<string>()),
            "tools/list" => """{"tools": [{"name": "count", "description": "Counts.", "inputSchema": {"type": "object", "properties": {}}}]}""",
            "tools/call" => $$"""{"content": [{"type": "text", "text": "{{Count(context.Request.Headers["Mcp-Session-Id"].ToString())}}"}]}""",
            _ => null,
        };
        var answer = result is null ? """ "error": {"code": -32601, "message": "no such method"} """ : $"\"result\": {result}";
        return Results.Text($$"""{"jsonrpc": "2.0", "id": {{id.ToJsonString()}}, {{answer}} }""", "application/json");
    }

    private static string Begin(HttpContext context, string version)
    {
        context.Response.Headers["Mcp-Session-Id"] = Guid.NewGuid().ToString("N");
        return $$"""{"protocolVersion": "{{version}}", "capabilities": {"tools": {} }, "serverInfo": {"name": "counter", "version": "1"} }""";
    }

    private int Count(string session)
    {
        lock (_calls)
        {
            return _calls[session] = _calls.GetValueOrDefault(session) + 1;
        }
    }
}
