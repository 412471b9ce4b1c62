// N hidden rows, M scored edges, C edges of one chunk, D model, V vocabulary
using static TorchSharp.torch;

namespace Forge.Learning.Model.Scoring;

/// <summary>
/// Computes the log-probability of each edge's target and the entropy of its distribution, both differentiable, chunk by chunk: the
/// logits of all edges never stand in memory at once, and backward computes each chunk's again.
/// </summary>
/// <remarks>
/// Arguments of <c>apply</c>: hidden_ND, head_VD, targets_M, rows_M (both int64; null rows score row i with target i), temperature (double), the
/// most logits at once (long). Result: log-probabilities, entropies. With z = x · headᵀ / temperature and p = softmax(z):
/// <code>
/// log π(t) = log_softmax(z)_t        ∂ log π(t) / ∂z = onehot(t) − p
/// H = − Σ_v p_v log p_v              ∂ H / ∂z_v = − p_v (log p_v + H)
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
        ctx.set_materialize_grads(false);
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
            var logProbs_CV = LogProbs(head, rows_CD, temperature);
            var targets_C1 = inputs[2].narrow(0, start, count).unsqueeze(1);
            var logitGradient_CV = LogitGradient(logProbs_CV, targets_C1, Slice(grad_outputs[0]), Slice(grad_outputs[1]));
            var (rowPart_CD, headPart_VD) = head.Gradients(logitGradient_CV.div_(temperature), rows_CD);
            headGradient_VD.add_(headPart_VD);
            Add(rowGradient_ND, inputs, start, rowPart_CD);

            Tensor? Slice(Tensor? gradient_M) => gradient_M?.narrow(0, start, count).unsqueeze(1);
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

    // Gradients that nothing asked for are null.
    private static Tensor LogitGradient(Tensor logProbs_CV, Tensor targets_C1, Tensor? logProbGradient_C1, Tensor? entropyGradient_C1)
    {
        var probs_CV = logProbs_CV.exp();
        var gradient_CV = logProbGradient_C1 is null ? zeros_like(probs_CV) : probs_CV.mul(logProbGradient_C1.neg());
        if (logProbGradient_C1 is not null)
        {
            gradient_CV.scatter_add_(1, targets_C1, logProbGradient_C1);
        }

        if (entropyGradient_C1 is not null)
        {
            var entropy_C1 = probs_CV.mul(logProbs_CV).sum(-1, keepdim: true).neg_();
            gradient_CV.sub_(logProbs_CV.add(entropy_C1).mul_(probs_CV).mul_(entropyGradient_C1));
        }

        return gradient_CV;
    }

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
