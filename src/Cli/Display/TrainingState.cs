using Forge.Core.Metrics;
using Forge.Core.Ring;

namespace Forge.Cli.Display;

/// <summary>Remembers what a display needs of a run: single-threaded, the display serialises access.</summary>
internal sealed class TrainingState(TimeProvider time)
{
    private const int RecentSteps = 20;

    private readonly Queue<long> _recent = [];
    private readonly long _started = time.GetTimestamp();
    private readonly List<double> _rewards = [];
    private readonly List<double> _successes = [];
    private readonly List<(long Step, EvaluationReport Report)> _evaluations = [];
    private readonly List<string> _notes = [];

    public TrainingFacts? Facts { get; private set; }

    public string Phase { get; private set; } = "starting";

    public long Step { get; private set; }

    /// <summary>The newest value of every figure.</summary>
    public IReadOnlyDictionary<string, double> Latest { get; private set; } = new Dictionary<string, double>();

    /// <summary>Mean reward of each step since this start.</summary>
    public IReadOnlyList<double> Rewards => _rewards;

    /// <summary>Fraction of each step's episodes that succeeded.</summary>
    public IReadOnlyList<double> Successes => _successes;

    public IReadOnlyList<(long Step, EvaluationReport Report)> Evaluations => _evaluations;

    public IReadOnlyList<string> Notes => _notes;

    public TimeSpan Elapsed => time.GetElapsedTime(_started);

    /// <summary>Until the last step at the pace of the last steps, the time limit included; null before there is a pace.</summary>
    public TimeSpan? Remaining
    {
        get
        {
            if (Facts is null || _recent.Count < 2)
            {
                return null;
            }

            var pace = time.GetElapsedTime(_recent.Peek(), _recent.Last()) / (_recent.Count - 1);
            var remaining = pace * Math.Max(0, Facts.LastStep - Step);
            var limit = Facts.TimeLimit - Elapsed;
            return limit < remaining ? (limit > TimeSpan.Zero ? limit : TimeSpan.Zero) : remaining;
        }
    }

    public void Begin(TrainingFacts facts) => (Facts, Step) = (facts, facts.FirstStep);

    public void Enter(string phase) => Phase = phase;

    public void Note(string text) => _notes.Add(text);

    public void Evaluated(long step, EvaluationReport report) => _evaluations.Add((step, report));

    public void Write(long step, IReadOnlyDictionary<string, double> values)
    {
        Step = step;
        if (!values.ContainsKey(MetricNames.RewardMean))
        {
            // Figures of an evaluation before the first step: there is no pace and no curve in them.
            return;
        }

        // Some figures come only now and then, with an evaluation: the last one stays in sight.
        var latest = new Dictionary<string, double>(Latest);
        foreach (var (name, value) in values)
        {
            latest[name] = value;
        }

        Latest = latest;
        _recent.Enqueue(time.GetTimestamp());
        if (_recent.Count > RecentSteps)
        {
            _recent.Dequeue();
        }

        Keep(_rewards, values, MetricNames.RewardMean);
        Keep(_successes, values, MetricNames.Success);
    }

    private static void Keep(List<double> series, IReadOnlyDictionary<string, double> values, string name)
    {
        if (values.TryGetValue(name, out var value) && double.IsFinite(value))
        {
            series.Add(value);
        }
    }
}
