using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using Forge.Hosting.Faults;
using Forge.Hosting.Supervision;
using Forge.TestKit;

namespace Forge.Hosting.Tests.Supervision;

[Trait("Tier", "integration")]
[Collection(nameof(AloneInTheProcess))]
public sealed class SupervisorTests : IDisposable
{
    private const string Forever = "trap 'echo ended >> $0; exit 0' TERM; while :; do sleep 0.05; done";

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _said = [];
    private readonly CancellationTokenSource _stop = new();

    public SupervisorTests() => Processes.Create();

    private RunProcesses Processes => new(_folder.Path);

    [Fact]
    public async Task A_killed_process_is_started_again()
    {
        var child = Child("a", Forever, _folder.File("a"));
        var running = Run([child]);
        var first = await ProcessOf("a").DefaultTimeout();

        first.Signal(Signals.Kill);
        var second = await UntilAsync(() => ProcessIdentity.FromFile(Processes.PidFile("a")) is { } found && found != first ? found : (ProcessIdentity?)null);
        await UntilAsync(() => Processes.ReadStatus() is { Processes: [{ State: ProcessState.Running, Restarts: 1 }] } ? true : (bool?)null);
        await _stop.CancelAsync();

        Assert.Equal(ExitCode.Interrupted, await running.DefaultTimeout());
        Assert.False(second.IsAlive);
        Assert.Equal("ended\n", File.ReadAllText(_folder.File("a")));
        Assert.Contains(_said, line => line.StartsWith("a was killed by signal 9", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_goal_that_says_that_it_has_finished_ends_all_in_the_reverse_order()
    {
        var goal = Child("goal", "echo finished > $0; exit 1", Processes.FinishedFile("goal"));
        var running = Run([Child("a", Forever, _folder.File("end")), Child("b", Forever, _folder.File("end")), goal], goal: "goal");

        Assert.Equal(ExitCode.Success, await running.DefaultTimeout());

        Assert.Equal(["b has ended.", "a has ended."], _said.TakeLast(2));
        Assert.Equal("goal has finished", Processes.ReadStatus()!.End);
        Assert.All(Processes.ReadStatus()!.Processes, process => Assert.Equal((ProcessState.Ended, (int?)null), (process.State, process.ProcessId)));
    }

    [Fact]
    public async Task A_goal_that_somebody_else_asked_to_end_is_started_again()
    {
        Processes.MarkFinished("goal");
        var running = Run([Child("goal", Forever, _folder.File("goal"))], goal: "goal");
        var first = await ProcessOf("goal").DefaultTimeout();
        await UntilAsync(() => Processes.ReadStatus() is not null ? true : (bool?)null);

        first.Signal(Signals.Terminate);
        await UntilAsync(() => Processes.ReadStatus() is { Processes: [{ State: ProcessState.Running, Restarts: 1 }] } ? true : (bool?)null);
        await _stop.CancelAsync();

        Assert.Equal(ExitCode.Interrupted, await running.DefaultTimeout());
        Assert.Contains(_said, line => line.StartsWith("goal ended with code 0; starting it again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_process_that_stands_still_is_killed_and_started_again()
    {
        var silent = new ConcurrentDictionary<int, bool>();
        var running = Run([Listening("a", silent)], hangAfter: TimeSpan.FromMilliseconds(300));
        var first = await ProcessOf("a").DefaultTimeout();
        silent[first.Id] = true;

        await UntilAsync(() => Processes.ReadStatus() is { Processes: [{ State: ProcessState.Running, Restarts: 1 }] } ? true : (bool?)null);
        var last = Processes.ReadStatus()!.Processes.Single().LastEnd;
        await _stop.CancelAsync();

        Assert.Equal(ExitCode.Interrupted, await running.DefaultTimeout());
        Assert.Equal("hung and was killed", last);
        Assert.False(first.IsAlive);
        Assert.Contains(_said, line => line.Contains("has not answered for", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_process_that_can_not_run_like_this_is_not_started_again()
    {
        var running = Run([Child("a", Forever, _folder.File("end")), Child("b", "echo wrong key >&2; exit 2")]);

        Assert.Equal(ExitCode.Usage, await running.DefaultTimeout());

        Assert.Equal("wrong key\n", File.ReadAllText(Processes.OutputFile("b")));
        Assert.Equal("ended\n", File.ReadAllText(_folder.File("end")));
    }

    [Fact]
    public async Task A_later_supervisor_adopts_what_an_earlier_one_left()
    {
        Processes.Create();
        var orphan = Child("a", Forever, _folder.File("a"));
        await orphan.StartAsync(TestContext.Current.CancellationToken).DefaultTimeout();
        var before = orphan.ProcessId;

        var running = Run([Child("a", Forever, _folder.File("a"))]);
        await UntilAsync(() => Processes.ReadStatus() is { Processes: [{ State: ProcessState.Running }] } ? true : (bool?)null);
        var adopted = Processes.ReadStatus()!.Processes.Single().ProcessId;
        await _stop.CancelAsync();
        await running.DefaultTimeout();

        Assert.Equal(before, adopted);
        Assert.Null(orphan.ProcessId);
    }

    [Fact]
    public async Task A_second_supervisor_is_refused()
    {
        using var held = Processes.Lock();

        var error = await Assert.ThrowsAsync<UsageException>(() => Run([Child("a", Forever, _folder.File("a"))]).DefaultTimeout());

        Assert.Contains($"process {Environment.ProcessId}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_does_not_end_is_killed_in_the_end()
    {
        var running = Run([Child("a", "trap '' TERM; while :; do sleep 0.05; done", _folder.File("a"))], limit: TimeSpan.FromMilliseconds(300));
        var process = await ProcessOf("a").DefaultTimeout();
        await UntilAsync(() => Processes.ReadStatus() is not null ? true : (bool?)null);

        await _stop.CancelAsync();
        await running.DefaultTimeout();

        Assert.False(process.IsAlive);
        Assert.Contains(_said, line => line.Contains("was killed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_process_that_dies_at_once_again_and_again_ends_the_run()
    {
        var time = new HurriedTime();

        var exit = await new Supervisor(Parts([Child("a", "exit 3")], null, TimeSpan.FromSeconds(5)) with { Time = time })
            .RunAsync(_stop.Token, CancellationToken.None).DefaultTimeout();

        Assert.Equal(ExitCode.Failure, exit);
        Assert.Contains("again and again", Processes.ReadStatus()!.End, StringComparison.Ordinal);
        Assert.Equal(9, Processes.ReadStatus()!.Processes.Single().Restarts);
    }

    [Fact]
    public void A_stranger_with_an_old_id_gets_no_signal()
    {
        using var stranger = Process.Start("sleep", "1000");
        try
        {
            var old = ProcessIdentity.Of(stranger.Id)!.Value with { Start = 1 };

            Assert.False(old.IsAlive);
            Assert.False(old.Signal(Signals.Kill));
            Assert.False(stranger.HasExited);
        }
        finally
        {
            stranger.Kill();
        }
    }

    public void Dispose()
    {
        _stop.Dispose();
        foreach (var file in Directory.GetFiles(Path.Combine(_folder.Path, "processes"), "*.pid").Where(file => !file.EndsWith("supervisor.pid", StringComparison.Ordinal)))
        {
            ProcessIdentity.FromFile(file)?.Signal(Signals.Kill);
        }

        _folder.Dispose();
    }

    private SupervisedProcess Child(string name, string script, params string[] arguments)
        => new(Processes, name, ["sh", "-c", script, .. arguments], answers: null, TimeProvider.System);

    private SupervisedProcess Listening(string name, ConcurrentDictionary<int, bool> silent)
        => new(Processes, name, ["sh", "-c", Forever, _folder.File(name)], async cancellationToken =>
        {
            if (ProcessIdentity.FromFile(Processes.PidFile(name)) is { } process && silent.ContainsKey(process.Id))
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return true;
        }, TimeProvider.System);

    private Task<ExitCode> Run(ImmutableArray<ISupervised> children, string? goal = null, TimeSpan? limit = null, TimeSpan hangAfter = default)
        => Task.Run(() => new Supervisor(Parts(children, goal, limit ?? TimeSpan.FromSeconds(30)) with { HangAfter = hangAfter }).RunAsync(_stop.Token, CancellationToken.None));

    private SupervisorParts Parts(ImmutableArray<ISupervised> children, string? goal, TimeSpan limit)
        => new() { Folder = Processes, Processes = children, Goal = goal, StopLimit = limit, Say = _said.Add };

    private Task<ProcessIdentity> ProcessOf(string name) => UntilAsync(() => ProcessIdentity.FromFile(Processes.PidFile(name)));

    private static async Task<T> UntilAsync<T>(Func<T?> probe)
        where T : struct
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            if (probe() is { } found)
            {
                return found;
            }

            await Task.Delay(20, limit.Token);
        }
    }

    /// <summary>A clock that runs a hundred times as fast.</summary>
    private sealed class HurriedTime : TimeProvider
    {
        private const int Factor = 100;
        private readonly DateTimeOffset _start = System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => _start + ((System.GetUtcNow() - _start) * Factor);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
            => System.CreateTimer(callback, state, dueTime == Timeout.InfiniteTimeSpan ? dueTime : dueTime / Factor, period);
    }
}
