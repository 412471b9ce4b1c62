using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Forge.Core.Ring;

namespace Forge.DataPool.Stores;

/// <summary>
/// SHA-256 of everything of a group that training depends on: tokens, log-probs, versions, rewards, how episodes ended. Fields have
/// their length before them, so no two groups have the same bytes. Recorded hashes depend on this order: it never changes.
/// </summary>
public static class GroupDigest
{
    public static string Of(Group group)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendNumbers(hash, group.Id.Value, group.DispatchedAt.Value, group.Episodes.Length);
        Append(hash, group.Task.Id.Value);
        foreach (var episode in group.Episodes)
        {
            Append(hash, episode.Id.Value);
            AppendNumbers(hash, (long)episode.Result.Status, episode.Result.Success ? 1 : 0, episode.Completions.Length);
            Append(hash, episode.Result.Rewards);
            foreach (var completion in episode.Completions)
            {
                Append(hash, completion);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, Completion completion)
    {
        AppendNumbers(hash, completion.Turn, (long)completion.FinishReason, completion.OldestKvVersion.Value);
        Append(hash, completion.PromptIds);
        Append(hash, completion.ResponseIds);
        Append(hash, completion.PolicyLogProbs);
        Append(hash, completion.BehaviorLogProbs);
        Append(hash, completion.TokenVersions);
        Append(hash, completion.RoutedExperts);
    }

    private static void Append(IncrementalHash hash, string text) => Append(hash, ImmutableCollectionsMarshal.AsImmutableArray(Encoding.UTF8.GetBytes(text)));

    private static void Append<T>(IncrementalHash hash, ImmutableArray<T> values)
        where T : unmanaged
    {
        AppendNumbers(hash, values.IsDefault ? 0 : values.Length);
        hash.AppendData(MemoryMarshal.AsBytes(values.AsSpan()));
    }

    private static void AppendNumbers(IncrementalHash hash, params ReadOnlySpan<long> numbers) => hash.AppendData(MemoryMarshal.AsBytes(numbers));
}
