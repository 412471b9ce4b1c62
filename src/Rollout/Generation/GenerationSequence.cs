using System.Collections.Immutable;
using Forge.Core.Ring;
using Forge.Rollout.Decoding;

namespace Forge.Rollout.Generation;

/// <summary>One sequence in the batch: a completion being generated, or a shared prefix being filled (no ticket, no response).</summary>
internal sealed class GenerationSequence(GenerationTicket? ticket, ImmutableArray<int> prompt, KvSlot slot, int reused)
{
    private readonly List<int> _response = [];
    private readonly List<float> _policyLogProbs = [];
    private readonly List<float> _behaviorLogProbs = [];
    private readonly List<long> _versions = [];
    private readonly List<byte> _experts = [];
    private long _firstStep;
    private long _firstToken;

    public GenerationTicket? Ticket => ticket;

    public ImmutableArray<int> Prompt => prompt;

    public KvSlot Slot => slot;

    /// <summary>Index of its output in the current step; -1 for none.</summary>
    public int Output { get; private set; } = -1;

    /// <summary>Prompt tokens still to compute.</summary>
    public int Unfilled => Math.Max(prompt.Length - slot.Count, 0);

    /// <summary>True when the sequence left the batch.</summary>
    public bool Retired { get; set; }

    /// <summary>Adds up to <paramref name="budget"/> prompt rows, or the one decode row, to the step; returns the prompt rows.</summary>
    public int AddRows(DecodeBatch batch, int budget, PolicyVersion version)
    {
        Output = -1;
        var prefill = Math.Min(Unfilled, budget);
        var rows = Unfilled == 0 ? 1 : prefill;
        for (var row = 0; row < rows; row++)
        {
            var position = slot.Count;
            var token = position < prompt.Length ? prompt[position] : _response[position - prompt.Length];
            batch.AddRow(token, slot.Index, position);
            slot.Append(token, version);
        }

        if (rows > 0 && Unfilled == 0 && ticket is not null)
        {
            Output = batch.DrawAfterLastRow(new TokenSampling(ticket.Request.Sampling, ticket.Request.Turn, _response.Count));
        }

        return prefill;
    }

    /// <summary>Marks the first step that worked on it.</summary>
    public void Begin(long now) => _firstStep = _firstStep == 0 ? now : _firstStep;

    /// <summary>Takes the drawn token; returns why the response ends with it, or Unspecified to go on.</summary>
    public FinishReason Accept(in SampledToken token, ReadOnlySpan<byte> experts, PolicyVersion version, long now, int maxContext)
    {
        _firstToken = _firstToken == 0 ? now : _firstToken;
        _response.Add(token.Id);
        _policyLogProbs.Add(token.PolicyLogProb);
        _behaviorLogProbs.Add(token.BehaviorLogProb);
        _versions.Add(version.Value);
        _experts.AddRange(experts);
        var sampling = ticket!.Request.Sampling;
        if (sampling.StopTokenIds.Contains(token.Id))
        {
            return FinishReason.Stop;
        }

        var full = _response.Count >= sampling.MaxNewTokens || prompt.Length + _response.Count >= maxContext;
        return full ? FinishReason.Length : FinishReason.Unspecified;
    }

    /// <summary>The finished completion.</summary>
    public Completion ToCompletion(FinishReason reason, long now, TimeProvider time)
    {
        var request = ticket!.Request;
        return new Completion
        {
            Id = request.Id,
            Episode = request.Session,
            Turn = request.Turn,
            PromptIds = prompt,
            ResponseIds = [.. _response],
            PolicyLogProbs = [.. _policyLogProbs],
            BehaviorLogProbs = [.. _behaviorLogProbs],
            TokenVersions = [.. _versions],
            OldestKvVersion = slot.Oldest,
            Sampling = request.Sampling,
            FinishReason = reason,
            RoutedExperts = [.. _experts],
            Timings = new CompletionTimings(
                time.GetElapsedTime(ticket.Arrived, _firstStep),
                time.GetElapsedTime(ticket.Arrived, _firstToken),
                time.GetElapsedTime(ticket.Arrived, now),
                reused),
        };
    }
}
