// M scored edges, P rows of the path above a chunk, G key/value heads, K head dim
using Forge.Learning.Model.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Passes;

/// <summary>Goes backward through the chunks, last first, and collects the gradients that cross their boundaries.</summary>
/// <remarks>
/// Gradients of a chunk's kept keys and values are complete when its turn comes, because only later chunks see them. They and those of
/// the parameters are summed in at least fp32.
/// </remarks>
internal sealed class ChunkedBackward
{
    private readonly ChunkedWork _work;
    private readonly ModelInput _whole;
    private readonly IReadOnlyList<IReadOnlyList<KeyValues>> _kept;
    private readonly GradientSum[] _parameters;
    private readonly GradientSum[][] _keys; // chunk, then key and value of every layer

    /// <param name="work">The chunks.</param>
    /// <param name="whole">All rows, with the experts that the forward pass chose.</param>
    /// <param name="kept">For every chunk and layer, keys and values of the rows that later chunks see.</param>
    /// <param name="owner">Owns the sums.</param>
    public ChunkedBackward(ChunkedWork work, ModelInput whole, IReadOnlyList<IReadOnlyList<KeyValues>> kept, DisposeScope owner)
    {
        (_work, _whole, _kept) = (work, whole, kept);
        _parameters = [.. work.Parameters.Select(_ => new GradientSum(owner, work.WideDtype))];
        _keys = [.. kept.Select(layers => Enumerable.Range(0, 2 * layers.Count).Select(_ => work.NewKeySum(owner, work.WideDtype)).ToArray())];
    }

    /// <summary>Computes one chunk again and goes backward through it; the later ones have had their turn.</summary>
    /// <param name="chunk">Which.</param>
    /// <param name="logProbGradient_M">Of all edges; null for zeros.</param>
    /// <param name="entropyGradient_M">Of all edges; null for zeros.</param>
    public void Run(int chunk, Tensor? logProbGradient_M, Tensor? entropyGradient_M)
    {
        var edges = _work.Edges(chunk);
        var isScored = edges.Start.Value < edges.End.Value && (logProbGradient_M ?? entropyGradient_M) is not null;
        if (!isScored && !_keys[chunk].Any(sum => sum.HasAny))
        {
            return;
        }

        using var scope = NewDisposeScope();
        using var graph = enable_grad();
        KeyValues[] past = [.. _work.Past(chunk, _kept).Select(pair => new KeyValues(Leaf(pair.Keys_NGK), Leaf(pair.Values_NGK)))];
        var scores = _work.Run(chunk, _whole, past, null);
        var slopes = new List<(Tensor Output, Tensor Gradient)>();
        Add(slopes, scores.LogProb_M, logProbGradient_M, edges);
        Add(slopes, scores.Entropy_M, entropyGradient_M, edges);
        slopes.AddRange(KeySlopes(chunk, scores.Kept));

        Tensor[] leaves = [.. past.SelectMany(pair => new[] { pair.Keys_NGK, pair.Values_NGK })];
        var gradients = autograd.grad(
            [.. slopes.Select(slope => slope.Output)], [.. _work.Parameters, .. leaves], [.. slopes.Select(slope => slope.Gradient)], allow_unused: true);
        for (var index = 0; index < _parameters.Length; index++)
        {
            _parameters[index].Add(gradients[index]);
        }

        AddKeyGradients(chunk, [.. gradients.Skip(_parameters.Length)]);
    }

    /// <summary>One per parameter, in its dtype; null where nothing depends on it.</summary>
    public IEnumerable<Tensor?> ParameterGradients()
        => _parameters.Zip(_work.Parameters, (sum, parameter) => sum.Value?.to_type(parameter.dtype));

    private Tensor Leaf(Tensor keys) => keys.detach().to_type(_work.WideDtype).requires_grad_(true);

    private static void Add(List<(Tensor Output, Tensor Gradient)> slopes, Tensor? scores, Tensor? gradient_M, Range edges)
    {
        if (scores is not null && gradient_M is not null && scores.requires_grad)
        {
            slopes.Add((scores, gradient_M.narrow(0, edges.Start.Value, scores.shape[0])));
        }
    }

    // What later chunks found enters where the chunk's own backward pass begins.
    private IEnumerable<(Tensor Output, Tensor Gradient)> KeySlopes(int chunk, IReadOnlyList<KeyValues> kept)
        => kept.SelectMany(pair => new[] { pair.Keys_NGK, pair.Values_NGK })
            .Zip(_keys[chunk])
            .Where(pair => pair.Second.HasAny)
            .Select(pair => (pair.First, pair.Second.Value!.to_type(pair.First.dtype)));

    // Each segment of the path gets its rows' part; the segments' later rows are not seen from this chunk.
    private void AddKeyGradients(int chunk, IReadOnlyList<Tensor?> gradients)
    {
        var first = 0L;
        foreach (var segment in _work.Chunks[chunk].Past)
        {
            for (var index = 0; index < gradients.Count; index++)
            {
                var rows = _work.Chunks[segment.Chunk].Kept.Length;
                _keys[segment.Chunk][index].AddRows(gradients[index]?.narrow(0, first, segment.Count), rows);
            }

            first += segment.Count;
        }
    }
}
