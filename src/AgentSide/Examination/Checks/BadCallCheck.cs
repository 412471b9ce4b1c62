using System.Collections.Immutable;
using Forge.AgentSide.Environments;

namespace Forge.AgentSide.Examination.Checks;

/// <summary>Whatever a model writes into a call comes back as an observation.</summary>
internal static class BadCallCheck
{
    private const string Name = "bad calls";

    private static readonly string[] Arguments = ["{}", "", "no json", "[1]", """{"a": {"b": [null, 1e999]}}""", "{\"\\ud800\": 1}"];

    /// <summary>Makes calls that no tool can answer, and gives what each play's tools said to them.</summary>
    public static async Task<(ExaminationFinding Finding, ImmutableArray<string> Said)> RunAsync(
        IEnvironment environment, ImmutableArray<EnvironmentTask> tasks, CancellationToken cancellationToken)
    {
        var said = ImmutableArray.CreateBuilder<string>();
        foreach (var task in tasks)
        {
            using var instance = environment.Open(task, task.Reference.Seed ^ 5);
            await instance.BeginAsync(cancellationToken);
            var texts = new List<string>();
            var names = environment.Tools.Select(tool => tool.Name).Append("no_such_tool");
            foreach (var (tool, arguments) in names.SelectMany(tool => Arguments.Select(text => (tool, text))))
            {
                try
                {
                    texts.Add((await instance.CallToolAsync(tool, arguments, cancellationToken)).Text);
                }
                catch (Exception fault) when (fault is not OperationCanceledException)
                {
                    var finding = ExaminationFinding.Failed(
                        Name, $"tool '{tool}' throws {fault.GetType().Name} on '{arguments}': {fault.Message}",
                        "Return ToolObservation.Invalid(…); an exception counts as a broken environment, and its episode is lost.");
                    return (finding, []);
                }
            }

            said.Add(string.Join('\n', texts));
        }

        var calls = (environment.Tools.Length + 1) * Arguments.Length;
        return (ExaminationFinding.Passed(Name, $"{calls} bad calls on each of {tasks.Length} tasks: each answered, none threw"), said.ToImmutable());
    }
}
