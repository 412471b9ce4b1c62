using Forge.Learning.Model.Configuration;

namespace Forge.Rollout.Decoding;

/// <summary>
/// The rows of one step and, after it, what they sampled. Rows of one slot are adjacent, in ascending positions, and continue what the
/// slot holds. Reused from step to step; never allocates once it is large enough.
/// </summary>
public sealed class DecodeBatch
{
    private readonly M2Config _config;
    private readonly int[] _tokens;
    private readonly int[] _slots;
    private readonly int[] _positions;
    private readonly int[] _outputRows;
    private readonly TokenSampling[] _sampling;
    private readonly SampledToken[] _samples;
    private readonly byte[] _experts;
    private float[] _logits = [];

    /// <param name="config">The policy's sizes.</param>
    /// <param name="maxRows">Most rows of a step.</param>
    /// <param name="recordRouting">Whether <see cref="ExpertsOf"/> is filled.</param>
    public DecodeBatch(M2Config config, int maxRows, bool recordRouting)
    {
        _config = config;
        _tokens = new int[maxRows];
        _slots = new int[maxRows];
        _positions = new int[maxRows];
        _outputRows = new int[maxRows];
        _sampling = new TokenSampling[maxRows];
        _samples = new SampledToken[maxRows];
        _experts = recordRouting ? new byte[maxRows * RoutingWidth] : [];
    }

    /// <summary>Rows of the step.</summary>
    public int Rows { get; private set; }

    /// <summary>Rows whose next token is drawn.</summary>
    public int Outputs { get; private set; }

    /// <summary>True when the step should also fill <see cref="LogitsOf"/>.</summary>
    public bool WantLogits { get; init; }

    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Rows);

    public ReadOnlySpan<int> Slots => _slots.AsSpan(0, Rows);

    public ReadOnlySpan<int> Positions => _positions.AsSpan(0, Rows);

    /// <summary>Ascending indices of the rows whose next token is drawn.</summary>
    public ReadOnlySpan<int> OutputRows => _outputRows.AsSpan(0, Outputs);

    /// <summary>Aligned to <see cref="OutputRows"/>.</summary>
    public ReadOnlySpan<TokenSampling> Sampling => _sampling.AsSpan(0, Outputs);

    /// <summary>Aligned to <see cref="OutputRows"/>; the decoder fills it.</summary>
    public Span<SampledToken> Samples => _samples.AsSpan(0, Outputs);

    /// <summary>[outputs × layers × experts per token], ascending ids; empty when routing is not recorded.</summary>
    public Span<byte> Experts => _experts.Length == 0 ? [] : _experts.AsSpan(0, Outputs * RoutingWidth);

    /// <summary>[outputs × vocabulary]; empty when not wanted.</summary>
    public Span<float> Logits => WantLogits ? _logits.AsSpan(0, Outputs * _config.VocabSize) : [];

    private int RoutingWidth => _config.NumHiddenLayers * _config.NumExpertsPerToken;

    public void Clear()
    {
        Rows = 0;
        Outputs = 0;
    }

    public void AddRow(int token, int slot, int position)
    {
        _tokens[Rows] = token;
        _slots[Rows] = slot;
        _positions[Rows] = position;
        Rows++;
    }

    /// <summary>Has the token after the row added last drawn; returns the output's index.</summary>
    public int DrawAfterLastRow(in TokenSampling sampling)
    {
        _outputRows[Outputs] = Rows - 1;
        _sampling[Outputs] = sampling;
        Outputs++;
        if (WantLogits && _logits.Length < Outputs * _config.VocabSize)
        {
            Array.Resize(ref _logits, 2 * Outputs * _config.VocabSize);
        }

        return Outputs - 1;
    }

    /// <summary>The experts of one output: [layers × experts per token].</summary>
    public ReadOnlySpan<byte> ExpertsOf(int output) => Experts.Slice(output * RoutingWidth, RoutingWidth);

    /// <summary>The logits of one output: [vocabulary].</summary>
    public ReadOnlySpan<float> LogitsOf(int output) => Logits.Slice(output * _config.VocabSize, _config.VocabSize);
}
