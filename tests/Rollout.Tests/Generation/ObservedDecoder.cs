using Forge.Core.Ring;
using Forge.Learning.Model.Configuration;
using Forge.Rollout.Decoding;

namespace Forge.Rollout.Tests.Generation;

/// <summary>The real decoder, with a hook before each step and a record of its rows.</summary>
internal sealed class ObservedDecoder(IDecoder inner) : IDecoder
{
    private readonly TaskCompletionSource _disposed = new();

    /// <summary>Called on the loop's thread with the number of the step, from 0.</summary>
    public Action<int> BeforeStep { get; set; } = _ => { };

    public List<int> RowsPerStep { get; } = [];

    public M2Config Config => inner.Config;

    public int Slots => inner.Slots;

    public int MaxContext => inner.MaxContext;

    public int MaxRows => inner.MaxRows;

    public Task Disposed => _disposed.Task;

    public void Load(PolicyWeights weights) => inner.Load(weights);

    public void Swap() => inner.Swap();

    public void CopySlot(int from, int to, int count) => inner.CopySlot(from, to, count);

    public void Step(DecodeBatch batch)
    {
        BeforeStep(RowsPerStep.Count);
        RowsPerStep.Add(batch.Rows);
        inner.Step(batch);
    }

    public void Dispose()
    {
        inner.Dispose();
        _disposed.SetResult();
    }
}
