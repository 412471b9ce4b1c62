// N rows, M scored rows, D model, V vocabulary
using Forge.Learning.Fused;
using Forge.Learning.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Fused;

/// <summary>The fused backward passes against finite differences, and against their own other thread counts.</summary>
public sealed class FusedGradientTests
{
    [Fact]
    public void Backward_equals_central_differences_of_the_model_in_double()
    {
        const double Step = 1e-5;
        using var pair = new KernelPair(TinyModel.Config, ScalarType.Float64, seed: 11);
        var (input, targets_N) = Batch();
        Loss(pair.Fused, input, targets_N).backward();
        var random = new Random(12);

        foreach (var (name, parameter) in pair.Fused.named_parameters())
        {
            var gradient = TinyModel.Values(parameter.grad!);
            for (var probe = 0; probe < 4; probe++)
            {
                var at = random.Next(gradient.Length);
                var difference = (Shifted(parameter, at, Step) - Shifted(parameter, at, -Step)) / (2 * Step);
                Assert.True(
                    Math.Abs(difference - gradient[at]) <= 1e-7 + (1e-6 * Math.Abs(difference)),
                    $"{name}[{at}]: backward gives {gradient[at]:r}, differences {difference:r}.");
            }
        }

        double Shifted(Tensor parameter, int at, double by)
        {
            using var frozen = no_grad();
            var flat = parameter.detach().view(-1);
            var before = flat[at].ToDouble();
            flat[at] = tensor(before + by, dtype: ScalarType.Float64);
            var loss = Loss(pair.Fused, input, targets_N).ToDouble();
            flat[at] = tensor(before, dtype: ScalarType.Float64);
            return loss;
        }
    }

    [Fact]
    public void Entropy_has_the_gradient_of_its_definition()
    {
        var random = new Random(13);
        using var scope = NewDisposeScope();
        var hidden_ND = KernelPair.Random(random, ScalarType.Float64, 9, 10).requires_grad_(true);
        var head_VD = KernelPair.Random(random, ScalarType.Float64, 21, 10).requires_grad_(true);
        var targets_M = zeros([9], dtype: ScalarType.Int64);
        var slope_M = KernelPair.Random(random, ScalarType.Float64, 9);

        LogProbsFunction.apply(hidden_ND, head_VD, targets_M, null!, 1.3)[1].backward([slope_M]);
        var own = new[] { hidden_ND.grad!.clone(), head_VD.grad!.clone() };
        (hidden_ND.grad, head_VD.grad) = (null, null);
        var logProbs_NV = hidden_ND.matmul(head_VD.t()).div(1.3).log_softmax(-1);
        logProbs_NV.exp().mul(logProbs_NV).sum(-1).neg().backward([slope_M]);

        KernelPair.AssertClose("hidden", hidden_ND.grad!, own[0], 1e-12);
        KernelPair.AssertClose("head", head_VD.grad!, own[1], 1e-12);
    }

    [Fact]
    public void Results_are_bitwise_equal_for_any_number_of_threads()
    {
        var threads = get_num_threads();
        using var pair = new KernelPair(TinyModel.Config, ScalarType.Float32, seed: 14);
        var (input, targets_N) = Batch();
        try
        {
            var single = Gradients(1);
            foreach (var count in new[] { 2, 3, 5 })
            {
                Assert.Equal(single, Gradients(count));
            }
        }
        finally
        {
            set_num_threads(threads);
        }

        List<double> Gradients(int count)
        {
            set_num_threads(count);
            var values = new List<double>();
            foreach (var parameter in pair.Fused.parameters())
            {
                parameter.grad = null;
            }

            var loss = Loss(pair.Fused, input, targets_N);
            loss.backward();
            values.Add(loss.ToSingle());
            values.AddRange(pair.Fused.parameters().SelectMany(parameter => TinyModel.Values(parameter.grad!)));
            return values;
        }
    }

    [Fact]
    public void Backward_a_second_time_says_that_activations_are_gone()
    {
        using var pair = new KernelPair(TinyModel.Config, ScalarType.Float32, seed: 15);
        var (input, targets_N) = Batch();
        var loss = Loss(pair.Fused, input, targets_N);
        loss.backward(retain_graph: true);

        var error = Assert.ThrowsAny<Exception>(() => loss.backward());

        Assert.Contains("given back after its first backward pass", error.Message, StringComparison.Ordinal);
    }

    private static (ModelInput Input, Tensor Targets_N) Batch()
    {
        var random = new Random(16);
        int[] lengths = [1, 70, 2, 1, 33];
        var ids = lengths.Select(length => (IReadOnlyList<int>)[.. Enumerable.Range(0, length).Select(_ => random.Next(61))]).ToList();
        var targets = Enumerable.Range(0, lengths.Sum()).Select(_ => (long)random.Next(61)).ToArray();
        return (ModelInput.Pack(ids, CPU), tensor(targets, dtype: ScalarType.Int64));
    }

    private static Tensor Loss(MiniMaxM2ForCausalLM model, ModelInput input, Tensor targets_N)
        => model.Score(model.Forward(input), targets_N).LogProb_M.mean().neg();
}
