using System.CommandLine;

namespace Forge.Cli.Terminal;

/// <summary>Holds the options that verbs with a run file share, so that they are spelled and explained alike everywhere.</summary>
internal sealed class RunSwitches
{
    public Option<FileInfo?> Run { get; } = new("--run", "-f") { Description = "The run file: one YAML file that describes the run.", HelpName = "file" };

    public Option<string[]> Set { get; } = new("--set")
    {
        Description = "Overrides one key of the run file, such as trainer.learning_rate=0.001. May be given several times.",
        HelpName = "key=value",
        DefaultValueFactory = _ => [],
    };

    public Option<ulong?> Seed { get; } = new("--seed") { Description = "Seeds everything that is drawn; shorthand for --set run.seed=N." };

    public Option<string?> Device { get; } = new("--device")
    {
        Description = "cpu or cuda, for rollout and trainer; shorthand for --set model.device=… --set rollout.device=….",
    };

    public Option<string?> RunDir { get; } = new("--run-dir")
    {
        Description = "The run's folder. Default: runs/NAME, numbered when it exists.",
        HelpName = "folder",
    };

    public Option<bool> Plain { get; } = new("--plain") { Description = "One line per event, also on a terminal." };

    public Option<bool> Json { get; } = new("--json") { Description = "JSON lines for machines." };

    public Option<bool> DryRun { get; } = new("--dry-run")
    {
        Description = "Checks the run file, prints it with every default filled in, and exits.",
    };

    public RunSwitches AddTo(Command command, bool hasRunDirectory)
    {
        foreach (var option in (Option[])[Run, Set, Seed, Device, .. hasRunDirectory ? [RunDir] : Array.Empty<Option>(), Plain, Json, DryRun])
        {
            command.Options.Add(option);
        }

        Device.AcceptOnlyFromAmong("cpu", "cuda");
        return this;
    }

    /// <summary>The overrides in the order in which they apply: shorthands first, so that an explicit --set wins.</summary>
    public IReadOnlyList<string> Overrides(ParseResult parsed, params (string Key, object? Value)[] shorthands)
    {
        (string Key, object? Value)[] common =
            [("run.seed", parsed.GetValue(Seed)), ("model.device", parsed.GetValue(Device)), ("rollout.device", parsed.GetValue(Device))];
        var given = common.Concat(shorthands).Where(pair => pair.Value is not null).Select(pair => $"{pair.Key}={pair.Value}");
        return [.. given, .. parsed.GetValue(Set) ?? []];
    }

    public OutputMode Output(ParseResult parsed)
        => parsed.GetValue(Json) ? OutputMode.Json
            : parsed.GetValue(Plain) || Console.IsOutputRedirected || Environment.GetEnvironmentVariable("TERM") is null or "dumb"
                ? OutputMode.Plain
            : OutputMode.Live;
}
