using Forge.Core.Ring;
using Forge.Learning.Model.Configuration;
using Forge.Rollout.Decoding;

namespace Forge.Contracts.Tests.Generators;

/// <summary>A decoder that stands still whenever a test holds it.</summary>
internal sealed class HeldDecoder(IDecoder inner) : IDecoder
{
    private readonly ManualResetEventSlim _free = new(initialState: true);
    private volatile TaskCompletionSource _stepping = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public M2Config Config => inner.Config;

    public int Slots => inner.Slots;

    public int MaxContext => inner.MaxContext;

    public int MaxRows => inner.MaxRows;

    /// <summary>Holds the next step; the task ends when the decoder stands in it.</summary>
    public Task Hold()
    {
        _stepping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _free.Reset();
        return _stepping.Task;
    }

    public void LetGo() => _free.Set();

    public void Load(PolicyWeights weights) => inner.Load(weights);

    public void Swap() => inner.Swap();

    public void CopySlot(int from, int to, int count) => inner.CopySlot(from, to, count);

    public void Step(DecodeBatch batch)
    {
        if (!_free.IsSet)
        {
            _stepping.TrySetResult();
            _free.Wait();
        }

        inner.Step(batch);
    }

    public void Dispose()
    {
        inner.Dispose();
        _free.Dispose();
    }
}
