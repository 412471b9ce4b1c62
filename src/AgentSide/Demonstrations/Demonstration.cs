using System.Collections.Immutable;
using Forge.Core.Packing;
using Forge.Core.Ring;

namespace Forge.AgentSide.Demonstrations;

/// <summary>One played episode as token ids, exactly as the gateway would have put it together.</summary>
/// <param name="Task">What was asked.</param>
/// <param name="Turns">At least one.</param>
public sealed record Demonstration(TaskReference Task, ImmutableArray<DemonstratedTurn> Turns)
{
    /// <summary>The whole episode: the last prompt and the last response.</summary>
    public ImmutableArray<int> Ids => [.. Turns[^1].PromptIds, .. Turns[^1].ResponseIds];

    /// <summary>Aligned to <see cref="Ids"/>: true for tokens that the policy is to say, false for prompts and tool results.</summary>
    public ImmutableArray<bool> Trained
    {
        get
        {
            var trained = new bool[Ids.Length];
            foreach (var turn in Turns)
            {
                trained.AsSpan(turn.PromptIds.Length, turn.ResponseIds.Length).Fill(true);
            }

            return [.. trained];
        }
    }

    /// <summary>The turns as samples of one chain, for the packer.</summary>
    public IEnumerable<TrainingSample> ToSamples(int chain)
        => Turns.Select(turn => new TrainingSample(chain, turn.PromptIds, turn.ResponseIds));
}
