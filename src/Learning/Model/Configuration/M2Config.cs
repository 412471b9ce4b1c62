using System.Text.Json.Nodes;

namespace Forge.Learning.Model.Configuration;

/// <summary>Describes a MiniMax-M2 model by the numbers of its public <c>config.json</c>.</summary>
/// <remarks>
/// Keys that do not change the forward pass are kept verbatim in <see cref="OtherKeys"/> and written back, so that a
/// checkpoint opens in other tools as before. Read with <see cref="M2ConfigReader"/>, write with
/// <see cref="M2ConfigWriter"/>.
/// </remarks>
public sealed record M2Config
{
    public required int VocabSize { get; init; }

    public required int HiddenSize { get; init; }

    public required int NumHiddenLayers { get; init; }

    public required int NumAttentionHeads { get; init; }

    public required int NumKeyValueHeads { get; init; }

    /// <summary>Channels per head; the query width is heads × this, and need not be the hidden size.</summary>
    public required int HeadDim { get; init; }

    /// <summary>Leading channels of each head that rotate; even, at most <see cref="HeadDim"/>.</summary>
    public required int RotaryDim { get; init; }

    /// <summary>Inner width of one expert.</summary>
    public required int IntermediateSize { get; init; }

    public required int NumLocalExperts { get; init; }

    public required int NumExpertsPerToken { get; init; }

    public double RopeTheta { get; init; } = 5_000_000;

    public double RmsNormEps { get; init; } = 1e-6;

    public int MaxPositionEmbeddings { get; init; } = 4096;

    /// <summary>Standard deviation of a fresh model's weights.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>
    /// Multi-token-prediction modules that the layout announces; public checkpoints hold no weights for them.
    /// </summary>
    public int NumMtpModules { get; init; }

    public int MtpTransformerLayers { get; init; } = 1;

    /// <summary>Ids that end generation; empty when the file has null.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    public int? BosTokenId { get; init; }

    /// <summary>Every key of the file that has no property here, verbatim.</summary>
    public JsonObject OtherKeys { get; init; } = [];

    public int QueryWidth => NumAttentionHeads * HeadDim;

    public int KeyValueWidth => NumKeyValueHeads * HeadDim;

    /// <summary>Number of weights, by the formula of the architecture (embedding and head counted once each).</summary>
    public long ParameterCount
    {
        get
        {
            var attention = (2L * QueryWidth + 2L * KeyValueWidth) * HiddenSize + QueryWidth + KeyValueWidth;
            var experts = 3L * NumLocalExperts * IntermediateSize * HiddenSize;
            var router = (long)NumLocalExperts * (HiddenSize + 1);
            return NumHiddenLayers * (attention + experts + router + 2L * HiddenSize)
                + 2L * VocabSize * HiddenSize + HiddenSize;
        }
    }
}
