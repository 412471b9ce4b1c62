// N rows, V vocabulary

using Forge.Learning.Model;
using Forge.Learning.Model.Attention;
using Forge.Trainer.Batches;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Trainer.Tests.Steps;

/// <summary>
/// A step's gradient the slow way: each completion alone in its own forward pass, its loss written out token by token
/// (CISPO: −w · min(max(r, lower), upper) · A · log π, r as a constant). Nothing is packed.
/// </summary>
internal static class ReferenceStep
{
    /// <summary>Leaves the gradient of the whole batch in the model and says how many tokens were clipped.</summary>
    public static int Backward(MiniMaxM2ForCausalLM model, TrainingBatch batch, double lower, double upper)
    {
        var clipped = 0;
        foreach (var scored in batch.Completions)
        {
            var completion = scored.Completion;
            var groupTokens = batch.Completions.Where(other => other.GroupIndex == scored.GroupIndex).Sum(other => other.Completion.ResponseIds.Length);
            using var logProb_NV = LogProbs(model, [.. completion.PromptIds, .. completion.ResponseIds[..^1]], completion.Sampling.Temperature);
            for (var token = 0; token < completion.ResponseIds.Length; token++)
            {
                using var logProb = logProb_NV[completion.PromptIds.Length - 1 + token, completion.ResponseIds[token]];
                var ratio = Math.Exp(logProb.ToDouble() - completion.BehaviorLogProbs[token]);
                clipped += ratio < lower || ratio > upper ? 1 : 0;
                var factor = Math.Clamp(ratio, lower, upper) * scored.Advantage / (batch.Groups.Length * groupTokens);
                using var loss = logProb.mul(-factor);
                loss.backward(retain_graph: true);
            }
        }

        return clipped;
    }

    private static Tensor LogProbs(MiniMaxM2ForCausalLM model, int[] ids, double temperature)
    {
        using var scope = NewDisposeScope();
        var input = new ModelInput(
            tensor(ids.Select(id => (long)id).ToArray()), arange(ids.Length, dtype: ScalarType.Int64), new PackedSequences([0, ids.Length]));
        return nn.functional.log_softmax(model.Logits(model.Forward(input)).div(temperature), -1).MoveToOuterDisposeScope();
    }
}
