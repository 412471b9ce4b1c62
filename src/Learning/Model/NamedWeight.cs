using System.Globalization;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace Forge.Learning.Model;

/// <summary>One weight under its public checkpoint name.</summary>
/// <param name="Name">Such as <c>model.layers.0.block_sparse_moe.experts.3.w1.weight</c>.</param>
/// <param name="Value">A contiguous view of the live tensor.</param>
/// <param name="IsTrained">False for buffers: the routers' selection biases.</param>
public sealed partial record NamedWeight(string Name, Tensor Value, bool IsTrained)
{
    /// <summary>
    /// Whether checkpoints keep it in fp32 whatever the rest is saved in: router weights and selection biases.
    /// </summary>
    public bool IsKeptWide => Name.EndsWith(".gate.weight", StringComparison.Ordinal) || !IsTrained;

    internal static IEnumerable<NamedWeight> Expand(string name, Tensor value, bool isTrained)
    {
        var stack = StackedExperts().Match(name);
        if (!stack.Success)
        {
            yield return new NamedWeight(name, value.detach(), isTrained);
            yield break;
        }

        using var whole = value.detach();
        for (var expert = 0; expert < value.shape[0]; expert++)
        {
            var number = expert.ToString(CultureInfo.InvariantCulture);
            yield return new NamedWeight(
                $"{stack.Groups["prefix"].Value}.{number}.{stack.Groups["role"].Value}.weight", whole.select(0, expert), isTrained);
        }
    }

    [GeneratedRegex(@"^(?<prefix>.*\.experts)\.(?<role>w[123])$")]
    private static partial Regex StackedExperts();
}
