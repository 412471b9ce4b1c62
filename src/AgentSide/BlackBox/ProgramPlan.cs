using System.Collections.Immutable;
using Forge.AgentSide.BlackBox.Templates;
using Forge.Core.Faults;

namespace Forge.AgentSide.BlackBox;

/// <summary>What is run for every episode: the template, with what the run says otherwise.</summary>
/// <param name="Command">The program and its arguments, with placeholders.</param>
/// <param name="Variables">Environment variables, with placeholders.</param>
/// <param name="Files">Files of the working directory as text, with placeholders.</param>
public sealed record ProgramPlan(
    ImmutableArray<string> Command, ImmutableSortedDictionary<string, string> Variables, ImmutableSortedDictionary<string, string> Files)
{
    /// <exception cref="ForgeException">Neither a template nor a command is given, or the template can't be read.</exception>
    public static ProgramPlan Of(ProgramOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var template = options.Template is { } name ? HarnessTemplate.Load(name) : null;
        ImmutableArray<string> command = options.Command is [_, ..] given ? given : template?.Command ?? [];
        if (command.IsEmpty)
        {
            throw new ForgeException(
                "agent_side.agent is 'program', but no program is named. Set agent_side.program.command=[python3, agent.py], "
                + $"or agent_side.program.template to one of {string.Join(", ", HarnessTemplate.Names)}.");
        }

        var files = template?.Files.Select(file => KeyValuePair.Create(file.Key, string.Concat(file.Value.Select(line => line + "\n"))));
        return new ProgramPlan(
            command,
            (template?.Variables ?? ImmutableSortedDictionary<string, string>.Empty).SetItems(options.Variables),
            (files ?? []).ToImmutableSortedDictionary(StringComparer.Ordinal));
    }
}
