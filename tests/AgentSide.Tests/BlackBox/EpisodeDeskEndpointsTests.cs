using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Forge.AgentSide.BlackBox;
using Forge.AgentSide.BlackBox.Desk;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Tests.Agents;
using Forge.AgentSide.Tools;
using Forge.Core.Faults;
using Forge.Core.Ring;
using Forge.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.AgentSide.Tests.BlackBox;

public sealed class EpisodeDeskEndpointsTests : IAsyncLifetime
{
    private readonly EpisodeDesk _desk = new();
    private readonly HttpClient _http = new();
    private WebApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        _app.UseRouting();
        _app.MapEpisodeDesk(_desk);
        await _app.StartAsync(TestContext.Current.CancellationToken).DefaultTimeout();
        _http.BaseAddress = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Task_is_the_file_that_the_program_gets()
    {
        using var episode = Open("e", FakeEnvironment.Replying("seen"));

        var (status, body) = await SendAsync(HttpMethod.Get, "/e/e/task", "right key", null);

        Assert.Equal((HttpStatusCode.OK, "hello"), (status, (string?)body["question"]));
    }

    [Fact]
    public async Task Tools_answer_with_text_and_say_what_is_an_error()
    {
        var environment = new FakeEnvironment((name, _) => Task.FromResult(name == "act" ? ToolObservation.Ok("done") : ToolObservation.Invalid("no such tool")));
        using var episode = Open("e", environment);

        var (_, good) = await SendAsync(HttpMethod.Post, "/e/e/tools/act", "right key", """{"a": 1}""");
        var (_, bad) = await SendAsync(HttpMethod.Post, "/e/e/tools/fly", "right key", "{}");

        Assert.Equal(("done", false), ((string?)good["text"], (bool)good["is_error"]!));
        Assert.Equal(("error: no such tool", true), ((string?)bad["text"], (bool)bad["is_error"]!));
        Assert.Equal(["""act {"a": 1}""", "fly {}"], environment.Calls);
    }

    [Theory]
    [InlineData("wrong key")]
    [InlineData(null)]
    public async Task A_call_with_another_key_is_refused(string? key)
    {
        using var episode = Open("e", FakeEnvironment.Replying("seen"));

        var (status, body) = await SendAsync(HttpMethod.Post, "/e/e/tools/act", key, "{}");

        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Contains("'e'", (string?)body["error"]!["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_to_an_episode_that_is_over_is_refused_for_good()
    {
        var (status, body) = await SendAsync(HttpMethod.Post, "/e/gone/reward", "right key", """{"reward": 1}""");

        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request_error"), (status, (string?)body["error"]!["type"]));
    }

    [Fact]
    public async Task Tools_are_refused_beyond_the_bound()
    {
        using var episode = Open("e", FakeEnvironment.Replying("seen"), new ProgramOptions { MaxToolCalls = 1 });

        var (first, _) = await SendAsync(HttpMethod.Post, "/e/e/tools/act", "right key", "{}");
        var (second, _) = await SendAsync(HttpMethod.Post, "/e/e/tools/act", "right key", "{}");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest), (first, second));
    }

    [Fact]
    public async Task A_tool_that_throws_is_remembered_as_the_environments_fault()
    {
        using var episode = Open("e", new FakeEnvironment((_, _) => throw new InvalidOperationException("disk on fire")));

        var (status, _) = await SendAsync(HttpMethod.Post, "/e/e/tools/act", "right key", "{}");

        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Contains("disk on fire", Assert.IsType<EnvironmentFaultException>(episode.Fault).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"reward": 0.25}""", 0.25, false)]
    [InlineData("""{"reward": 1}""", 1.0, true)]
    [InlineData("""{"reward": 0.5, "success": true}""", 0.5, true)]
    [InlineData("""{"reward": 1, "success": false}""", 1.0, false)]
    public async Task A_reward_is_kept_when_the_run_takes_it(string body, double value, bool success)
    {
        using var episode = Open("e", FakeEnvironment.Replying("seen"), new ProgramOptions { Reward = RewardSource.Program });

        var (status, _) = await SendAsync(HttpMethod.Post, "/e/e/reward", "right key", body);

        Assert.Equal((HttpStatusCode.OK, new EnvironmentScore(value, success)), (status, episode.Posted!.Value));
    }

    [Theory]
    [InlineData("""{"reward": 1.5}""")]
    [InlineData("""{"reward": "1"}""")]
    [InlineData("""{"reward": 1, "success": "yes"}""")]
    [InlineData("[1]")]
    [InlineData("nonsense")]
    [InlineData("")]
    public async Task A_reward_that_is_none_is_refused(string body)
    {
        using var episode = Open("e", FakeEnvironment.Replying("seen"), new ProgramOptions { Reward = RewardSource.Program });

        var (status, _) = await SendAsync(HttpMethod.Post, "/e/e/reward", "right key", body);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, null), (status, episode.Posted));
    }

    [Fact]
    public async Task A_reward_is_refused_where_the_verifier_scores()
    {
        using var episode = Open("e", FakeEnvironment.Replying("seen"));

        var (status, body) = await SendAsync(HttpMethod.Post, "/e/e/reward", "right key", """{"reward": 1}""");

        Assert.Equal((HttpStatusCode.Forbidden, null), (status, episode.Posted));
        Assert.Contains("agent_side.program.reward", (string?)body["error"]!["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_beyond_the_bound_is_refused()
    {
        using var episode = Open("e", FakeEnvironment.Replying("seen"));

        var (status, _) = await SendAsync(HttpMethod.Post, "/e/e/tools/act", "right key", new string('x', (1 << 20) + 1));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
    }

    [Fact]
    public async Task After_its_close_an_episode_takes_neither_calls_nor_rewards()
    {
        using var episode = Open("e", FakeEnvironment.Replying("seen"), new ProgramOptions { Reward = RewardSource.Program });
        await episode.CloseAsync().DefaultTimeout();

        var (call, _) = await SendAsync(HttpMethod.Post, "/e/e/tools/act", "right key", "{}");
        var (reward, _) = await SendAsync(HttpMethod.Post, "/e/e/reward", "right key", """{"reward": 1}""");

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, null), (call, reward, episode.Posted));
    }

    private DeskEpisode Open(string name, FakeEnvironment environment, ProgramOptions? options = null)
    {
        var task = environment.Sample(TaskSplit.Train, 1, 3);
        var episode = new DeskEpisode(
            "right key", """{"question": "hello"}""", environment.Open(task, 1), options ?? new ProgramOptions(), TestContext.Current.CancellationToken);
        _desk.Open(new EpisodeId(name), episode);
        return episode;
    }

    private async Task<(HttpStatusCode Status, JsonNode Body)> SendAsync(HttpMethod method, string path, string? key, string? body)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var reply = await _http.SendAsync(request, TestContext.Current.CancellationToken).DefaultTimeout();
        var text = await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken).DefaultTimeout();
        Assert.Equal("false", reply.Headers.GetValues("x-should-retry").Single());
        return (reply.StatusCode, JsonNode.Parse(text)!);
    }
}
