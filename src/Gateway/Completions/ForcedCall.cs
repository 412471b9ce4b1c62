using Forge.Core.Text.MiniMax;
using Forge.Gateway.Protocols;

namespace Forge.Gateway.Completions;

/// <summary>
/// Forces a tool by beginning the answer with the head of the call, as a part of the prompt: what the model then draws is drawn from its
/// own distribution, and nothing that it did not draw is trained on. A forced answer has no thinking.
/// </summary>
internal static class ForcedCall
{
    private const string Head = "\n" + MiniMaxM2Tokens.ThinkClose + "\n\n\n" + MiniMaxM2Tokens.ToolCallOpen + "\n<invoke name=\"";

    /// <summary>How the answer begins; empty when the model is free.</summary>
    /// <exception cref="ApiFaultException">The tool is not among those on offer.</exception>
    public static string Of(ApiRequest request)
    {
        switch (request.ToolChoice.Mode)
        {
            case ToolChoiceMode.Named when request.Tools.Any(tool => tool.Name == request.ToolChoice.Name):
                return $"{Head}{request.ToolChoice.Name}\">\n";
            case ToolChoiceMode.Named:
                throw new ApiFaultException(
                    ApiFaultKind.Invalid, $"tool_choice names '{request.ToolChoice.Name}', which is not among tools; name one of them.", "tool_choice");
            case ToolChoiceMode.Required when request.Tools.IsEmpty:
                throw new ApiFaultException(ApiFaultKind.Invalid, "tool_choice asks for a tool, but the request offers none; send tools.", "tool_choice");
            case ToolChoiceMode.Required when request.Tools.Length == 1:
                return $"{Head}{request.Tools[0].Name}\">\n";
            case ToolChoiceMode.Required:
                return Head;
            default:
                return "";
        }
    }
}
