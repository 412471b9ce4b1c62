using Forge.Gateway.Protocols.Chat;
using Forge.Gateway.Protocols.Legacy;
using Forge.Gateway.Protocols.Messages;
using Forge.Gateway.Protocols.Responses;

namespace Forge.Gateway.Protocols;

/// <summary>Lists the APIs that the gateway speaks.</summary>
public static class ApiProtocols
{
    public static IApiProtocol Chat { get; } = new ChatProtocol();

    public static IApiProtocol Responses { get; } = new ResponsesProtocol();

    public static IApiProtocol Messages { get; } = new MessagesProtocol(refusesSampling: false);

    /// <summary>Messages as the vendor has it from version 2026-10-21 on: sampling parameters are refused.</summary>
    public static IApiProtocol StrictMessages { get; } = new MessagesProtocol(refusesSampling: true);

    public static IApiProtocol Legacy { get; } = new LegacyProtocol();

    /// <summary>Who answers which path; paths are without the version, such as <c>/chat/completions</c>.</summary>
    public static IReadOnlyDictionary<string, IApiProtocol> ByPath { get; } = new Dictionary<string, IApiProtocol>(StringComparer.Ordinal)
    {
        ["/chat/completions"] = Chat,
        ["/responses"] = Responses,
        ["/messages"] = Messages,
        ["/completions"] = Legacy,
    };
}
