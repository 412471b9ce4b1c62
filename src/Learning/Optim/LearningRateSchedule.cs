namespace Forge.Learning.Optim;

/// <summary>Says the learning rate of every step; a function of the step alone, so resuming needs no state.</summary>
public sealed class LearningRateSchedule
{
    private readonly LearningRateOptions _options;

    /// <exception cref="ArgumentException">A falling shape without a total beyond the warm-up.</exception>
    public LearningRateSchedule(LearningRateOptions options)
    {
        if (options.Shape != LearningRateShape.Constant && options.TotalSteps <= options.WarmupSteps)
        {
            throw new ArgumentException(
                $"A {options.Shape} schedule needs TotalSteps ({options.TotalSteps}) above WarmupSteps ({options.WarmupSteps}).",
                nameof(options));
        }

        _options = options;
    }

    /// <param name="step">Updates made before this one: 0 for the first.</param>
    public double At(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        if (step < _options.WarmupSteps)
        {
            return _options.Peak * (step + 1) / _options.WarmupSteps;
        }

        if (_options.Shape == LearningRateShape.Constant)
        {
            return _options.Peak;
        }

        var progress = Math.Min(1.0, (double)(step - _options.WarmupSteps) / (_options.TotalSteps - _options.WarmupSteps));
        var remaining = _options.Shape == LearningRateShape.Linear ? 1 - progress : 0.5 * (1 + Math.Cos(Math.PI * progress));
        return _options.Peak * (_options.FinalFraction + (1 - _options.FinalFraction) * remaining);
    }
}
