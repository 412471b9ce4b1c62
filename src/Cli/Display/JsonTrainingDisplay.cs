using System.Text.Json.Nodes;
using Forge.Core.Ring;

namespace Forge.Cli.Display;

/// <summary>Writes one JSON object per event: <c>{"event": "begin" | "phase" | "step" | "eval" | "note" | "end", …}</c>.</summary>
internal sealed class JsonTrainingDisplay(TextWriter output) : ITrainingDisplay
{
    private readonly Lock _lock = new();

    public void Begin(TrainingFacts facts) => Write(new JsonObject
    {
        ["event"] = "begin",
        ["run"] = facts.Name,
        ["directory"] = facts.Directory,
        ["environment"] = facts.Environment,
        ["policy"] = facts.Policy,
        ["device"] = facts.Device,
        ["seed"] = facts.Seed,
        ["first_step"] = facts.FirstStep,
        ["last_step"] = facts.LastStep,
    });

    public void Enter(string phase) => Write(new JsonObject { ["event"] = "phase", ["phase"] = phase });

    public void Write(long step, IReadOnlyDictionary<string, double> values) => Write(new JsonObject
    {
        ["event"] = "step",
        ["step"] = step,
        ["metrics"] = new JsonObject(values.Select(figure =>
            KeyValuePair.Create(figure.Key, double.IsFinite(figure.Value) ? (JsonNode?)figure.Value : null))),
    });

    public void Evaluated(long step, EvaluationReport report)
    {
        var json = SummaryJson.Of(report);
        json["event"] = "eval";
        json["step"] = step;
        Write(json);
    }

    public void Note(string text) => Write(new JsonObject { ["event"] = "note", ["text"] = text });

    public void End(TrainingSummary summary)
    {
        var json = SummaryJson.Of(summary);
        json["event"] = "end";
        Write(json);
    }

    public void Dispose() => output.Flush();

    private void Write(JsonObject json)
    {
        lock (_lock)
        {
            output.WriteLine(json.ToJsonString());
            output.Flush();
        }
    }
}
