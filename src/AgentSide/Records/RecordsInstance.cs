using Forge.AgentSide.Environments;
using Forge.AgentSide.Tools;

namespace Forge.AgentSide.Records;

/// <summary>One episode's database and its tools.</summary>
internal sealed class RecordsInstance(RecordsTask task, TransientFaults faults) : IEnvironmentInstance
{
    // Built at the first call: an episode that never calls a tool costs nothing.
    private readonly Lazy<RecordsDatabase> _database = new(() => new RecordsDatabase(task.World));

    public Task<ToolObservation> CallToolAsync(string name, string argumentsJson, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var fails = faults.NextFails();
        var observation = name switch
        {
            RecordsEnvironment.LookupTool => Lookup(argumentsJson, fails),
            RecordsEnvironment.ListTool => List(argumentsJson, fails),
            _ => ToolObservation.Invalid("no such tool"),
        };
        return Task.FromResult(observation);
    }

    public EnvironmentScore Score(string finalAnswer)
        => finalAnswer.Trim() == task.Answer ? EnvironmentScore.Solved : EnvironmentScore.Unsolved;

    public void Dispose()
    {
        if (_database.IsValueCreated)
        {
            _database.Value.Dispose();
        }
    }

    private ToolObservation Lookup(string argumentsJson, bool fails)
    {
        if (!ToolArguments.TryRead(argumentsJson, ["field", "of"], out var values, out var problem))
        {
            return problem!;
        }

        if (Relation.Fields.FirstOrDefault(field => field.Word == values[0]) is not { } field)
        {
            return ToolObservation.Invalid("no such field");
        }

        return fails ? Busy() : Found(_database.Value.Lookup(field, values[1]));
    }

    private ToolObservation List(string argumentsJson, bool fails)
    {
        if (!ToolArguments.TryRead(argumentsJson, ["of"], out var values, out var problem))
        {
            return problem!;
        }

        return fails ? Busy() : Found(string.Join(' ', _database.Value.Residents(values[0])));
    }

    private static ToolObservation Busy() => ToolObservation.Transient("busy");

    private static ToolObservation Found(string? text)
        => string.IsNullOrEmpty(text) ? ToolObservation.Failed("no such record") : ToolObservation.Ok(text);
}
