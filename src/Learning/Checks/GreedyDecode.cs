using System.Collections.Immutable;
using Forge.Learning.Model;
using Forge.Learning.Model.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Checks;

/// <summary>Continues one prompt with the most probable token each time, through the key/value cache.</summary>
public static class GreedyDecode
{
    /// <param name="model">The policy.</param>
    /// <param name="prompt">At least one token.</param>
    /// <param name="count">Tokens to generate; end tokens do not stop it.</param>
    /// <returns>The generated ids.</returns>
    public static long[] Continue(MiniMaxM2ForCausalLM model, IReadOnlyList<int> prompt, int count)
    {
        using var scope = NewDisposeScope();
        using var cache = new KvCache(model.Config, model.Placement, slots: 1, capacity: prompt.Count + count);
        var generated = new long[count];
        ImmutableArray<int> ids = [.. prompt];
        var position = 0;
        for (var i = 0; i < count; i++)
        {
            using var step = NewDisposeScope();
            var rows = new CachedRows(
                ids, [.. Enumerable.Repeat(0, ids.Length)], [.. Enumerable.Range(position, ids.Length)]);
            var hidden = model.ForwardCached(rows, cache);
            generated[i] = model.Logits(hidden.narrow(0, ids.Length - 1, 1)).argmax().ToInt64();
            position += ids.Length;
            ids = [(int)generated[i]];
        }

        return generated;
    }
}
