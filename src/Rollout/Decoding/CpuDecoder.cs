using Forge.Core.Ring;
using Forge.Learning.Model.Configuration;

namespace Forge.Rollout.Decoding;

/// <summary>Decodes in single precision with the fused native engine (<c>native/cpu/decoder*</c>).</summary>
public sealed unsafe class CpuDecoder : IDecoder
{
    private readonly int _threads;
    private readonly StepModeChooser _modes;
    private readonly TimeProvider _time;
    private IntPtr _handle;

    /// <param name="policy">The policy's sizes.</param>
    /// <param name="slots">Sequences whose KV is kept at once, at least 1.</param>
    /// <param name="maxContext">Most positions of a slot, at least 1; memory is committed as positions are first used.</param>
    /// <param name="maxRows">Most rows of one step.</param>
    /// <param name="threads">Most threads of a step; 0 is one per processor.</param>
    /// <exception cref="ArgumentException">A size is out of range.</exception>
    public CpuDecoder(M2Config policy, int slots, int maxContext, int maxRows, int threads)
    {
        Config = policy;
        Slots = slots;
        MaxContext = maxContext;
        MaxRows = maxRows;
        _time = TimeProvider.System;
        _threads = threads == 0 ? Environment.ProcessorCount : threads;
        _modes = new StepModeChooser(_threads);
        var config = new NativeConfig
        {
            Vocabulary = policy.VocabSize,
            Hidden = policy.HiddenSize,
            Layers = policy.NumHiddenLayers,
            Heads = policy.NumAttentionHeads,
            KeyValueHeads = policy.NumKeyValueHeads,
            HeadDimension = policy.HeadDim,
            RotaryDimension = policy.RotaryDim,
            Experts = policy.NumLocalExperts,
            ExpertsPerToken = policy.NumExpertsPerToken,
            ExpertWidth = policy.IntermediateSize,
            MaxContext = maxContext,
            Slots = slots,
            MaxRows = maxRows,
            NormEpsilon = (float)policy.RmsNormEps,
            RopeTheta = policy.RopeTheta,
        };
        if (DecoderNative.Create(config, out _handle) < 0)
        {
            throw new ArgumentException($"The decode engine cannot be made: {DecoderNative.LastError()}.");
        }
    }

    public M2Config Config { get; }

    public int Slots { get; }

    public int MaxContext { get; }

    public int MaxRows { get; }

    /// <summary>Runs every step in one mode; null lets measurements choose.</summary>
    internal StepMode? ForcedMode { get; init; }

    public void Load(PolicyWeights weights)
    {
        Check(DecoderNative.Stage(_handle));
        foreach (var tensor in weights.Tensors)
        {
            LoadTensor(tensor);
        }

        if (DecoderNative.CheckStaged(_handle) < 0)
        {
            throw new ArgumentException($"Policy version {weights.Version} does not load: {DecoderNative.LastError()}.");
        }
    }

    public void Swap() => Check(DecoderNative.Publish(_handle));

    public void CopySlot(int from, int to, int count) => Check(DecoderNative.CopySlot(_handle, from, to, count));

    public void Step(DecodeBatch batch)
    {
        ObjectDisposedException.ThrowIf(_handle == 0, this);
        var mode = ForcedMode ?? _modes.Choose(batch.Rows);
        var start = _time.GetTimestamp();
        fixed (int* tokens = batch.Tokens, slots = batch.Slots, positions = batch.Positions, outputRows = batch.OutputRows)
        fixed (TokenSampling* sampling = batch.Sampling)
        fixed (SampledToken* samples = batch.Samples)
        fixed (float* logits = batch.Logits)
        fixed (byte* experts = batch.Experts)
        {
            Check(DecoderNative.Step(_handle, new NativeBatch
            {
                Rows = batch.Rows,
                Tokens = tokens,
                Slots = slots,
                Positions = positions,
                Outputs = batch.Outputs,
                OutputRows = outputRows,
                Sampling = sampling,
                Samples = samples,
                Logits = logits,
                Experts = experts,
                Threads = mode == StepMode.Serial ? 1 : _threads,
                Separate = mode == StepMode.Separate ? 1 : 0,
            }));
        }

        _modes.Report(batch.Rows, mode, _time.GetElapsedTime(start));
    }

    public void Dispose()
    {
        if (_handle != 0)
        {
            DecoderNative.Destroy(_handle);
            _handle = 0;
        }
    }

    private static void Check(int result)
    {
        if (result < 0)
        {
            throw new InvalidOperationException($"The decode engine failed: {DecoderNative.LastError()}.");
        }
    }

    private void LoadTensor(WeightTensor tensor)
    {
        var dtype = tensor.DType switch
        {
            "F32" => 0,
            "BF16" => 1,
            "F64" => 2,
            _ => throw new ArgumentException(
                $"Weight '{tensor.Name}' has dtype {tensor.DType}; the decode engine takes F32, BF16 and F64."),
        };
        var columns = tensor.Shape.Length == 0 ? 1 : tensor.Shape[^1];
        var rows = tensor.Shape.Length < 2 ? 1 : tensor.Shape[..^1].Aggregate(1L, (product, size) => product * size);
        var bytes = rows * columns * (dtype == 0 ? 4 : dtype == 1 ? 2 : 8);
        if (tensor.Data.Length != bytes)
        {
            throw new ArgumentException($"Weight '{tensor.Name}' has {tensor.Data.Length} bytes; its shape needs {bytes}.");
        }

        using var pin = tensor.Data.Pin();
        if (DecoderNative.SetWeight(_handle, tensor.Name, pin.Pointer, dtype, rows, columns) < 0)
        {
            throw new ArgumentException($"A weight does not load: {DecoderNative.LastError()}.");
        }
    }
}
