using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Forge.Core.Chat;

namespace Forge.Gateway.Protocols;

/// <summary>One call of an agent, whichever protocol it came in: Chat Completions, Responses and Messages are views of this.</summary>
public sealed record ApiRequest
{
    /// <summary>The model's name as it was asked for.</summary>
    public required string Model { get; init; }

    /// <summary>The conversation so far, instructions and system blocks first, one message per turn.</summary>
    public required ImmutableArray<ChatMessage> Messages { get; init; }

    /// <summary>Functions that the model may call; tools of kinds that only their own vendor runs are left out.</summary>
    public ImmutableArray<ToolDefinition> Tools { get; init; } = [];

    public ToolChoice ToolChoice { get; init; } = ToolChoice.Auto;

    public bool ParallelToolCalls { get; init; } = true;

    public AskedSampling Sampling { get; init; } = new();

    /// <summary>Answers to make, 1 to 128.</summary>
    public int Count { get; init; } = 1;

    public bool Stream { get; init; }

    /// <summary>Chat Completions: usage comes as a last chunk.</summary>
    public bool IncludeUsage { get; init; }

    /// <summary>Chat Completions: thinking also comes as <c>reasoning_details</c>.</summary>
    public bool ReasoningSplit { get; init; }

    /// <summary>The JSON schema that the answer's text must follow; null for free text.</summary>
    public JsonObject? ResponseSchema { get; init; }

    /// <summary>What the view must say again in its answer (metadata, store, instructions, …), as it came; null when it has nothing to.</summary>
    public JsonObject? Echo { get; init; }
}
