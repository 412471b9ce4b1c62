namespace Forge.Trainer.Bench;

/// <summary>One way of merging on one tree: what is timed of it, and what was measured.</summary>
/// <param name="merge">The way.</param>
/// <param name="samples">What is run: all samples of the step, or some.</param>
internal sealed class MergeRun(MergeMode merge, StepSamples samples)
{
    // A first run of this many seconds is as good as a later one.
    private const double LongRun = 30;

    private readonly List<double> _seconds = [];

    public MergeMode Merge => merge;

    /// <summary>Floating-point operations of the whole step over those of what is run.</summary>
    public required double Scale { get; init; }

    /// <summary>The fraction of the step's sequences that is run.</summary>
    public required double Fraction { get; init; }

    /// <summary>Most memory during the first run.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>Runs once for warmth and for the peak of memory; a long run counts as measured.</summary>
    public void WarmUp(BenchPolicy policy, PeakMemory memory)
    {
        memory.Reset();
        var seconds = policy.Step(samples, merge);
        PeakBytes = memory.Bytes;
        if (seconds >= LongRun)
        {
            _seconds.Add(seconds);
        }
    }

    public void Measure(BenchPolicy policy)
    {
        if (_seconds is [] or [< LongRun, ..])
        {
            _seconds.Add(policy.Step(samples, merge));
        }
    }

    /// <summary>Seconds of the whole step: the median of the runs, and what was left out at the rate of what was run.</summary>
    /// <param name="fixedSeconds">What a step takes however little it trains on.</param>
    public double StepSeconds(double fixedSeconds) => Extrapolate(Medians.Of(_seconds), fixedSeconds, Scale);

    /// <param name="seconds">Of what was run.</param>
    /// <param name="fixedSeconds">What a step takes however little it trains on.</param>
    /// <param name="scale">Operations of the whole over those of what was run.</param>
    public static double Extrapolate(double seconds, double fixedSeconds, double scale)
        => seconds + ((scale - 1) * Math.Max(0, seconds - fixedSeconds));
}
