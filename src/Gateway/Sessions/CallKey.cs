using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Forge.Core.Chat;
using Forge.Gateway.Protocols;

namespace Forge.Gateway.Sessions;

/// <summary>Makes one short text of what a call asks: the same for a client that asks again, whatever it says around it.</summary>
internal static class CallKey
{
    /// <summary>SHA-256 of the model, the conversation, the tools and the sampling, in hexadecimal; streaming or not makes no difference.</summary>
    public static string Of(ApiRequest request)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, request.Model);
        Add(hash, request.Messages.Length.ToString(CultureInfo.InvariantCulture));
        foreach (var message in request.Messages)
        {
            Add(hash, message);
        }

        foreach (var tool in request.Tools)
        {
            Add(hash, tool.FunctionJson ?? $"{tool.Name}\n{tool.Description}\n{tool.ParametersJson}");
        }

        Add(hash, string.Create(CultureInfo.InvariantCulture, $"{request.ToolChoice} {request.ParallelToolCalls} {request.Count}"));
        var asked = request.Sampling;
        Add(hash, string.Create(
            CultureInfo.InvariantCulture,
            $"{asked.Temperature} {asked.TopP} {asked.TopK} {asked.Seed} {asked.MaxTokens} {asked.LogProbs} {asked.TopLogProbs}"));
        Add(hash, string.Join('\u0001', asked.Stop));
        Add(hash, request.ResponseSchema?.ToJsonString() ?? "");
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static void Add(IncrementalHash hash, ChatMessage message)
    {
        Add(hash, message.Role.ToString());
        Add(hash, GivenReplies.TextOf(message));
        Add(hash, message.ReasoningContent ?? "");
        Add(hash, message.ToolCallId ?? "");
        foreach (var call in message.ToolCalls)
        {
            Add(hash, call.Id);
            Add(hash, call.Name);
            Add(hash, call.ArgumentsJson);
        }
    }

    // Each text with its length before it: no two requests run into the same bytes.
    private static void Add(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
