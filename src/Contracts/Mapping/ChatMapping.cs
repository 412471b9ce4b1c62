using Forge.Core.Chat;
using Forge.Core.Ring;
using Wire = Forge.Contracts.V1;

namespace Forge.Contracts.Mapping;

/// <summary>Maps conversations; what is absent and what is empty stay apart.</summary>
public static class ChatMapping
{
    public static Wire.ChatRequest ToWire(this ChatRequest request)
    {
        var wire = new Wire.ChatRequest
        {
            Episode = request.Episode.Value,
            Messages = { request.Messages.Select(message => message.ToWire()) },
            Tools = { request.Tools.Select(ToWire) },
            Sampling = request.Sampling.ToWire(),
        };
        if (request.Patience is { } patience)
        {
            wire.PatienceTicks = patience.Ticks;
        }

        return wire;
    }

    /// <exception cref="InvalidDataException">The message is not whole.</exception>
    public static ChatRequest ToCore(this Wire.ChatRequest wire) => new()
    {
        Episode = new EpisodeId(wire.Episode),
        Messages = [.. wire.Messages.Select(message => message.ToCore())],
        Tools = [.. wire.Tools.Select(ToCore)],
        Sampling = WireFields.Required(wire.Sampling, $"sampling of the call of episode {wire.Episode}").ToCore(),
        Patience = wire.HasPatienceTicks ? TimeSpan.FromTicks(wire.PatienceTicks) : null,
    };

    public static Wire.ChatReply ToWire(this ChatReply reply) => new()
    {
        Completion = reply.Completion.Value,
        Message = reply.Message.ToWire(),
        FinishReason = (Wire.FinishReason)reply.FinishReason,
        Malformed = reply.Malformed,
        PromptTokens = reply.PromptTokens,
        ResponseTokens = reply.ResponseTokens,
    };

    /// <exception cref="InvalidDataException">The message is not whole.</exception>
    public static ChatReply ToCore(this Wire.ChatReply wire) => new()
    {
        Completion = new CompletionId(wire.Completion),
        Message = WireFields.Required(wire.Message, $"message of reply {wire.Completion}").ToCore(),
        FinishReason = WireFields.Member<FinishReason>((int)wire.FinishReason, $"the finish reason of reply {wire.Completion}"),
        Malformed = wire.Malformed,
        PromptTokens = wire.PromptTokens,
        ResponseTokens = wire.ResponseTokens,
    };

    public static Wire.ChatMessage ToWire(this ChatMessage message)
    {
        var wire = new Wire.ChatMessage
        {
            // The wire has a member for "unspecified" before the roles.
            Role = (Wire.ChatRole)((int)message.Role + 1),
            Content = message.Content,
            ToolCalls = { message.ToolCalls.Select(call => new Wire.ToolCall { Id = call.Id, Name = call.Name, ArgumentsJson = call.ArgumentsJson }) },
        };
        if (message.ContentParts is { } parts)
        {
            wire.ContentParts = new Wire.ContentParts { Texts = { parts } };
        }

        if (message.ReasoningContent is { } reasoning)
        {
            wire.ReasoningContent = reasoning;
        }

        if (message.ToolCallId is { } call)
        {
            wire.ToolCallId = call;
        }

        return wire;
    }

    /// <exception cref="InvalidDataException">The role is unknown.</exception>
    public static ChatMessage ToCore(this Wire.ChatMessage wire) => new()
    {
        Role = WireFields.Member<ChatRole>((int)wire.Role - 1, "a message's role"),
        Content = wire.Content,
        ContentParts = wire.ContentParts?.Texts.ToImmutable(),
        ReasoningContent = wire.HasReasoningContent ? wire.ReasoningContent : null,
        ToolCalls = [.. wire.ToolCalls.Select(call => new ToolCall(call.Id, call.Name, call.ArgumentsJson))],
        ToolCallId = wire.HasToolCallId ? wire.ToolCallId : null,
    };

    private static Wire.ToolDefinition ToWire(ToolDefinition tool)
    {
        var wire = new Wire.ToolDefinition { Name = tool.Name, Description = tool.Description, ParametersJson = tool.ParametersJson };
        if (tool.FunctionJson is { } function)
        {
            wire.FunctionJson = function;
        }

        return wire;
    }

    private static ToolDefinition ToCore(Wire.ToolDefinition wire)
        => new(wire.Name, wire.Description, wire.ParametersJson) { FunctionJson = wire.HasFunctionJson ? wire.FunctionJson : null };
}
