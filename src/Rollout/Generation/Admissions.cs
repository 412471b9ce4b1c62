using System.Collections.Immutable;
using Forge.Core.Ring;
using Forge.Rollout.Decoding;

namespace Forge.Rollout.Generation;

/// <summary>Gives waiting requests their slot and as much ready KV as there is.</summary>
/// <remarks>
/// In order of preference, a prompt's leading tokens come from the session's own slot (its earlier turns), from any slot
/// that holds them under the newest policy (copied: a shared system prompt, the prompt of a group), or from a sequence that
/// is computing them right now (waited for). KV does not depend on who computed it, so none of this changes a result.
/// </remarks>
internal sealed class Admissions(SlotTable slots, IDecoder decoder, RolloutOptions options)
{
    // Fewer tokens are computed faster than they are waited for or copied.
    private const int WorthSharing = 16;

    /// <summary>
    /// Places a request; null when it has to wait, for a prefix (<see cref="GenerationTicket.Awaited"/> is set) or for a slot.
    /// A shared prefix that has to be computed first joins <paramref name="running"/>.
    /// </summary>
    public GenerationSequence? TryPlace(GenerationTicket ticket, PolicyVersion version, List<GenerationSequence> running)
    {
        var prompt = ticket.Request.PromptIds;
        var own = slots.OwnOf(ticket.Request.Session, prompt.AsSpan());
        var kept = own is null || (!options.ReuseStaleKv && own.Oldest != version) ? 0 : own.Match(prompt.AsSpan());
        var (source, copied) = slots.LongestPrefix(prompt.AsSpan(), version);
        var ready = Math.Max(kept, copied);
        if (Ahead(ticket.Request, ready, version, running) is { } ahead)
        {
            ticket.Awaited = ahead;
            return null;
        }

        if ((own ?? slots.Vacate()) is not { } target)
        {
            return null;
        }

        if (copied >= kept + WorthSharing && source != target)
        {
            decoder.CopySlot(source!.Index, target.Index, copied);
            target.CopyFrom(source, copied);
        }
        else
        {
            target.Truncate(source == target ? copied : own is null ? 0 : kept);
        }

        target.Busy = true;
        target.Session = ticket.Request.Session;
        slots.Touch(target);
        return new GenerationSequence(ticket, prompt, target, target.Count);
    }

    /// <summary>A sequence that will soon hold more of the prompt than is ready now.</summary>
    private (GenerationSequence Sequence, int Length)? Ahead(
        GenerationRequest request, int ready, PolicyVersion version, List<GenerationSequence> running)
    {
        GenerationSequence? best = null;
        var length = ready + WorthSharing - 1;
        foreach (var sequence in running)
        {
            if (sequence.Unfilled > 0 && (sequence.Slot.Count == 0 || sequence.Slot.Oldest == version)
                && CommonPrefix(sequence.Prompt, request.PromptIds) is var common && common > length)
            {
                best = sequence;
                length = common;
            }
        }

        var shared = Math.Min(request.SharedPrefixLength, request.PromptIds.Length - 1);
        if (best is null && shared > length && slots.VacateShared() is { } slot)
        {
            slot.Truncate(0);
            slot.Busy = true;
            slots.Touch(slot);
            best = new GenerationSequence(null, request.PromptIds[..shared], slot, 0);
            length = shared;
            running.Add(best);
        }

        return best is null ? null : (best, length);
    }

    private static int CommonPrefix(ImmutableArray<int> computing, ImmutableArray<int> prompt)
        => Math.Min(prompt.Length - 1, computing.AsSpan().CommonPrefixLength(prompt.AsSpan()));
}
