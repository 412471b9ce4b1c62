using Forge.Core.Ring;
using Forge.Rollout.Decoding;

namespace Forge.Rollout.Tests.Decoding;

/// <summary>Feeds a decoder by hand and keeps the logits of every row.</summary>
internal sealed class DecoderDriver(IDecoder decoder)
{
    private static readonly TokenSampling Greedy = new(new SamplingParameters { Temperature = 0 }, 0, 0);

    private readonly DecodeBatch _batch = new(decoder.Config, decoder.MaxRows, recordRouting: true) { WantLogits = true };

    /// <summary>Runs one step of several chunks (slot, first position, ids); returns the logits and the experts per row.</summary>
    public (float[][] Logits, byte[][] Experts) Step(params (int Slot, int Position, int[] Ids)[] chunks)
    {
        _batch.Clear();
        foreach (var (slot, position, ids) in chunks)
        {
            for (var i = 0; i < ids.Length; i++)
            {
                _batch.AddRow(ids[i], slot, position + i);
                _batch.DrawAfterLastRow(Greedy);
            }
        }

        decoder.Step(_batch);
        return (
            [.. Enumerable.Range(0, _batch.Outputs).Select(output => _batch.LogitsOf(output).ToArray())],
            [.. Enumerable.Range(0, _batch.Outputs).Select(output => _batch.ExpertsOf(output).ToArray())]);
    }
}
