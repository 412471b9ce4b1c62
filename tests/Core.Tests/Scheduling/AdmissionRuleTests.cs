using Forge.Core.Scheduling;
using FsCheck;
using FsCheck.Fluent;

namespace Forge.Core.Tests.Scheduling;

public sealed class AdmissionRuleTests
{
    private static readonly Arbitrary<Setting> Settings = (
        from groupsPerBatch in Gen.Choose(1, 5)
        from extra in Gen.Choose(0, 20)
        from window in Gen.Choose(1, 30)
        from staleness in Gen.Choose(0, 4)
        from script in Gen.Choose(0, int.MaxValue).ArrayOf(60)
        select new Setting(groupsPerBatch, groupsPerBatch + extra, window, staleness, script)).ToArbitrary();

    [Fact]
    public void Decide_admits_up_to_the_in_flight_bound()
    {
        var rule = new AdmissionRule(inFlight: 2, window: 1, groupsPerBatch: 1, maxStaleness: 9);

        Assert.True(rule.Decide([new(0, 0, false)], next: 1, version: 0).IsAdmitted);
        Assert.Equal(
            AdmissionOutcome.InFlightFull, rule.Decide([new(0, 0, false), new(1, 0, false)], next: 2, version: 0).Outcome);
    }

    [Fact]
    public void Decide_paces_for_the_staleness_bound_of_the_new_group()
    {
        var rule = new AdmissionRule(inFlight: 100, window: 1, groupsPerBatch: 2, maxStaleness: 0);

        Assert.True(rule.Decide([new(0, 0, false)], next: 1, version: 0).IsAdmitted);
        Assert.Equal(
            new Admission(AdmissionOutcome.WouldGrowStale, 2),
            rule.Decide([new(0, 0, false), new(1, 0, true)], next: 2, version: 0));
    }

    [Fact]
    public void Decide_paces_for_an_older_group_that_could_be_overtaken()
    {
        var wide = new AdmissionRule(inFlight: 100, window: 4, groupsPerBatch: 2, maxStaleness: 1);
        var narrow = new AdmissionRule(inFlight: 100, window: 3, groupsPerBatch: 2, maxStaleness: 1);
        InFlightGroup[] inFlight = [new(0, DispatchedAt: 0, Taken: false), new(2, DispatchedAt: 1, Taken: false)];

        Assert.Equal(new Admission(AdmissionOutcome.WouldGrowStale, 0), wide.Decide(inFlight, next: 3, version: 1));
        Assert.True(narrow.Decide(inFlight, next: 3, version: 1).IsAdmitted);
    }

    [Fact]
    public void No_group_is_trained_staler_than_the_bound_and_the_run_never_stalls()
        => Prop.ForAll(Settings, setting => Simulate(setting)).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true));

    /// <summary>Dispatches whenever it is allowed, finishes in an arbitrary order, takes and skips; false if anything goes wrong.</summary>
    private static bool Simulate(Setting setting)
    {
        var rule = new AdmissionRule(setting.InFlight, setting.Window, setting.GroupsPerBatch, setting.MaxStaleness);
        var fifo = new WindowedFifo(setting.Window);
        var versions = new Dictionary<long, long>();
        var running = new List<long>();
        var open = new List<long>();
        long version = 0;
        foreach (var number in setting.Script)
        {
            while (rule.Decide(InFlight(), fifo.Dispatched, version).IsAdmitted)
            {
                running.Add(fifo.Dispatched);
                versions[fifo.Dispatch()] = version;
            }

            if (running.Count > 0)
            {
                var index = running[number % running.Count];
                running.Remove(index);
                fifo.Finish(index);
            }

            while (open.Count < setting.GroupsPerBatch && fifo.TryTake(out var taken))
            {
                if (number % 7 == 0)
                {
                    fifo.Consume(taken);
                    versions.Remove(taken);
                }
                else
                {
                    open.Add(taken);
                }
            }

            if (open.Count == setting.GroupsPerBatch && !TrainStep())
            {
                return false;
            }

            if (running.Count == 0 && fifo.FinishedInWindow == 0 && !rule.Decide(InFlight(), fifo.Dispatched, version).IsAdmitted)
            {
                return false;
            }
        }

        return true;

        IReadOnlyCollection<InFlightGroup> InFlight()
            => [.. versions.Select(pair => new InFlightGroup(pair.Key, pair.Value, fifo.IsTaken(pair.Key)))];

        bool TrainStep()
        {
            var fresh = open.TrueForAll(index => version - versions[index] <= setting.MaxStaleness);
            foreach (var index in open)
            {
                fifo.Consume(index);
                versions.Remove(index);
            }

            open.Clear();
            version++;
            return fresh;
        }
    }

    private sealed record Setting(int GroupsPerBatch, int InFlight, int Window, int MaxStaleness, int[] Script);
}
