using Forge.Core.Ring;
using Forge.Learning.Model.Configuration;

namespace Forge.Rollout.Decoding;

/// <summary>
/// Computes decode steps over preallocated KV slots. One thread steps, swaps and copies; <see cref="Load"/> may run on another thread
/// meanwhile. What else is in a step changes a row's
/// result by rounding at most, in <see cref="CpuDecoder"/> not at all.
/// </summary>
public interface IDecoder : IDisposable
{
    M2Config Config { get; }

    /// <summary>Sequences whose KV can be kept at once; slots are numbered from 0.</summary>
    int Slots { get; }

    /// <summary>Most positions of a slot.</summary>
    int MaxContext { get; }

    /// <summary>Most rows of one step.</summary>
    int MaxRows { get; }

    /// <summary>Prepares the next weights beside the ones in use.</summary>
    /// <exception cref="ArgumentException">A weight is missing, unknown or misshaped; the message names it.</exception>
    void Load(PolicyWeights weights);

    /// <summary>Makes the loaded weights the ones in use; between two steps.</summary>
    void Swap();

    /// <summary>Copies the KV of the first <paramref name="count"/> positions from one slot to another.</summary>
    void CopySlot(int from, int to, int count);

    /// <summary>Computes the rows, appending their KV, and fills the batch's results.</summary>
    void Step(DecodeBatch batch);
}
