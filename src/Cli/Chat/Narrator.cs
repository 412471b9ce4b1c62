using Forge.AgentSide.Agents;
using Forge.AgentSide.Tools;
using Forge.Core.Chat;
using Forge.Core.Ring;
using Spectre.Console;

namespace Forge.Cli.Chat;

/// <summary>Writes a conversation for a person: thinking in grey, calls in cyan, results in yellow, answers in bold.</summary>
internal sealed class Narrator(IAnsiConsole console)
{
    public void Tell(ChatReply reply)
    {
        if (!string.IsNullOrWhiteSpace(reply.Message.ReasoningContent))
        {
            Line("grey", "thinks", reply.Message.ReasoningContent.Trim());
        }

        if (reply.Message.ToolCalls.IsDefaultOrEmpty && !string.IsNullOrWhiteSpace(reply.Message.Content))
        {
            Line("bold green", "says", reply.Message.Content.Trim());
        }

        if (reply.Malformed)
        {
            Line("red", "", "(malformed: the call or the thinking was not closed)");
        }
    }

    public void Tell(string tool, string argumentsJson, ToolObservation observation)
    {
        Line("aqua", "calls", $"{tool} {argumentsJson}");
        Line(observation.IsError ? "red" : "yellow", "gets", observation.Text);
    }

    public void Tell(AgentOutcome outcome, bool? solved)
    {
        if (outcome.Status != EpisodeStatus.Completed)
        {
            Line("red", "ends", $"{outcome.Cause} {outcome.Text}".Trim());
        }
        else if (solved is { } right)
        {
            Line(right ? "green" : "red", "", right ? "(right)" : "(wrong)");
        }
    }

    private void Line(string style, string who, string text) => console.MarkupLine($"[{style}]{who,7}[/]  [{style}]{Markup.Escape(text)}[/]");
}
