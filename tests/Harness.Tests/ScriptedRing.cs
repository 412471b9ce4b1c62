using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using Forge.AgentSide.Agents;
using Forge.AgentSide.BlackBox;
using Forge.AgentSide.BlackBox.Desk;
using Forge.AgentSide.BlackBox.Programs;
using Forge.AgentSide.Demonstrations;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Evaluation;
using Forge.AgentSide.Records;
using Forge.AgentSide.Rewards;
using Forge.Core.Ring;
using Forge.Core.Text.MiniMax;
using Forge.Core.Text.Tokenization;
using Forge.Gateway;
using Forge.Gateway.Http;
using Forge.Hosting.Keys;
using Forge.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Harness.Tests;

/// <summary>
/// The records environment behind the real gateway and the real desk, with an engine that says what the environment's own solver would:
/// every program that plays properly solves its task. The tools fail often, so that episodes have many turns.
/// </summary>
internal sealed class ScriptedRing : IAsyncDisposable
{
    private static readonly MiniMaxM2ChatFormat Format = new();
    private static readonly RecordsEnvironment Environment = new(new RecordsOptions { FailureRate = 0.6 });
    private static readonly Lazy<ByteLevelBpeTokenizer> Tokenizer = new(() => ByteLevelBpeTokenizer.Parse(
        BaseTokenizer.Train(Environment, Format, new DemonstrationOptions { VocabularySize = 600 })));

    private readonly TemporaryFolder _folder = new();
    private readonly EpisodeCollector _collector = new();
    private readonly EpisodeDesk _desk = new();
    private readonly ConcurrentDictionary<EpisodeId, ImmutableArray<DemonstratedTurn>> _scripts = new();
    private readonly ConcurrentDictionary<EpisodeId, ShellPlayer> _shells = new();
    private readonly ChatGateway _gateway;
    private readonly KeyRing _keys = new(TimeProvider.System);
    private WebApplication _deskApp = null!;
    private HttpFront _front = null!;

    private ScriptedRing()
    {
        var engine = new FakeGenerator(Say);
        _gateway = new ChatGateway(engine, _collector, Tokenizer.Value, Format, new GatewayOptions { ContextLength = 100_000 });
    }

    public GatewayStatistics Statistics => _gateway.Statistics;

    public string Folder => _folder.Path;

    public static async Task<ScriptedRing> StartAsync()
    {
        var ring = new ScriptedRing();
        ring._keys.Add(KeyRing.NewToken(), KeyScope.Admin);
        ring._front = await HttpFront.StartAsync(
            new HttpFrontParts
            {
                Gateway = ring._gateway,
                Options = new GatewayHttpOptions { Address = "http://127.0.0.1:0" },
                Run = "test",
                RunDirectory = ring._folder.Path,
                Keys = ring._keys,
            },
            TestContext.Current.CancellationToken).DefaultTimeout();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        ring._deskApp = builder.Build();
        ring._deskApp.UseRouting();
        ring._deskApp.MapEpisodeDesk(ring._desk);
        await ring._deskApp.StartAsync(TestContext.Current.CancellationToken).DefaultTimeout();
        return ring;
    }

    /// <summary>Plays one task of the hardest level by a program, and gives the episode as the trainer would get it.</summary>
    public async Task<Episode> PlayAsync(string name, ProgramOptions options)
    {
        var (task, seed) = LongTask();
        var id = new EpisodeId(name);
        var conversation = ScriptedEpisode.Play(Environment, task, seed);
        _shells[id] = new ShellPlayer(conversation, Tokenizer.Value);
        var demonstrator = new ScriptedDemonstrator(Environment, Tokenizer.Value, Format, new DemonstrationOptions());
        _scripts[id] = demonstrator.Tokenise(conversation);
        var limits = new AgentLimits { MaxTurns = 100, MaxTokens = 100_000, MaxNewTokens = 1000, Timeout = TimeSpan.FromMinutes(2) };
        var agent = new ProgramAgent(new ProgramAgentParts
        {
            Gateway = _front.Harnesses,
            Programs = new ProcessRunner(TimeProvider.System),
            Desk = _desk,
            DeskAddress = new Uri(_deskApp.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()),
            Options = options,
            Limits = limits,
            Folder = Folder,
        });
        var runner = new EpisodeRunner(Environment, agent, _collector, new EpisodeRunnerOptions(limits, new RewardOptions()), TimeProvider.System);
        await runner.RunAsync(new EpisodePlan(id, task, new SamplingParameters(), seed), TestContext.Current.CancellationToken).ProcessTimeout();
        return _collector.Take(id, new GroupId(0), 0);
    }

    /// <summary>What the program said, for the message of a failed test.</summary>
    public string Output(string name)
    {
        string[] files = ["stdout.txt", "stderr.txt", "outcome.json"];
        return string.Concat(files.Select(file => Path.Combine(Folder, name, file)).Where(File.Exists).Select(file => $"\n== {file}\n{File.ReadAllText(file)}"));
    }

    public async ValueTask DisposeAsync()
    {
        await _front.DisposeAsync();
        await _deskApp.DisposeAsync();
        _folder.Dispose();
    }

    // A harness of its own tools is played by its shell; one that shows the environment's tools, by them.
    private ImmutableArray<int> Say(GenerationRequest request)
        => !_scripts.TryGetValue(request.Session, out var script) ? ShellPlayer.Title(Tokenizer.Value)
            : _shells[request.Session].Next(request) ?? script[request.Turn].ResponseIds;

    // The first seed whose tools fail so often that the solver needs at least ten turns, and never so often on end that a harness sees a loop.
    private static (EnvironmentTask Task, ulong Seed) LongTask()
    {
        for (var seed = 0UL; ; seed++)
        {
            var task = Environment.Sample(TaskSplit.Train, Environment.Levels[^1], seed);
            var calls = ScriptedEpisode.Play(Environment, task, seed).SelectMany(message => message.ToolCalls).Select(call => call.ArgumentsJson).ToList();
            if (calls.Count >= 9 && calls.CountBy(arguments => arguments).Max(entry => entry.Value) <= 3)
            {
                return (task, seed);
            }
        }
    }
}
