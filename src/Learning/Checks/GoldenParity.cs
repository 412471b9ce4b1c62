// T tokens, D model, V vocabulary, E experts, C choices per row
using Forge.Learning.Checkpoints;
using Forge.Learning.Checkpoints.Safetensors;
using Forge.Learning.Model;
using Forge.Learning.Model.Tracing;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Checks;

/// <summary>
/// Compares a checkpoint's outputs on this machine with recorded ones: logits, log-probs, states, routing, loss,
/// gradients and
/// greedy continuation, whichever are recorded.
/// </summary>
/// <remarks>
/// A folder holds a checkpoint and <c>golden/outputs.safetensors</c> with one group of tensors per sequence
/// (<c>seq0.</c>, <c>seq1.</c>, …).
/// Tolerances are those of fp32 arithmetic; TF32 is switched off while it runs on CUDA.
/// </remarks>
public sealed class GoldenParity : IDisposable
{
    private const double StateTolerance = 1e-4;
    private const double WeightTolerance = 1e-5;
    private const double LossTolerance = 1e-5;

    private readonly MiniMaxM2ForCausalLM _model;
    private readonly SafetensorsFile _golden;

    /// <param name="folder">Such as <c>golden/m2_tiny_a</c>.</param>
    /// <param name="placement">fp32 or fp64, on any device.</param>
    /// <param name="kernels">The arithmetic to check; null takes the fastest that fits.</param>
    /// <param name="fp8">How FP8 weights are decoded.</param>
    public GoldenParity(
        string folder, ModelPlacement placement, ModelKernels? kernels = null, Fp8Decoding fp8 = Fp8Decoding.Rounded)
    {
        _golden = SafetensorsFile.Open(Path.Combine(folder, "golden", "outputs.safetensors"));
        _model = CheckpointLoader.Load(folder, placement, kernels, fp8);
        Decoding = fp8;
    }

    public Fp8Decoding Decoding { get; }

    /// <summary>Makes every comparison that the folder has values for.</summary>
    public IReadOnlyList<ParityRow> Run()
    {
        var isCuda = _model.Placement.Device.type == DeviceType.CUDA;
        var tf32 = isCuda && backends.cuda.matmul.allow_tf32;
        if (isCuda)
        {
            backends.cuda.matmul.allow_tf32 = false;
        }

        try
        {
            var sequences = _golden.Entries.Where(entry => entry.Name.EndsWith(".input_ids", StringComparison.Ordinal))
                .Select(entry => entry.Name.Split('.')[0] + ".").Order(StringComparer.Ordinal);
            return [.. sequences.SelectMany(CheckSequence)];
        }
        finally
        {
            if (isCuda)
            {
                backends.cuda.matmul.allow_tf32 = tf32;
            }
        }
    }

    public void Dispose()
    {
        _model.Dispose();
        _golden.Dispose();
    }

    private List<ParityRow> CheckSequence(string prefix)
    {
        using var scope = NewDisposeScope();
        using var trace = new ForwardTrace(TraceContents.All);
        var ids = Ints(prefix + "input_ids");
        var input = ModelInput.Pack([ids], _model.Placement.Device);
        var hidden_TD = _model.Forward(input, trace);
        var rows = new List<ParityRow>();
        var logits = Decoding == Fp8Decoding.Rounded ? "logits" : "logits_dequant_fp32";
        Compare(rows, prefix + logits, _model.Logits(hidden_TD).detach(), StateTolerance);
        if (Decoding == Fp8Decoding.Rounded)
        {
            CheckTrace(rows, prefix, trace);
            CheckScores(rows, prefix, hidden_TD, input.Ids_N);
            CheckGreedy(rows, prefix, ids);
        }

        return rows;
    }

    private void CheckTrace(List<ParityRow> rows, string prefix, ForwardTrace trace)
    {
        Compare(rows, prefix + "hidden.embed", trace.Embedding_ND!, StateTolerance);
        Compare(rows, prefix + "hidden.norm", trace.Norm_ND!, StateTolerance);
        for (var layer = 0; layer < trace.Layers.Count; layer++)
        {
            var (noted, name) = (trace.Layers[layer], $"{prefix}layer{layer}.");
            Compare(rows, $"{prefix}hidden.{layer}", noted.Hidden_ND!, StateTolerance);
            Compare(rows, name + "attn_out", noted.AttentionOutput_ND!, StateTolerance);
            Compare(rows, name + "mlp_out", noted.MixtureOutput_ND!, StateTolerance);
            Compare(rows, name + "router_logits", noted.RouterLogits_NE!, StateTolerance);
            CompareExactly(rows, name + "topk_idx", [.. noted.Choices_NC!.cpu().flatten().data<long>()]);
            Compare(rows, name + "topk_weight", noted.Weights_NC!, WeightTolerance);
        }
    }

    private void CheckScores(List<ParityRow> rows, string prefix, Tensor hidden_TD, Tensor ids_T)
    {
        var last = ids_T.shape[0] - 1;
        var scores = _model.Score(hidden_TD.narrow(0, 0, last), ids_T.narrow(0, 1, last));
        Compare(rows, prefix + "logprobs", scores.LogProb_M.detach(), StateTolerance);
        if (_golden.Find(prefix + "loss") is null)
        {
            return;
        }

        var loss = scores.LogProb_M.mean().neg();
        Compare(rows, prefix + "loss", loss.detach().view(1), LossTolerance);
        _model.zero_grad();
        loss.backward();
        foreach (var gradient in _model.Gradients().Where(gradient => _golden.Find($"{prefix}grad.{gradient.Name}") is not null))
        {
            var largest = _golden.Read($"{prefix}grad.{gradient.Name}").abs().max().ToDouble();
            Compare(rows, $"{prefix}grad.{gradient.Name}", gradient.Value, StateTolerance * largest);
        }

        _model.zero_grad();
    }

    private void CheckGreedy(List<ParityRow> rows, string prefix, int[] prompt)
    {
        if (_golden.Find(prefix + "greedy") is { } entry)
        {
            CompareExactly(rows, prefix + "greedy", GreedyDecode.Continue(_model, prompt, (int)entry.ElementCount));
        }
    }

    private void Compare(List<ParityRow> rows, string name, Tensor actual, double tolerance)
    {
        if (_golden.Find(name) is null)
        {
            return;
        }

        using var scope = NewDisposeScope();
        var expected = _golden.Read(name).to_type(ScalarType.Float64);
        var difference = actual.shape.SequenceEqual(expected.shape)
            ? actual.cpu().to_type(ScalarType.Float64).sub(expected).abs().max().ToDouble()
            : double.NaN;
        rows.Add(new ParityRow(name, difference, tolerance));
    }

    private void CompareExactly(List<ParityRow> rows, string name, long[] actual)
    {
        var expected = Ints(name);
        var differing = actual.Length == expected.Length ? actual.Zip(expected).Count(pair => pair.First != pair.Second) : double.NaN;
        rows.Add(new ParityRow(name, differing, 0));
    }

    private int[] Ints(string name)
    {
        using var scope = NewDisposeScope();
        return _golden.Read(name).to_type(ScalarType.Int32).data<int>().ToArray();
    }
}
