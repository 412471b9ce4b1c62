using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using Forge.Hosting.RunFiles;

namespace Forge.Hosting.Tests.RunFiles;

internal sealed class SampleOptions : IValidatableObject
{
    [Range(1, 1000)]
    public int Steps { get; init; } = 10;

    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 0.0003;

    public string Name { get; init; } = "sample";

    public bool Overlap { get; init; } = true;

    public ulong Seed { get; init; } = 1;

    public SampleMode Mode { get; init; } = SampleMode.InOrder;

    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(90);

    public int? Limit { get; init; }

    public ImmutableArray<double> Betas { get; init; } = [0.9, 0.95];

    public ImmutableSortedDictionary<string, double> Shares { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    public SampleLoss Loss { get; init; } = new();

    [AllowedValues("cpu", "cuda")]
    public string Device { get; init; } = "cpu";

    [Secret]
    public string? Token { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Limit < Steps)
        {
            yield return new ValidationResult($"{Limit} is below steps ({Steps}); raise it or lower steps", [nameof(Limit)]);
        }
    }
}
