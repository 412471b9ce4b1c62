// N hidden rows, M scored edges, C edges of one chunk, D model, V vocabulary
using static TorchSharp.torch;

namespace Forge.Learning.Model.Scoring;

/// <summary>
/// Computes the log-probability of each edge's target and the entropy of its distribution chunk by chunk, so that the logits of all
/// edges never stand in memory at once; backward computes each chunk's again.
/// </summary>
/// <remarks>
/// Arguments of <c>apply</c>: hidden_ND, head_VD, targets_M, rows_M (both int64; null rows score row i with target i), temperature (double), the
/// most logits at once (long). Result: log-probabilities (differentiable), entropies (not). With z = x · headᵀ / temperature and p = softmax(z):
/// <code>
/// log π(t) = log_softmax(z)_t      entropy = − Σ_v p_v log p_v      ∂ log π(t) / ∂z = onehot(t) − p
/// </code>
/// </remarks>
internal sealed class EdgeScoreFunction : autograd.MultiTensorFunction<EdgeScoreFunction>
{
    /// <summary>256 MiB of fp32 logits: enough rows to keep a GPU busy, little beside a layer's activations.</summary>
    public const long LogitsPerChunk = 1L << 26;

    private const string TemperatureKey = "temperature";
    private const string ChunkKey = "chunk";

    public override string Name => nameof(EdgeScoreFunction);

    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var inputs = vars.OfType<Tensor>().ToList();
        var (temperature, logits) = ((double)vars[^2], (long)vars[^1]);
        var head = new HeadProducts(inputs[1]);
        var edges = inputs[2].shape[0];
        var (logProb_M, entropy_M) = (Column(edges, head, inputs[0]), Column(edges, head, inputs[0]));
        foreach (var (start, count) in Chunks(inputs, logits))
        {
            using var scope = NewDisposeScope();
            var logProbs_CV = LogProbs(head, Rows(inputs, start, count), temperature);
            var targets_C1 = inputs[2].narrow(0, start, count).unsqueeze(1);
            logProb_M.narrow(0, start, count).copy_(logProbs_CV.gather(1, targets_C1).squeeze(1));
            entropy_M.narrow(0, start, count).copy_(logProbs_CV.exp().mul_(logProbs_CV).sum(-1).neg_());
        }

        ctx.save_for_backward(inputs);
        ctx.save_data(TemperatureKey, temperature);
        ctx.save_data(ChunkKey, logits);
        ctx.mark_non_differentiable([entropy_M]);
        return [logProb_M, entropy_M];
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
    {
        var inputs = ctx.get_saved_variables();
        var (temperature, logits) = ((double)ctx.get_data(TemperatureKey), (long)ctx.get_data(ChunkKey));
        var head = new HeadProducts(inputs[1]);
        var rowGradient_ND = zeros(inputs[0].shape, dtype: head.WideDtype, device: inputs[0].device);
        var headGradient_VD = zeros(inputs[1].shape, dtype: head.WideDtype, device: inputs[1].device);
        foreach (var (start, count) in Chunks(inputs, logits))
        {
            using var scope = NewDisposeScope();
            var rows_CD = Rows(inputs, start, count);
            var gradient_C1 = grad_outputs[0].narrow(0, start, count).unsqueeze(1).div(temperature);
            var logitGradient_CV = LogProbs(head, rows_CD, temperature).exp_().mul_(gradient_C1.neg());
            logitGradient_CV.scatter_add_(1, inputs[2].narrow(0, start, count).unsqueeze(1), gradient_C1);
            var (rowPart_CD, headPart_VD) = head.Gradients(logitGradient_CV, rows_CD);
            headGradient_VD.add_(headPart_VD);
            Add(rowGradient_ND, inputs, start, rowPart_CD);
        }

        return [rowGradient_ND.to_type(inputs[0].dtype), headGradient_VD.to_type(inputs[1].dtype), null!, null!, null!, null!];
    }

    private static Tensor Column(long edges, HeadProducts head, Tensor like) => empty([edges], dtype: head.WideDtype, device: like.device);

    private static IEnumerable<(long Start, long Count)> Chunks(List<Tensor> inputs, long logits)
    {
        var (edges, size) = (inputs[2].shape[0], Math.Max(1, logits / inputs[1].shape[0]));
        for (var start = 0L; start < edges; start += size)
        {
            yield return (start, Math.Min(size, edges - start));
        }
    }

    private static Tensor Rows(List<Tensor> inputs, long start, long count)
        => inputs.Count == 4 ? inputs[0].index_select(0, inputs[3].narrow(0, start, count)) : inputs[0].narrow(0, start, count);

    private static Tensor LogProbs(HeadProducts head, Tensor rows_CD, double temperature)
        => head.Logits(rows_CD).div_(temperature).log_softmax(-1);

    private static void Add(Tensor sum_ND, List<Tensor> inputs, long start, Tensor part_CD)
    {
        var count = part_CD.shape[0];
        if (inputs.Count == 4)
        {
            sum_ND.index_add_(0, inputs[3].narrow(0, start, count), part_CD, 1);
        }
        else
        {
            sum_ND.narrow(0, start, count).add_(part_CD);
        }
    }
}
