using Forge.Learning.Losses;
using Forge.TestKit;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Losses;

/// <summary>A golden batch without its padding and tool text: only trained tokens, row after row, as the trainer hands them over.</summary>
internal sealed class FlatTokens(RlMathCase golden)
{
    public Tensor LogProb_P { get; } = Tensor(Flatten(golden, golden.Rows("log_prob"))).requires_grad_(true);

    /// <summary>Gradient of whatever was propagated back, as rows with zeros where the mask is 0.</summary>
    public double[][] Gradient() => Unflatten(Values(LogProb_P.grad!));

    public PolicyLossInput Input(double[] rowWeights, double[]? tokenFactors = null, string anchor = "old_log_prob")
    {
        var weights = golden.Mask.SelectMany((row, index) => row.Where(trained => trained).Select(_ => rowWeights[index])).ToArray();
        var rows = golden.TokenCounts.Where(count => count > 0).SelectMany((count, row) => Enumerable.Repeat((long)row, count)).ToArray();
        return new PolicyLossInput
        {
            LogProb_P = LogProb_P,
            OldLogProb_P = Column(anchor),
            Advantage_P = Column("advantages"),
            Weight_P = Tensor([.. weights.Select((weight, token) => weight * (tokenFactors?[token] ?? 1))]),
            Sequence_P = tensor(rows),
        };
    }

    public Tensor Column(string name) => Tensor(Flatten(golden, golden.Rows(name)));

    public double[] Flat(string name) => Flatten(golden, golden.Rows(name));

    public double[][] Unflatten(double[] values)
    {
        var next = 0;
        return [.. golden.Mask.Select(row => row.Select(trained => trained ? values[next++] : 0).ToArray())];
    }

    public static double[] Values(Tensor tensor) => tensor.to_type(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();

    private static Tensor Tensor(double[] values) => tensor(values, dtype: ScalarType.Float64);

    private static double[] Flatten(RlMathCase golden, double[][] rows)
        => [.. rows.Zip(golden.Mask).SelectMany(row => row.First.Where((_, column) => row.Second[column]))];
}
